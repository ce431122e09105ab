"""Failed formulas in ``.xlsb`` and ``.ods`` that are put together here, record by record and cell by cell."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Callable, Sequence
from html import escape
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.flows.inspect_file import inspect_file
from pipelines.formats.error_cells import ERROR_TEXTS
from pipelines.formats.error_cells_packed import ods_errors, xlsb_errors
from pipelines.settings import Settings
from tests.formats.taken_in import HEADER, cells, prepared

Make = Callable[..., Settings]
STREAM, NAME = "igate.dossiers", "hoso_20200104_20200105T010000.xlsx"
AT = HEADER.index("Ngày tiếp nhận")
CODES = {"#DIV/0!": 7, "#N/A": 0x2A, "#REF!": 0x17}


def _record(kind: int, body: bytes = b"") -> bytes:
    sign = bytes([kind]) if kind < 0x80 else bytes([kind & 0x7F | 0x80, kind >> 7])
    length = bytes([len(body)]) if len(body) < 0x80 else bytes([len(body) & 0x7F | 0x80, len(body) >> 7])
    return sign + length + body


def _text(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def _xlsb(path: Path, rows: Sequence[Sequence[str]]) -> bytes:
    """A workbook of one sheet: texts, and errors as constants and as results of formulas."""
    body = _record(129) + _record(148, struct.pack("<IIII", 0, len(rows) - 1, 0, len(rows[0]) - 1)) + _record(145)
    for number, row in enumerate(rows):
        body += _record(0, struct.pack("<I", number) + bytes(21))
        for column, text in enumerate(row):
            place = struct.pack("<I", column) + bytes(4)
            if text in CODES:
                constant, formula = bytes([CODES[text]]), bytes([CODES[text]]) + bytes(10)
                body += _record(3, place + constant) if number % 2 else _record(11, place + formula)
            else:
                body += _record(6, place + _text(text))
    sheets = _record(131) + _record(143) + _record(156, struct.pack("<II", 0, 1) + _text("rId1") + _text("Hồ sơ"))
    parts = {
        "[Content_Types].xml": b"<Types/>",
        "xl/workbook.bin": sheets + _record(144) + _record(132),
        "xl/_rels/workbook.bin.rels": b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        b'<Relationship Id="rId1" Target="worksheets/sheet1.bin" '
        b'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"/></Relationships>',
        "xl/worksheets/sheet1.bin": body + _record(146) + _record(130),
    }
    return _zipped(path, parts)


def _ods(path: Path, rows: Sequence[Sequence[str]]) -> bytes:
    """As LibreOffice writes it, errors marked as such."""

    def cell(text: str) -> str:
        told = 'table:formula="of:=1/0" office:string-value="" calcext:value-type="error"' if text[:1] == "#" else ""
        return f'<table:table-cell office:value-type="string" {told}><text:p>{escape(text)}</text:p></table:table-cell>'

    body = "".join(f"<table:table-row>{''.join(map(cell, row))}</table:table-row>" for row in rows)
    oasis = "urn:oasis:names:tc:opendocument:xmlns"
    content = (
        f'<office:document-content xmlns:office="{oasis}:office:1.0" xmlns:table="{oasis}:table:1.0" '
        f'xmlns:text="{oasis}:text:1.0" '
        'xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0">'
        f'<office:body><office:spreadsheet><table:table table:name="S">{body}</table:table></office:spreadsheet>'
        "</office:body></office:document-content>"
    )
    kind = b"application/vnd.oasis.opendocument.spreadsheet"
    manifest = f'<m:manifest xmlns:m="{oasis}:manifest:1.0"/>'.encode()
    return _zipped(path, {"mimetype": kind, "META-INF/manifest.xml": manifest, "content.xml": content.encode()})


def _zipped(path: Path, parts: dict[str, bytes]) -> bytes:
    with zipfile.ZipFile(path, "w") as packed:
        for name, data in parts.items():
            packed.writestr(name, data)
    return path.read_bytes()


@pytest.mark.parametrize("made", [_xlsb, _ods])
def test_a_failed_formula_holds_its_row_back(
    make_settings: Make, tmp_path: Path, made: Callable[[Path, Sequence[Sequence[str]]], bytes]
) -> None:
    rows = [HEADER, *(cells(n) for n in range(1, 5))]
    rows[2][AT], rows[3][AT], rows[4][-1] = "#DIV/0!", "#N/A", "#REF!"
    package = prepared(make_settings(), STREAM, NAME, made(tmp_path / "a", rows))
    assert package.rejects() == [(3, "error_cell"), (4, "error_cell")]
    assert package.rows("_row_number", "note") == [(2, None), (5, "#REF!")]
    assert inspect_file(tmp_path / "a").sheets[0].rows[2][AT] == "#DIV/0!"


def test_an_error_that_openoffice_only_shows(tmp_path: Path) -> None:
    rows = [["a", "Err:502"], ["#N/A", "b"]]
    data = _ods(tmp_path / "a.ods", rows)
    assert ods_errors(tmp_path / "a.ods", file_name="a") == {"S": {1: {0: "#N/A"}}}
    with zipfile.ZipFile(tmp_path / "a.ods") as packed:
        parts = {name: packed.read(name) for name in packed.namelist()}
    shown = parts["content.xml"].replace(b'office:value-type="string" ><text:p>Err', b'table:formula="x"><text:p>Err')
    assert _zipped(tmp_path / "a.ods", parts | {"content.xml": shown}) != data
    assert ods_errors(tmp_path / "a.ods", file_name="a") == {"S": {0: {1: "#VALUE!"}, 1: {0: "#N/A"}}}


@settings(deadline=None)
@given(st.binary(max_size=60), st.integers(0, 400))
def test_broken_records_never_stop_the_reader(
    tmp_path_factory: pytest.TempPathFactory, junk: bytes, place: int
) -> None:
    path = tmp_path_factory.mktemp("x") / "a.xlsb"
    _xlsb(path, [["a", "#N/A"], ["#N/A", "b"]])
    with zipfile.ZipFile(path) as packed:
        parts = {name: packed.read(name) for name in packed.namelist()}
    part = parts["xl/worksheets/sheet1.bin"]
    _zipped(path, parts | {"xl/worksheets/sheet1.bin": part[:place] + junk + part[place:]})
    found = xlsb_errors(path, "Hồ sơ", file_name="a")
    assert {text for row in found.values() for text in row.values()} <= set(ERROR_TEXTS)
