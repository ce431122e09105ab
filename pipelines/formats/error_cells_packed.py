"""Cells whose formula failed in an ``.xlsb`` and an ``.ods``, which the library reads as empty or as 0.

The records of ``.xlsb`` are those of [MS-XLSB]; LibreOffice marks such cells in an ``.ods`` (``calcext:value-type``),
OpenOffice only shows them. What it calls ``Err:502`` is ``#VALUE!`` here.
"""

from __future__ import annotations

import re
import struct
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from lxml import etree

from pipelines.formats.error_cells import BY_CODE, ERROR_TEXTS, Errors, counted

_ROW, _ERROR, _FORMULA_ERROR, _SHEET = 0x00, 0x03, 0x0B, 0x9C
_MOST_BYTES = 1 << 28
_CODES = b"[\x00\x07\x0f\x17\x1d\x24\x2a]"
# Kind, length, column (of 16,384), style and flags, error: a sheet without such bytes is not walked.
_XLSB_MARK = re.compile(
    b"(?:\x03\x09|\x0b[\x00-\x7f]|\x0b[\x80-\xff][\x00-\x7f])[\\s\\S][\x00-\x3f]\x00\x00[\\s\\S]{4}" + _CODES
)
_CHUNK = 1 << 20

_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}p"
_SHOWN = "|".join(map(re.escape, ERROR_TEXTS)) + r"|Err:\d{3}"
_MARK = re.compile(rf'calcext:value-type="error"|>(?:{_SHOWN})<'.encode())
_CELLS = (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell")
_BROKEN = (zipfile.BadZipFile, KeyError, OSError, EOFError, RuntimeError, ValueError, IndexError, struct.error)


def xlsb_errors(path: Path, name: str, *, file_name: str) -> Errors:
    """The error cells of one sheet of an ``.xlsb``.

    Raises:
        DataRefused: there are more than half a million.
    """
    try:
        with zipfile.ZipFile(path) as book:
            part = _part_of(book, name)
            if part is None:
                return {}
            return _of_xlsb_part(_whole(book, part), file_name)
    except _BROKEN:
        return {}  # what is broken is for the reader of the cells to refuse


def _part_of(book: zipfile.ZipFile, name: str) -> str | None:
    data = _whole(book, "xl/workbook.bin")
    links = dict(_named_link(data[start:end]) for kind, start, end in _records(data) if kind == _SHEET)
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    relations = etree.fromstring(_whole(book, "xl/_rels/workbook.bin.rels"), parser)
    targets = {r.get("Id"): r.get("Target") for r in relations}
    target = targets.get(links.get(name))
    return None if not target else target.lstrip("/") if target.startswith("/") else f"xl/{target}"


def _whole(book: zipfile.ZipFile, part: str) -> bytes:
    if book.getinfo(part).file_size > _MOST_BYTES:
        raise ValueError(f"{part} is too large to be looked through")
    return book.read(part)


def _named_link(body: bytes) -> tuple[str, str]:
    """Name and link of a sheet: both texts stand after its state and number."""
    link, after = _text(body, 8)
    return _text(body, after)[0], link


def _text(body: bytes, start: int) -> tuple[str, int]:
    (length,) = struct.unpack_from("<I", body, start)
    end = start + 4 + 2 * length
    return body[start + 4 : end].decode("utf-16-le"), end


def _records(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Kind, start and end of the content of each record; kind and length are written in seven bits a byte."""
    at, size = 0, len(data)
    while at + 1 < size:
        kind = data[at]
        at += 1
        if kind > 0x7F:
            kind = (kind & 0x7F) | data[at] << 7
            at += 1
        length = data[at]
        at += 1
        if length > 0x7F:
            length, shift = length & 0x7F, 7
            while shift < 28:
                part = data[at]
                at += 1
                length |= (part & 0x7F) << shift
                shift += 7
                if part < 0x80:
                    break
        yield kind, at, at + length
        at += length


def _of_xlsb_part(data: bytes, file_name: str) -> Errors:
    errors: Errors = {}
    row = count = 0
    if not _XLSB_MARK.search(data):
        return errors
    for kind, start, end in _records(data):
        if kind == _ROW:
            (row,) = struct.unpack_from("<I", data, start)
        elif kind in (_ERROR, _FORMULA_ERROR) and end - start > 8 and data[start + 8] in BY_CODE:
            (column,) = struct.unpack_from("<I", data, start)
            errors.setdefault(row, {})[column] = BY_CODE[data[start + 8]]
            count = counted(count, file_name)
    return errors


def ods_errors(path: Path, *, file_name: str) -> dict[str, Errors]:
    """The error cells of each sheet of an ``.ods`` by name; none where none is marked or shown.

    Raises:
        DataRefused: there are more than half a million.
    """
    try:
        with zipfile.ZipFile(path) as book:
            with book.open("content.xml") as stream:
                if not _has_mark(stream):
                    return {}
            with book.open("content.xml") as stream:
                return _of_content(stream, file_name)
    except (*_BROKEN, etree.XMLSyntaxError):
        return {}


def _has_mark(stream: IO[bytes]) -> bool:
    tail = b""
    while chunk := stream.read(_CHUNK):
        if _MARK.search(tail + chunk):
            return True
        tail = chunk[-40:]
    return False


def _of_content(stream: IO[bytes], file_name: str) -> dict[str, Errors]:
    found: dict[str, Errors] = {}
    name, row, count = "", 0, 0
    tags = (f"{_TABLE}table", f"{_TABLE}table-row")
    for event, element in etree.iterparse(
        stream, events=("start", "end"), tag=tags, resolve_entities=False, no_network=True
    ):
        if element.tag == tags[0]:
            if event == "start":
                name, row = element.get(f"{_TABLE}name") or "", 0
        elif event == "end":
            for column, shown in _failed(element):
                found.setdefault(name, {}).setdefault(row, {})[column] = shown
                count = counted(count, file_name)
            row += _repeated(element, "rows")
            element.clear()
    return found


def _failed(row: Any) -> Iterator[tuple[int, str]]:
    """Column and text of each cell of a row that shows an error; a cell that is repeated shows it once."""
    column = 0
    for cell in row.iterchildren(*_CELLS):
        text = "".join(p for p in ("".join(t.itertext()) for t in cell.iterchildren(_TEXT)) if p)
        is_formula = cell.get(f"{_TABLE}formula") is not None or any(v == "error" for v in cell.attrib.values())
        if is_formula and re.fullmatch(_SHOWN, text):
            yield column, "#VALUE!" if text.startswith("Err:") else text
        column += _repeated(cell, "columns")


def _repeated(element: Any, what: str) -> int:
    told = element.get(f"{_TABLE}number-{what}-repeated") or "1"
    return int(told) if told.isdecimal() and len(told) < 9 else 1
