"""What a file is, by its content and never by its name alone."""

from __future__ import annotations

import codecs
import csv
import io
import itertools
import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from pipelines.domain.errors import DataRefused
from pipelines.formats.documents import refuse_document
from pipelines.formats.encodings import CODEC, UNICODE, byte_evidence, font_of_text

_HEAD = 1 << 18
_DELIMITERS = (",", ";", "\t", "|")
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_WIDE_FONTS = ("utf-8-tcvn3", "utf-8-vni", "utf-16-tcvn3", "utf-16-vni")
_CONTROL = re.compile(r"[\0-\x08\x0e-\x1f]")
_STAMPED_LINE = re.compile(r"^(<\d+>)?([A-Z][a-z]{2} [ \d]\d|\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d)", re.MULTILINE)
_JSON = re.compile(r"\s*(\{\s*[\"}]|\[\s*[\[{\]])")
_EDXML = re.compile(
    r"<(\w+:)?edXML(Envelope)?[\s>]"
    r"|<([\w-]+:)?Envelope\s[^>]*>\s*<([\w-]+:)?Header[^>]*>\s*<(\w+:)?MessageHeader\b",
    re.IGNORECASE,
)
_ROOT_WITHIN = 4096
_MOST_ODD = 0.05
_XML_SHEET = re.compile(r"<(\w+:)?Workbook\s[^>]*urn:schemas-microsoft-com:office:spreadsheet")
_TABLE = re.compile(r"<table[\s>]", re.IGNORECASE)
_LEAST_MARKUP = re.compile(r"\s*<(!doctype\s+html|html|head|meta|style|body|table|div|!--|\?xml)", re.IGNORECASE)
_SHEETS = ((b"PK\x03\x04", "zip"), (b"\xd0\xcf\x11\xe0", "ole"))


@dataclass(frozen=True)
class Sniffed:
    """Format family, and for text its encoding, delimiter and whether a ``sep=`` line comes first."""

    family: str
    encoding: str = "utf-8"
    delimiter: str = ","
    has_separator_line: bool = False
    head: str = ""


def sniff(path: Path, *, file_name: str, encoding: str | None = None) -> Sniffed:
    """Look at the first bytes.

    Args:
        path: the bytes.
        file_name: what the file is called.
        encoding: of text, when the contract sets it; otherwise it is known by evidence or refused.

    Returns:
        family ``spreadsheet``, ``html`` (a table that is called a sheet), ``xml_sheet`` (the XML of Excel 2003),
        ``json``, ``edxml`` or ``text``.

    Raises:
        DataRefused: empty, a document or picture, binary, or text in an encoding that is not known for sure.
    """
    with path.open("rb") as stream:
        head = stream.read(_HEAD)
    if not head.strip():
        raise DataRefused(f"{file_name} is empty.", next_step="Ask its owner for the export again.")
    refuse_document(path, head, file_name=file_name)
    if any(head.startswith(magic) for magic, _ in _SHEETS):
        return Sniffed("spreadsheet")
    encoding, text = _read_text(head, encoding, file_name)
    if _is_edxml(text):
        return Sniffed("edxml", encoding, head=text)
    if _is_json(text):
        return Sniffed("json", encoding, head=text)
    if _LEAST_MARKUP.match(text.lstrip("\ufeff")):
        if _XML_SHEET.search(text[:_ROOT_WITHIN]):
            return Sniffed("xml_sheet", encoding, head=text)
        if _TABLE.search(text) or _has_table(path, encoding):
            return Sniffed("html", encoding, head=text)
    separator = text.split("\n", 1)[0].strip()
    if separator.lower().startswith("sep=") and len(separator) == 5:
        return Sniffed("text", encoding, separator[4], has_separator_line=True, head=text)
    return Sniffed("text", encoding, _delimiter(text), head=text)


def _has_table(path: Path, encoding: str) -> bool:
    """Whether a page has a table further on, after its styles and scripts."""
    last = ""
    with path.open(encoding=encoding, errors="replace", newline="") as stream:
        while chunk := stream.read(_HEAD):
            if _TABLE.search(last + chunk):
                return True
            last = chunk[-8:]
    return False


def _is_edxml(text: str) -> bool:
    """The root element of QCVN 102:2016 (domain.md §1.5), or of messages before it, after at most a prolog and junk."""
    return _EDXML.search(text[:_ROOT_WITHIN]) is not None


def _is_json(text: str) -> bool:
    """An object or a list of them at the start, or lines most of which look like objects."""
    if _JSON.match(text):
        return True
    lines = [line.strip() for line in text.splitlines()[:20] if line.strip()]
    objects = sum(line.startswith('{"') and line.endswith("}") for line in lines)
    return objects * 2 > len(lines)


def _read_text(head: bytes, told: str | None, file_name: str) -> tuple[str, str]:
    """The encoding, as Python opens it, and the text of the first bytes."""
    mark = next((name for mark, name in _MARKS if head.startswith(mark)), None)
    wide = mark or _utf_16_without_mark(head, file_name)
    if told in CODEC:
        fonted = f"{(wide or 'utf-8').removesuffix('-sig')}-{told}"
        codec = fonted if fonted in _WIDE_FONTS and (wide or _is_utf_8(head)) else CODEC[told]
        return codec, _decode(head, codec, file_name)
    encoding = wide or "utf-8"
    try:
        text = _decode(head, encoding, file_name)
    except DataRefused:
        found = None if told or wide else byte_evidence(head)
        if found is None or found.encoding is None:
            if not wide and _is_log_with_odd_lines(head):
                return encoding, head.decode("utf-8", errors="replace")
            raise
        encoding = CODEC[found.encoding]
        return encoding, _decode(head, encoding, file_name)
    font = UNICODE if told else font_of_text(text)
    fonted = f"{encoding.removesuffix('-sig')}-{font}"
    return (fonted, _decode(head, fonted, file_name)) if fonted in _WIDE_FONTS else (encoding, text)


def _is_utf_8(head: bytes) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head, final=len(head) < _HEAD)
    except UnicodeDecodeError:
        return False
    return not head.isascii()


def _utf_16_without_mark(head: bytes, file_name: str) -> str | None:
    if b"\0" not in head:
        return None
    for encoding, zeros in (("utf-16-le", head[1::2]), ("utf-16-be", head[::2])):
        text = head[: len(head) // 2 * 2].decode(encoding, errors="replace")
        if zeros.count(0) > len(zeros) * 0.4 and not _CONTROL.search(text):
            return encoding
    if _is_log_with_holes(head):
        return None
    raise DataRefused(
        f"{file_name} is not text, and no kind of sheet that we know.",
        next_step="Export it as CSV, XLSX or JSON; `cchc inspect FILE` says what is known of it.",
    )


def _is_log_with_holes(head: bytes) -> bool:
    """Lines that begin with a moment, and zeros: a log whose server lost power or that was cut while it was written."""
    text = head.replace(b"\0", b"").decode("utf-8", errors="replace")
    return _STAMPED_LINE.search(text) is not None and not _CONTROL.search(text)


def _is_log_with_odd_lines(head: bytes) -> bool:
    """Lines that begin with a moment, hardly any with bytes that are no text: what clients sent came into a log."""
    text = head.decode("utf-8", errors="replace")
    lines = text.split("\n")
    odd = sum("\ufffd" in line for line in lines)
    return odd <= max(1, len(lines) * _MOST_ODD) and _STAMPED_LINE.search(text) is not None


def _decode(head: bytes, encoding: str, file_name: str) -> str:
    """The text of the first bytes; a letter that is cut off at their end is left out."""
    try:
        return codecs.getincrementaldecoder(encoding)().decode(head, final=len(head) < _HEAD)
    except UnicodeDecodeError as error:
        place = error.start + len(head) - len(error.object)
        evidence = f" ({byte_evidence(head)})" if encoding.startswith("utf-8") else ""
        raise DataRefused(
            f"{file_name} is not {encoding.upper()}: byte {place} is 0x{head[place]:02X}. "
            f"Its encoding is not known for sure, so it was not guessed{evidence}.",
            next_step="Export it as UTF-8, or set `encoding` in the contract.",
        ) from error


def _delimiter(text: str) -> str:
    """The sign that splits the first records into most cells."""
    lines = text.splitlines()[:20]
    return max(_DELIMITERS, key=lambda d: max((line.count(d) for line in lines), default=0))


def first_records(sniffed: Sniffed, limit: int) -> list[list[str]]:
    """The first records of delimited text, the ``sep=`` line and empty lines included."""
    reader = csv.reader(io.StringIO(sniffed.head, newline=""), delimiter=sniffed.delimiter)
    records: list[list[str]] = []
    with suppress(csv.Error):
        records.extend(itertools.islice(reader, limit))
    return records
