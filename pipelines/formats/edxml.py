"""edXML messages and status messages (QCVN 102:2016/BTTTT, ``domain.md`` §1.5): one file is one row.

Attachments are counted and measured, never decoded or opened: a document inside one was not received.
Of faults only two are mended, both seen in real senders and told of in ``repairs``: text before the
prolog, and prefixes that nobody declared. Anything else that is not well-formed is refused.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import duckdb
import pyarrow as pa
from lxml import etree

from pipelines.domain.contracts import Contract
from pipelines.domain.errors import DataRefused
from pipelines.formats.headers import Header
from pipelines.formats.lines import UTF8

LARGEST = 128 * 2**20
DEEPEST = 32
LONGEST_TEXT = 2**20
MOST_ELEMENTS = 200_000
_START = re.compile(rb"<\?xml|<(?:\w+:)?edXML[\s>]")
_START_WITHIN = 4096
_MENDED = "NS_ERR_UNDEFINED_NAMESPACE"
_CONTENT = "contenttransferencoded"
_BASE64 = re.compile(r"[A-Za-z0-9+/]*={0,2}")
_DTD = b"<!DOCTYPE"
_CHUNK = 1 << 20
JUNK, PREFIX = "junk_before_prolog", "undeclared_prefix"

Fields = dict[str, str | None]


def read_edxml(
    connection: duckdb.DuckDBPyConnection, path: Path, contract: Contract, *, file_name: str, encoding: str
) -> Header:
    """Fill ``raw(rn, c0, …, kind)`` with the message, one cell for each column of the contract.

    Raises:
        DataRefused: no edXML, not well-formed, with a DTD, or beyond the limits on size, depth and length.
    """
    fields = read_message(path, file_name=file_name, encoding=encoding)
    names = [c.name for c in contract.columns]
    cells = {f"c{n}": pa.array([fields.get(name)], pa.string()) for n, name in enumerate(names)}
    connection.register("message", pa.table({"rn": pa.array([1], pa.int64()), **cells}))
    connection.execute("create table raw as select *, null::varchar as kind from message")
    connection.unregister("message")
    return Header(
        0, len(names), {n: i for i, n in enumerate(names)}, {c.name: c.label for c in contract.columns}, (), ()
    )


def read_message(path: Path, *, file_name: str, encoding: str = "utf-8") -> Fields:
    """The fields of one message or status message, by the columns of ``idesk.edxml``; lists as JSON text.

    Raises:
        DataRefused: as ``read_edxml``.
    """
    if path.stat().st_size > LARGEST:
        raise DataRefused(f"{file_name} is larger than {LARGEST >> 20} MiB, the limit of an edXML message.")
    if encoding not in UTF8:
        raise DataRefused(f"{file_name} is {encoding.upper()}; an edXML message is UTF-8.")
    repairs: list[str] = []
    with path.open("rb") as stream:
        _refuse_dtd(stream, file_name)
        if _skip_junk(stream):
            repairs.append(JUNK)
        root, undeclared = _parse(stream, file_name)
    if undeclared:
        repairs.append(PREFIX)
    header = _below(root, "edXMLEnvelope", "edXMLHeader", "MessageHeader")
    if _fold(root) != _folded("edXML") or header is None:
        raise DataRefused(
            f"{file_name} is no edXML message: it has no edXML/edXMLEnvelope/edXMLHeader/MessageHeader.",
            next_step="Ask the sender's software for the message as QCVN 102:2016 has it.",
        )
    fields = _status(header) if _text(header, "StatusCode") else _document(root, header)
    return {**fields, "repairs": ",".join(repairs) or None}


def _refuse_dtd(stream: BinaryIO, file_name: str) -> None:
    """Before the parser sees it: entities in attributes are expanded whatever it is told."""
    end = b""
    while chunk := stream.read(_CHUNK):
        if _DTD in end + chunk:
            raise DataRefused(f"{file_name} brings a DTD, which edXML has not; it was not read.")
        end = chunk[-len(_DTD) :]
    stream.seek(0)


def _skip_junk(stream: BinaryIO) -> bool:
    """Put the stream at the prolog, or at the root where there is none; whether anything but blanks was before it."""
    start = _START.search(stream.read(_START_WITHIN))
    at = start.start() if start else 0
    stream.seek(0)
    before = stream.read(at).removeprefix(b"\xef\xbb\xbf")
    return bool(before.strip()) and not before.lstrip().startswith(b"<")


def _parse(stream: BinaryIO, file_name: str) -> tuple[etree._Element, bool]:
    """The tree without what attachments hold, and whether prefixes were undeclared.

    ``recover`` lets the parser go on after a fault; then every fault it met must be of the kind that we mend.
    """
    events = etree.iterparse(
        stream,
        events=("start", "end"),
        recover=True,
        huge_tree=True,
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        encoding="utf-8",  # whatever the prolog says: in another encoding it could hide a DTD
        remove_comments=True,
        remove_pis=True,
    )
    depth = count = 0
    root: etree._Element | None = None
    try:
        for event, element in events:
            if event == "start":
                root = element if root is None else root
                depth, count = depth + 1, count + 1
                if depth > DEEPEST or count > MOST_ELEMENTS:
                    raise DataRefused(f"{file_name} nests deeper than {DEEPEST} or has over {MOST_ELEMENTS} elements.")
            else:
                depth -= 1
                _shorten(element, file_name)
    except (etree.XMLSyntaxError, ValueError, AssertionError) as error:
        raise _malformed(file_name, getattr(error, "lineno", None)) from error
    faults = [e for e in events.error_log if e.type_name != _MENDED]
    if root is None or faults:
        raise _malformed(file_name, faults[0].line if faults else None)
    return root, len(events.error_log) > 0


def _shorten(element: etree._Element, file_name: str) -> None:
    """Keep the size of an attachment in place of what it holds."""
    if _fold(element) == _CONTENT:
        element.text = str(_decoded_size(element.text or ""))
    elif len(element.text or "") > LONGEST_TEXT:
        raise DataRefused(f"{file_name}: <{_local(element)}> holds more than {LONGEST_TEXT} characters.")


def _decoded_size(text: str) -> int | str:
    """Bytes of a base64 text; empty for a text that is none."""
    packed = "".join(text.split())
    if len(packed) % 4 or not _BASE64.fullmatch(packed):
        return ""
    return len(packed) // 4 * 3 - packed[-2:].count("=")


def _malformed(file_name: str, line: int | None) -> DataRefused:
    at = f" (line {line})" if line else ""
    return DataRefused(f"{file_name} is not well-formed XML{at}.", next_step="Ask its sender for the message again.")


def _local(element: etree._Element) -> str:
    """Name without namespace and prefix, whether or not the prefix was declared."""
    return str(element.tag).rsplit("}", 1)[-1].rsplit(":", 1)[-1]


def _folded(name: str) -> str:
    """``OrganId``, ``OrganID`` and the printed decree's ``Organld`` (small L) are one name (domain.md §1.4)."""
    return name.casefold().replace("l", "i")


def _fold(element: etree._Element) -> str:
    return _folded(_local(element))


def _children(element: etree._Element | None, name: str) -> Iterator[etree._Element]:
    if element is not None:
        yield from (child for child in element if _fold(child) == _folded(name))


def _below(element: etree._Element | None, *path: str) -> etree._Element | None:
    for name in path:
        element = next(_children(element, name), None)
    return element


def _text(element: etree._Element | None, *path: str) -> str | None:
    """Text at a path; null for none, for blanks, and for the word ``null`` that a gateway writes."""
    found = _below(element, *path)
    text = (found.text or "").strip() if found is not None else ""
    return text if text and text.casefold() != "null" else None


def _listed(items: list[dict[str, Any]]) -> str:
    return json.dumps(items, ensure_ascii=False)


def _status(header: etree._Element) -> Fields:
    return {
        "kind": "status",
        **_sender(header),
        "status_code": _text(header, "StatusCode"),
        "status_text": _text(header, "Description"),
        "happened_at": _text(header, "Timestamp"),
        **_staff(_below(header, "StaffInfo")),
        **_responses(header),
    }


def _document(root: etree._Element, header: etree._Element) -> Fields:
    envelope = _below(root, "edXMLEnvelope", "edXMLHeader")
    traces = _below(envelope, "TraceHeaderList")
    business = _below(traces, "Bussiness")
    business = _below(traces, "Business") if business is None else business
    recipients = [
        {"agency_code": _text(to, "OrganId"), "agency_name": _text(to, "OrganName")} for to in _children(header, "To")
    ]
    steps = [
        {"agency_code": _text(t, "OrganId"), "passed_at": _text(t, "Timestamp")}
        for t in _children(traces, "TraceHeader")
    ]
    return {
        "kind": "document",
        **_sender(header),
        "document_id": _text(header, "DocumentId"),
        "code_number": _text(header, "Code", "CodeNumber"),
        "code_notation": _text(header, "Code", "CodeNotation"),
        "promulgated_on": _text(header, "PromulgationInfo", "PromulgationDate"),
        "document_type": _text(header, "DocumentType", "TypeName"),
        "subject": _text(header, "Subject"),
        "signer_name": _text(header, "SignerInfo", "FullName"),
        "signer_position": _text(header, "SignerInfo", "Position"),
        "due_on": _text(header, "DueDate"),
        "priority": _text(header, "OtherInfo", "Priority"),
        "steering_type": _text(header, "SteeringType"),
        "business_type": _text(business, "BussinessDocType") or _text(business, "BusinessDocType"),
        **_staff(_below(business, "StaffInfo")),
        **_responses(header),
        "recipients": _listed(recipients),
        "recipient_count": str(len(recipients)),
        "traces": _listed(steps),
        "is_signed": "true" if _text(envelope, "Signature", "SignatureValue") else "false",
        **_attachments(root),
    }


def _sender(header: etree._Element) -> Fields:
    sender = _below(header, "From")
    return {
        "sender_agency_code": _text(sender, "OrganId"),
        "sender_agency_name": _text(sender, "OrganName"),
    }


def _staff(staff: etree._Element | None) -> Fields:
    return {
        "staff_name": _text(staff, "Staff"),
        "staff_department": _text(staff, "Department"),
        "staff_email": _text(staff, "Email"),
        "staff_phone": _text(staff, "Mobile"),
    }


def _responses(header: etree._Element) -> Fields:
    """The documents that a message answers or tells of; an empty ``ResponseFor`` is none."""
    found = [
        {
            "agency_code": _text(r, "OrganId"),
            "document_symbol": _text(r, "Code"),
            "promulgated_on": _text(r, "PromulgationDate"),
            "document_id": _text(r, "DocumentId"),
        }
        for r in _children(header, "ResponseFor")
    ]
    filled = [r for r in found if any(r.values())]
    first = filled[0] if filled else {}
    return {
        "response_agency_code": first.get("agency_code"),
        "response_symbol": first.get("document_symbol"),
        "response_promulgated_on": first.get("promulgated_on"),
        "response_document_id": first.get("document_id"),
        "response_count": str(len(filled)),
        "responses": _listed(filled),
    }


def _attachments(root: etree._Element) -> Fields:
    """What is attached, by name, type and size in bytes; the manifest's entries where nothing is."""
    encoded = list(_children(_below(root, "AttachmentEncoded"), "Attachment"))
    manifest = list(_children(_below(root, "edXMLEnvelope", "edXMLBody", "edXMLManifest"), "Reference"))
    items = [
        {
            "file_name": _text(a, "AttachmentName"),
            "content_type": _text(a, "ContentType"),
            "size_bytes": _text(a, "ContentTransferEncoded"),
        }
        for a in encoded or manifest
    ]
    return {"attachments": _listed(items), "attachment_count": str(len(items))}
