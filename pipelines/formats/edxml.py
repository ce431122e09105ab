"""edXML messages and status messages (QCVN 102:2016/BTTTT, ``domain.md`` §1.5): one file is one row.

Attachments are counted and measured, never decoded or opened: a document inside one was not received.
Of faults only two are mended, both seen in real senders and told of in ``repairs``: text before the
prolog, and prefixes that nobody declared. Anything else that is not well-formed is refused.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from lxml import etree

from pipelines.domain.contracts import Contract
from pipelines.domain.errors import DataRefused
from pipelines.formats.edxml_tree import below, children, folded, name_of, parse, refuse_dtd, skip_junk, text_at
from pipelines.formats.headers import Header
from pipelines.formats.lines import UTF8

LARGEST = 128 * 2**20
JUNK, PREFIX = "junk_before_prolog", "undeclared_prefix"

# Root and the way from it to what holds MessageHeader: QCVN 102:2016; the guides of some provincial axes, without a
# frame; and the messages in SOAP that came before QCVN 102.
_ENVELOPES = (
    ("edXML", "edXMLEnvelope", "edXMLHeader"),
    ("edXMLEnvelope", "edXMLHeader"),
    ("edXMLEnvelope",),
    ("Envelope", "Header"),
)
_MANIFESTS = (("edXMLEnvelope", "edXMLBody", "edXMLManifest"), ("edXMLBody", "edXMLManifest"), ("Body", "Manifest"))

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
        raise DataRefused(
            f"{file_name} is larger than {LARGEST >> 20} MiB, the limit of an edXML message.",
            next_step="Send large attachments apart from the message.",
        )
    if encoding not in UTF8:
        raise DataRefused(
            f"{file_name} is {encoding.upper()}; an edXML message is UTF-8.", next_step="Ask for the message as UTF-8."
        )
    repairs: list[str] = []
    with path.open("rb") as stream:
        refuse_dtd(stream, file_name)
        if skip_junk(stream):
            repairs.append(JUNK)
        root, undeclared = parse(stream, file_name)
    if undeclared:
        repairs.append(PREFIX)
    envelope = _envelope(root)
    header = below(envelope, "MessageHeader")
    if envelope is None or header is None:
        raise DataRefused(
            f"{file_name} is no edXML message: it has no edXML/edXMLEnvelope/edXMLHeader/MessageHeader.",
            next_step="Ask the sender's software for the message as QCVN 102:2016 has it.",
        )
    fields = _status(header) if text_at(header, "StatusCode") else _document(root, envelope, header)
    return {**fields, "repairs": ",".join(repairs) or None}


def _envelope(root: etree._Element) -> etree._Element | None:
    """What holds the header of the message, as the three ways of writing have it; None: it is none of them."""
    for name, *path in _ENVELOPES:
        found = below(root, *path) if name_of(root) == folded(name) else None
        if found is not None and below(found, "MessageHeader") is not None:
            return found
    return None


def _listed(items: list[dict[str, Any]]) -> str:
    return json.dumps(items, ensure_ascii=False)


def _status(header: etree._Element) -> Fields:
    return {
        "kind": "status",
        **_sender(header),
        "status_code": text_at(header, "StatusCode"),
        "status_text": text_at(header, "Description"),
        "happened_at": text_at(header, "Timestamp"),
        **_staff(below(header, "StaffInfo")),
        **_responses(header),
    }


def _document(root: etree._Element, envelope: etree._Element, header: etree._Element) -> Fields:
    traces = below(envelope, "TraceHeaderList")
    business = below(traces, "Bussiness")
    business = below(traces, "Business") if business is None else business
    recipients = [
        {"agency_code": text_at(to, "OrganId"), "agency_name": text_at(to, "OrganName")}
        for to in children(header, "To")
    ]
    steps = [
        {"agency_code": text_at(t, "OrganId"), "passed_at": text_at(t, "Timestamp")}
        for t in children(traces, "TraceHeader")
    ]
    return {
        "kind": "document",
        **_sender(header),
        "document_id": text_at(header, "DocumentId"),
        "code_number": text_at(header, "Code", "CodeNumber"),
        "code_notation": text_at(header, "Code", "CodeNotation"),
        "promulgated_on": text_at(header, "PromulgationInfo", "PromulgationDate"),
        "document_type": text_at(header, "DocumentType", "TypeName"),
        "subject": text_at(header, "Subject"),
        "signer_name": text_at(header, "SignerInfo", "FullName"),
        "signer_position": text_at(header, "SignerInfo", "Position"),
        "due_on": text_at(header, "DueDate"),
        "priority": text_at(header, "OtherInfo", "Priority"),
        "steering_type": text_at(header, "SteeringType"),
        "business_type": text_at(business, "BussinessDocType") or text_at(business, "BusinessDocType"),
        **_staff(below(business, "StaffInfo")),
        **_responses(header),
        "recipients": _listed(recipients),
        "recipient_count": str(len(recipients)),
        "traces": _listed(steps),
        "is_signed": "true" if text_at(envelope, "Signature", "SignatureValue") else "false",
        **_attachments(root),
    }


def _sender(header: etree._Element) -> Fields:
    sender = below(header, "From")
    return {
        "sender_agency_code": text_at(sender, "OrganId"),
        "sender_agency_name": text_at(sender, "OrganName"),
    }


def _staff(staff: etree._Element | None) -> Fields:
    return {
        "staff_name": text_at(staff, "Staff"),
        "staff_department": text_at(staff, "Department"),
        "staff_email": text_at(staff, "Email"),
        "staff_phone": text_at(staff, "Mobile"),
    }


def _responses(header: etree._Element) -> Fields:
    """The documents that a message answers or tells of; an empty ``ResponseFor`` is none."""
    found = [
        {
            "agency_code": text_at(r, "OrganId"),
            "document_symbol": text_at(r, "Code"),
            "promulgated_on": text_at(r, "PromulgationDate"),
            "document_id": text_at(r, "DocumentId"),
        }
        for r in children(header, "ResponseFor")
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
    encoded = [*children(below(root, "AttachmentEncoded"), "Attachment"), *children(root, "Attachment")]
    manifest = [r for path in _MANIFESTS for r in children(below(root, *path), "Reference")]
    items = [
        {
            "file_name": text_at(a, "AttachmentName") or text_at(a, "FileName"),
            "content_type": text_at(a, "ContentType") or text_at(a, "FileType"),
            "size_bytes": text_at(a, "ContentTransferEncoded") or text_at(a, "Content"),
        }
        for a in encoded or manifest
    ]
    return {"attachments": _listed(items), "attachment_count": str(len(items))}
