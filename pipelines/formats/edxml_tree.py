"""The XML of an edXML message as a tree: no DTD, no network, limits on depth and length, attachments as their sizes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from lxml import etree

from pipelines.domain.errors import DataRefused

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


def refuse_dtd(stream: BinaryIO, file_name: str) -> None:
    """Before the parser sees it: entities in attributes are expanded whatever it is told."""
    end = b""
    while chunk := stream.read(_CHUNK):
        if _DTD in end + chunk:
            raise DataRefused(
                f"{file_name} brings a DTD, which edXML has not; it was not read.",
                next_step="Ask the sender for the message without it.",
            )
        end = chunk[-len(_DTD) :]
    stream.seek(0)


def skip_junk(stream: BinaryIO) -> bool:
    """Put the stream at the prolog, or at the root where there is none; whether anything but blanks was before it."""
    start = _START.search(stream.read(_START_WITHIN))
    at = start.start() if start else 0
    stream.seek(0)
    before = stream.read(at).removeprefix(b"\xef\xbb\xbf")
    return bool(before.strip()) and not before.lstrip().startswith(b"<")


def parse(stream: BinaryIO, file_name: str) -> tuple[etree._Element, bool]:
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
                    raise DataRefused(
                        f"{file_name} nests deeper than {DEEPEST} or has over {MOST_ELEMENTS} elements.",
                        next_step="Ask the sender whether the message is meant like this.",
                    )
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
    parent = element.getparent()
    name = name_of(element)
    if name == _CONTENT or (name == "content" and parent is not None and name_of(parent) == "attachment"):
        element.text = str(_decoded_size(element.text or ""))
    elif len(element.text or "") > LONGEST_TEXT:
        raise DataRefused(
            f"{file_name}: <{_local(element)}> holds more than {LONGEST_TEXT} characters.",
            next_step="Ask the sender whether the message is meant like this.",
        )


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


def folded(name: str) -> str:
    """``OrganId``, ``OrganID`` and the printed decree's ``Organld`` (small L) are one name (domain.md §1.4)."""
    return name.casefold().replace("l", "i")


def name_of(element: etree._Element) -> str:
    """Folded name of an element, without namespace and prefix."""
    return folded(_local(element))


def children(element: etree._Element | None, name: str) -> Iterator[etree._Element]:
    """The children of a name; none of none."""
    if element is not None:
        yield from (child for child in element if name_of(child) == folded(name))


def below(element: etree._Element | None, *path: str) -> etree._Element | None:
    """The first element at a path; None where there is none."""
    for name in path:
        element = next(children(element, name), None)
    return element


def text_at(element: etree._Element | None, *path: str) -> str | None:
    """Text at a path; null for none, for blanks, and for the word ``null`` that a gateway writes."""
    found = below(element, *path)
    text = (found.text or "").strip() if found is not None else ""
    return text if text and text.casefold() != "null" else None
