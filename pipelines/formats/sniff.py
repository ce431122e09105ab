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

_HEAD = 1 << 18
_DELIMITERS = (",", ";", "\t", "|")
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_CONTROL = re.compile(r"[\0-\x08\x0e-\x1f]")
_JSON = re.compile(r"\s*(\{\s*[\"}]|\[\s*[\[{\]])")
_EDXML = re.compile(r"<(\w+:)?edXML[\s>]")
_ROOT_WITHIN = 4096
_SHEETS = ((b"PK\x03\x04", "zip"), (b"\xd0\xcf\x11\xe0", "ole"))


@dataclass(frozen=True)
class Sniffed:
    """Format family, and for text its encoding, delimiter and whether a ``sep=`` line comes first."""

    family: str
    encoding: str = "utf-8"
    delimiter: str = ","
    has_separator_line: bool = False
    head: str = ""


def sniff(path: Path, *, file_name: str) -> Sniffed:
    """Look at the first bytes.

    Returns:
        family ``spreadsheet``, ``json``, ``edxml`` or ``text``.

    Raises:
        DataRefused: empty, binary, or text in an encoding that is not known for sure.
    """
    with path.open("rb") as stream:
        head = stream.read(_HEAD)
    if not head.strip():
        raise DataRefused(f"{file_name} is empty.", next_step="Ask its owner for the export again.")
    if any(head.startswith(magic) for magic, _ in _SHEETS):
        return Sniffed("spreadsheet")
    encoding = next((name for mark, name in _MARKS if head.startswith(mark)), None)
    if encoding is None:
        encoding = _without_mark(head, file_name)
    text = _decode(head, encoding, file_name)
    if _is_edxml(text):
        return Sniffed("edxml", encoding, head=text)
    if _is_json(text):
        return Sniffed("json", encoding, head=text)
    separator = text.split("\n", 1)[0].strip()
    if separator.lower().startswith("sep=") and len(separator) == 5:
        return Sniffed("text", encoding, separator[4], has_separator_line=True, head=text)
    return Sniffed("text", encoding, _delimiter(text), head=text)


def _is_edxml(text: str) -> bool:
    """The root element of QCVN 102:2016 (domain.md §1.5), after at most a prolog and what was put before it."""
    return _EDXML.search(text[:_ROOT_WITHIN]) is not None


def _is_json(text: str) -> bool:
    """An object or a list of them at the start, or lines most of which look like objects."""
    if _JSON.match(text):
        return True
    lines = [line.strip() for line in text.splitlines()[:20] if line.strip()]
    objects = sum(line.startswith('{"') and line.endswith("}") for line in lines)
    return objects * 2 > len(lines)


def _without_mark(head: bytes, file_name: str) -> str:
    if b"\0" in head:
        for encoding, zeros in (("utf-16-le", head[1::2]), ("utf-16-be", head[::2])):
            text = head[: len(head) // 2 * 2].decode(encoding, errors="replace")
            if zeros.count(0) > len(zeros) * 0.4 and not _CONTROL.search(text):
                return encoding
        raise DataRefused(f"{file_name} is not text, and no kind of sheet that we know.")
    return "utf-8"


def _decode(head: bytes, encoding: str, file_name: str) -> str:
    """The text of the first bytes; a letter that is cut off at their end is left out."""
    try:
        return codecs.getincrementaldecoder(encoding)().decode(head, final=len(head) < _HEAD)
    except UnicodeDecodeError as error:
        place = error.start + len(head) - len(error.object)
        raise DataRefused(
            f"{file_name} is not {encoding.upper()}: byte {place} is 0x{head[place]:02X}. "
            "Its encoding is not known for sure, so it was not guessed.",
            next_step="Export it as UTF-8.",
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
