"""Cells whose formula failed: the library reads them as empty, a person sees ``#DIV/0!``.

A file is looked through for the marks of such cells first; only one that has them is walked cell by cell.
"""

from __future__ import annotations

import re
import struct
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from lxml import etree

from pipelines.domain.errors import DataRefused
from pipelines.formats.ole_stream import ole_stream

# Row (from 0) to column (from 0) to what the cell shows.
Errors = dict[int, dict[int, str]]

BY_CODE = {
    0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A",
}  # fmt: skip
ERROR_TEXTS = tuple(BY_CODE.values())
_MOST = 500_000
_MOST_BYTES = 1 << 28
_CHUNK = 1 << 20
_LONGEST_CELL = 8 << 20

_BOUNDSHEET, _FORMULA, _BOOL_OR_ERROR, _EOF, _PROTECTED = 0x85, 0x06, 0x205, 0x0A, 0x2F
_BOF = (0x09, 0x209, 0x409, 0x809)
_CODES = b"[\x00\x07\x0f\x17\x1d\x24\x2a]"
_MARK = re.compile(rb"\x02[\s\S]" + _CODES + rb"[\s\S]{3}\xff\xff|\x05\x02\x08\x00[\s\S]{6}" + _CODES + rb"\x01")

_MOST_XML = 1 << 24
_MARKS = (b't="e"', b"t='e'")
_TYPE_ERROR = re.compile(rb"""\st=["']e["']""")
_PLACE = re.compile(rb"""\sr=["']([A-Z]{1,3})(\d{1,7})["']""")
_VALUE = re.compile(rb"<(?:\w+:)?v>(#[^<]{1,20})<")
_END = re.compile(rb"</(?:\w+:)?c>")


def xls_errors(path: Path, *, file_name: str) -> list[Errors]:
    """The error cells of each sheet of an ``.xls`` in order; empty when it has none, or is protected.

    Raises:
        DataRefused: there are more than half a million.
    """
    stream = ole_stream(path, ("Workbook", "Book"), most=_MOST_BYTES)
    if not _MARK.search(stream):
        return []
    starts: list[int] = []
    for kind, body in _records(stream, 0):
        if kind == _PROTECTED:
            return []
        if kind == _BOUNDSHEET and len(body) >= 4:
            starts.append(struct.unpack_from("<I", body)[0])
    return [_of_xls_sheet(stream, start, file_name) for start in starts]


def _records(stream: bytes, start: int) -> Iterator[tuple[int, bytes]]:
    """The records of a part of the stream to its end; what is embedded in it is passed over."""
    depth = 0
    while start + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, start)
        depth += (kind in _BOF) - (kind == _EOF)
        if kind == _EOF and depth <= 0:
            return
        if depth == 1:
            yield kind, stream[start + 4 : start + 4 + length]
        start += 4 + length


def _of_xls_sheet(stream: bytes, start: int, file_name: str) -> Errors:
    errors: Errors = {}
    count = 0
    for kind, body in _records(stream, start):
        code = None
        if kind == _FORMULA and len(body) >= 14 and body[6] == 2 and body[12:14] == b"\xff\xff":
            code = body[8]
        elif kind == _BOOL_OR_ERROR and len(body) >= 8 and body[7] == 1:
            code = body[6]
        if code in BY_CODE:
            row, column = struct.unpack_from("<HH", body)
            errors.setdefault(row, {})[column] = BY_CODE[code]
            count = counted(count, file_name)
    return errors


def xlsx_errors(path: Path, name: str, *, file_name: str) -> Errors:
    """The error cells of one sheet of an ``.xlsx``.

    Raises:
        DataRefused: there are more than half a million.
    """
    try:
        with zipfile.ZipFile(path) as book:
            part = _part_of(book, name)
            if part is None or not _has_errors(book, part):
                return {}
            return _of_part(book, part, file_name)
    except (zipfile.BadZipFile, KeyError, OSError, EOFError, RuntimeError, ValueError, etree.XMLSyntaxError):
        return {}  # what is broken is for the reader of the cells to refuse


def _part_of(book: zipfile.ZipFile, name: str) -> str | None:
    """Where a sheet lies in the package."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    sheets = etree.fromstring(_small(book, "xl/workbook.xml"), parser).iter("{*}sheet")
    named = next((s for s in sheets if s.get("name") == name), None)
    attributes = named.attrib.items() if named is not None else ()
    link = next((value for key, value in attributes if str(key).endswith("}id")), None)
    links = etree.fromstring(_small(book, "xl/_rels/workbook.xml.rels"), parser)
    target = next((r.get("Target") for r in links if link is not None and r.get("Id") == link), None)
    if not target:
        return None
    return target.lstrip("/") if target.startswith("/") else str(PurePosixPath("xl") / target)


def _small(book: zipfile.ZipFile, part: str) -> bytes:
    """A part that only lists others."""
    if book.getinfo(part).file_size > _MOST_XML:
        raise ValueError(f"{part} is too large for a list of sheets")
    return book.read(part)


def _has_errors(book: zipfile.ZipFile, part: str) -> bool:
    tail = b""
    with book.open(part) as stream:
        while chunk := stream.read(_CHUNK):
            piece = tail + chunk
            if any(mark in piece for mark in _MARKS):
                return True
            tail = chunk[-8:]
    return False


def _of_part(book: zipfile.ZipFile, part: str, file_name: str) -> Errors:
    errors: Errors = {}
    count = 0
    rest = b""
    with book.open(part) as stream:
        while chunk := stream.read(_CHUNK):
            text, rest = rest + chunk, b""
            for found in _TYPE_ERROR.finditer(text):
                start, end = text.rfind(b"<", 0, found.start()), _END.search(text, found.end())
                if end is None:  # the cell is cut off and goes on in the next piece
                    rest = text[start:]
                    break
                place, value = _PLACE.search(text, start, end.start()), _VALUE.search(text, start, end.start() + 1)
                if place and value:
                    shown = value[1].decode("ascii", "replace")
                    errors.setdefault(int(place[2]) - 1, {})[_column(place[1])] = shown
                    count = counted(count, file_name)
            if len(rest) > _LONGEST_CELL:
                break
            rest = rest or text[max(text.rfind(b"<"), 0) :][-_CHUNK:]
    return errors


def counted(count: int, file_name: str) -> int:
    """One more of such cells.

    Raises:
        DataRefused: there are more than half a million.
    """
    if count >= _MOST:
        raise DataRefused(
            f"{file_name} has more than {_MOST} cells whose formula failed.",
            next_step="Mend the formulas in the sheet, or save it with values only.",
        )
    return count + 1


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1
