"""Cells whose formula failed: shown as a person sees them, held back where a value belongs, never read as empty."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.flows.inspect_file import inspect_file
from pipelines.formats.error_cells import ERROR_TEXTS, xls_errors, xlsx_errors
from pipelines.settings import Settings
from tests.formats.taken_in import prepared
from tests.formats.test_sheets_for_people import FORM06

Make = Callable[..., Settings]
STREAM, NAME = "igate.form06", "bieu06a_202106_20210620T010000.xlsx"


def _form(path: Path, *, late: str, unit: str = "Sở Y tế", first_column: int = 0) -> bytes:
    """Form 06 of which one department's late dossiers are a formula that failed, and the total after it."""
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("Biểu")
        for number, row in enumerate(FORM06):
            for column, value in enumerate(row, start=first_column):
                failed = late and row[1:2] in (["Sở Y tế"], ["Tổng cộng"]) and column - first_column == 9
                if failed:
                    sheet.write_formula(number, column, "=1/0", None, late)
                else:
                    sheet.write(number, column, unit if value == "Sở Y tế" else value)
    return path.read_bytes()


@pytest.mark.parametrize("first_column", [0, 3])
@pytest.mark.parametrize("shown", ERROR_TEXTS)
def test_a_row_with_an_error_where_a_number_belongs_is_held_back(
    make_settings: Make, tmp_path: Path, shown: str, first_column: int
) -> None:
    data = _form(tmp_path / "a.xlsx", late=shown, first_column=first_column)
    package = prepared(make_settings(), STREAM, NAME, data)
    assert package.column("unit_name") == ["Sở Giáo dục và Đào tạo"]
    assert package.rejects() == [(10, "error_cell")]
    assert package.non_data["total"] == 1, "an error in a row of totals makes it no row of data"


def test_an_error_where_text_belongs_stays_what_a_person_sees(make_settings: Make, tmp_path: Path) -> None:
    data = _form(tmp_path / "a.xlsx", late="", unit="#N/A")
    assert prepared(make_settings(), STREAM, NAME, data).column("unit_name")[-1] == "#N/A"


def test_inspect_shows_it(tmp_path: Path) -> None:
    _form(tmp_path / "a.xlsx", late="#DIV/0!")
    rows = inspect_file(tmp_path / "a.xlsx", rows=0).sheets[0].rows
    assert [row[9] for row in rows[8:11]] == ["6", "#DIV/0!", "#DIV/0!"]


def test_cells_are_found_whatever_the_order_of_their_attributes(tmp_path: Path) -> None:
    path, changed = tmp_path / "a.xlsx", tmp_path / "b.xlsx"
    _form(path, late="#REF!")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(changed, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            new.writestr(name, part.replace(b'<c r="J10" t="e">', b"<c t='e' s=\"1\" r='J10'>"))
    assert xlsx_errors(changed, "Biểu", file_name="x") == xlsx_errors(path, "Biểu", file_name="x")
    assert xlsx_errors(path, "Biểu", file_name="x") == {9: {9: "#REF!"}, 10: {9: "#REF!"}}
    assert xlsx_errors(path, "không có", file_name="x") == {}


def test_many_errors_across_the_pieces_that_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        for number in range(20_000):
            sheet.write_string(number, 0, f"dòng {number}")
            sheet.write_formula(number, 2, f"=A{number}/0+{number}", None, "#VALUE!" if number % 2 else number)
    found = xlsx_errors(path, "Sheet1", file_name="x")
    assert found == {n: {2: "#VALUE!"} for n in range(1, 20_000, 2)}


def _record(kind: int, body: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def _xls(cells: list[bytes]) -> bytes:
    """An OLE file with a stream ``Workbook`` of one sheet: header, table of sectors, directory, stream."""
    start, end = _record(0x809, bytes(16)), _record(0x0A)
    place = len(start) + len(_record(0x85, bytes(12))) + len(end)
    globals_ = start + _record(0x85, struct.pack("<IHB", place, 0, 4) + b"\0Bieu") + end
    stream = (globals_ + _record(0x809, bytes(16)) + b"".join(cells) + end).ljust(4096, b"\0")
    sectors = 8  # of 512 bytes
    table = [0xFFFFFFFD, 0xFFFFFFFE, *range(3, 2 + sectors), 0xFFFFFFFE]
    table += [0xFFFFFFFF] * (128 - len(table))
    entry = "Workbook".encode("utf-16-le").ljust(64, b"\0") + struct.pack("<H", 18) + b"\x02" + bytes(49)
    directory = (entry + struct.pack("<II", 2, len(stream)) + bytes(4)).ljust(512, b"\0")
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(22) + struct.pack("<H", 9) + bytes(16)
    header += struct.pack("<I", 1) + bytes(16) + struct.pack("<II", 0xFFFFFFFE, 0) + struct.pack("<I", 0)
    header = header.ljust(512, b"\xff")
    return header + struct.pack("<128I", *table) + directory + stream


def _failed(row: int, column: int, code: int) -> bytes:
    return _record(0x06, struct.pack("<HHH", row, column, 0) + bytes([2, 0, code, 0, 0, 0, 255, 255]) + bytes(6))


def test_errors_of_an_xls_are_found_in_its_records(tmp_path: Path) -> None:
    path = tmp_path / "a.xls"
    number = _record(0x06, struct.pack("<HHH", 1, 1, 0) + struct.pack("<d", 7.0) + bytes(6))
    constant = _record(0x205, struct.pack("<HHHBB", 3, 0, 0, 0x2A, 1))
    truth = _record(0x205, struct.pack("<HHHBB", 4, 0, 0, 1, 0))
    chart = _record(0x809, bytes(16)) + _failed(9, 9, 7) + _record(0x0A)
    path.write_bytes(_xls([number, _failed(2, 5, 7), constant, truth, chart]))
    assert xls_errors(path, file_name="x") == [{2: {5: "#DIV/0!"}, 3: {0: "#N/A"}}]
    path.write_bytes(_xls([number, truth]))
    assert xls_errors(path, file_name="x") == []


@settings(deadline=None)
@given(st.data())
def test_a_broken_file_has_no_errors_or_some_and_never_stops_the_reader(
    tmp_path_factory: pytest.TempPathFactory, data: Any
) -> None:
    whole = bytearray(_xls([_failed(2, 5, 7)]))
    for place, value in data.draw(st.lists(st.tuples(st.integers(0, len(whole) - 1), st.integers(0, 255)), max_size=9)):
        whole[place] = value
    path = tmp_path_factory.getbasetemp() / "any.xls"
    path.write_bytes(bytes(whole[: data.draw(st.integers(0, len(whole)))]))
    assert isinstance(xls_errors(path, file_name="x"), list)
    path.write_bytes(b"PK\x03\x04" + bytes(whole))
    assert xlsx_errors(path, "Biểu", file_name="x") == {}
