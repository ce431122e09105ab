"""Report sheets as people make them: headers of several rows, sections, totals that are checked, notes, signatures."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
import xlsxwriter

from pipelines.domain.contracts import Contract
from pipelines.flows.validate import validate
from pipelines.formats.header_rows import guess_header, header_labels, numbers_below
from pipelines.formats.headers import find_header
from pipelines.settings import Settings
from pipelines.sources.registry import all_contracts
from tests.formats.taken_in import HEADER, Package, cells, csv_of, prepared, xlsx

Make = Callable[..., Settings]
STREAM, NAME = "igate.dossiers", "hoso_20200104_20200105T010000.xlsx"
FORM = """
source: local
stream: form
version: 1
title: {vi: Biểu, en: Form}
formats: [spreadsheet, delimited]
columns:
- {name: agency, label: Đơn vị, required: true}
- {name: received, label: Số hồ sơ nhận giải quyết Tổng số, type: integer, required: true}
- {name: online, label: Số hồ sơ nhận giải quyết Trong đó Trực tuyến, type: integer}
- {name: direct, label: Số hồ sơ nhận giải quyết Trong đó Trực tiếp, type: integer}
- {name: resolved, label: Đã giải quyết Tổng số, type: integer}
- {name: rate, label: Tỷ lệ, type: decimal}
"""
HEAD: list[list[Any]] = [
    ["STT", "Đơn vị", "Số hồ sơ nhận giải quyết", "", "", "Đã giải quyết", "Tỷ lệ"],
    ["", "", "Tổng số", "Trong đó", "", "Tổng số", ""],
    ["", "", "", "Trực tuyến", "Trực tiếp", "", ""],
]
NUMBERS: list[Any] = ["(1)", "(2)", "(3)=(4)+(5)", "(4)", "(5)", "(6)", "(7)"]


@pytest.fixture
def form(own_contracts: Path) -> None:
    (own_contracts / "local").mkdir()
    (own_contracts / "local" / "form.yml").write_text(FORM, encoding="utf-8")


def _report(*, printed: int = 30) -> list[list[Any]]:
    return [
        ["UBND TỈNH ĐẮK LẮK"],
        [],
        ["Biểu số 06a"],
        *HEAD,
        NUMBERS,
        ["I", "Sở, ban, ngành", "", "", "", "", ""],
        [1, "Sở Y tế", 10, 4, 6, 9, "90,5%"],
        [2, "Sở Nội vụ", 5, 5, 0, 5, "100%"],
        ["II. Cấp huyện"],
        [1, "Huyện Cư M'gar", 15, 1, 14, 15, "100%"],
        ["", "Tổng cộng", printed, 10, 20, 29, ""],
        [],
        ["Ghi chú: số liệu tính đến 15/12"],
        ["", "", "", "", "", "Đắk Lắk, ngày 15 tháng 12", ""],
        ["", "Người lập biểu", "", "", "", "Thủ trưởng đơn vị", ""],
    ]


def _taken(make_settings: Make, tmp_path: Path, rows: list[list[Any]]) -> Package:
    return prepared(make_settings(), "local.form", "bieu_202012_20210105T010000.xlsx", xlsx(tmp_path / "a.xlsx", rows))


@pytest.mark.usefixtures("form")
def test_a_report_with_three_header_rows(make_settings: Make, tmp_path: Path) -> None:
    package = _taken(make_settings, tmp_path, _report())
    assert package.result.refusal is None
    assert package.rows("agency", "received", "online", "direct", "resolved", "rate") == [
        ("Sở Y tế", "10", "4", "6", "9", "0.9050"),
        ("Sở Nội vụ", "5", "5", "0", "5", "1"),
        ("Huyện Cư M'gar", "15", "1", "14", "15", "1"),
    ]
    assert package.non_data == {
        **{"title": 2, "blank": 2, "header": 3, "column_numbers": 1, "section": 2, "total": 1, "note": 3},
    }
    assert package.told["totals"] == {"checked": 4, "differing": []}


@pytest.mark.usefixtures("form")
def test_a_total_that_does_not_add_up_is_told(make_settings: Make, tmp_path: Path) -> None:
    package = _taken(make_settings, tmp_path, _report(printed=31))
    (told,) = package.told["totals"]["differing"]
    assert (told["column"], float(told["printed"]), float(told["summed"])) == ("received", 31, 30)
    assert package.result.rows == 3


@pytest.mark.usefixtures("form")
def test_totals_of_parts_agree_with_their_part(make_settings: Make, tmp_path: Path) -> None:
    rows = [*HEAD, [1, "A1", 1, 1, 0, 1, ""], ["", "Cộng", 1, 1, 0, 1, ""], [2, "B1", 2, 2, 0, 2, ""],
            ["", "Cộng", 2, 2, 0, 2, ""], ["", "Tổng cộng", 3, 3, 0, 3, ""]]  # fmt: skip
    package = _taken(make_settings, tmp_path, rows)
    assert package.told["totals"] == {"checked": 12, "differing": []}


@pytest.mark.usefixtures("form")
def test_a_form_without_data_gives_no_rows(make_settings: Make, tmp_path: Path) -> None:
    rows = [["Mẫu số 10"], *HEAD, NUMBERS, [], [], ["", "Tổng cộng", "x", "x", "x", "x", ""], ["Nơi nhận: như trên;"]]
    package = _taken(make_settings, tmp_path, rows)
    assert (package.result.rows, package.result.rejected) == (0, 0)


@pytest.mark.usefixtures("form")
def test_merged_cells_and_cells_left_empty_read_alike(make_settings: Make, tmp_path: Path) -> None:
    path = tmp_path / "merged.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        for first, last, text in (("A1", "A3", "STT"), ("B1", "B3", "Đơn vị"), ("C1", "E1", HEAD[0][2]),
                                  ("D2", "E2", "Trong đó"), ("C2", "C3", "Tổng số"), ("F2", "F3", "Tổng số"),
                                  ("G1", "G3", "Tỷ lệ")):  # fmt: skip
            sheet.merge_range(f"{first}:{last}", text)
        sheet.write("F1", "Đã giải quyết")
        sheet.write_row("D3", ["Trực tuyến", "Trực tiếp"])
        sheet.write_row("A4", [1, "Sở Y tế", 10, 4, 6, 9, "90%"])
    package = prepared(make_settings(), "local.form", "bieu_202012_20210105T010000.xlsx", path.read_bytes())
    assert package.rows("agency", "received", "direct", "resolved") == [("Sở Y tế", "10", "6", "9")]
    assert package.told["missing_columns"] == []


def test_rows_that_only_look_like_notes_stay_data(make_settings: Make, tmp_path: Path) -> None:
    rows = [HEADER, cells(1, note="Ghi chú: gấp"), ["000.00.12.H15-200104-0002"], ["", "I", *cells(3)[2:]]]
    package = prepared(make_settings(), STREAM, NAME, xlsx(tmp_path / "a.xlsx", rows))
    assert package.result.rows == 3, "a row that lacks much is for validation to hold back, not to be dropped"


def test_labels_of_a_header_are_joined_from_top_to_bottom() -> None:
    assert header_labels(HEAD) == [
        "STT",
        "Đơn vị",
        "Số hồ sơ nhận giải quyết Tổng số",
        "Số hồ sơ nhận giải quyết Trong đó Trực tuyến",
        "Số hồ sơ nhận giải quyết Trong đó Trực tiếp",
        "Đã giải quyết Tổng số",
        "Tỷ lệ",
    ]
    assert guess_header([["UBND"], [], *HEAD, NUMBERS]) == (3, 3)


@pytest.mark.parametrize(
    ("row", "is_it"),
    [
        (["1", "2", "3", "4"], True),
        (["(1)", "(2)", "(3)=(1)+(2)"], True),
        (["A", "B", "1", "2"], True),
        (["1", "Sở Y tế", "3", "4"], False),
        (["1", "10", "5", "5"], False),
        (["2020", "2021", "2022"], False),
    ],
)
def test_a_row_that_only_numbers_columns(row: list[str], is_it: bool) -> None:
    assert numbers_below([["a", "b", "c", "d"], row], 1) is is_it


def test_a_header_of_one_row_is_not_taken_for_two() -> None:
    (contract,) = [c for c in all_contracts() if c.name == STREAM]
    assert isinstance(contract, Contract)
    header = find_header([HEADER, cells(1), cells(2)], contract, file_name="x")
    assert (header.row, header.depth, header.numbered) == (1, 1, False)


FORM06: list[list[Any]] = [
    ["BIỂU SỐ 06a/VPCP/KSTT"],
    ["Kỳ báo cáo: từ ngày 15/12/2020 đến ngày 14/6/2021"],
    [],
    ["STT", "Lĩnh vực, đơn vị", "Số hồ sơ nhận giải quyết", "", "", "", "Số hồ sơ đã giải quyết", "", "", "",
     "Số hồ sơ đang giải quyết", "", ""],
    ["", "", "Tổng số", "Trong đó", "", "", "Tổng số", "Trước hạn", "Đúng hạn", "Quá hạn", "Tổng số", "Trong hạn",
     "Quá hạn"],
    ["", "", "", "Trực tuyến", "Trực tiếp, bưu chính", "Từ kỳ trước"],
    [f"({n})" for n in range(1, 14)],
    ["I", "Sở, ban, ngành"],
    [1, "Sở Giáo dục và Đào tạo", 1900, 1000, 880, 20, 1887, 1143, 738, 6, 13, 13, 0],
    [2, "Sở Y tế", 100, 40, 50, 5, 90, 80, 5, 5, 10, 9, 1],
    ["", "Tổng cộng", "2.000", "1.040", 930, 25, "1.977", "1.223", 743, 11, 23, 22, 1],
    ["", "Người lập biểu", "", "", "", "", "", "", "", "", "Thủ trưởng đơn vị"],
]  # fmt: skip


@pytest.mark.parametrize("as_page", [False, True])
def test_form_06_is_taken_in_and_its_splits_are_held_against_each_other(
    make_settings: Make, tmp_path: Path, as_page: bool
) -> None:
    data = xlsx(tmp_path / "a.xlsx", FORM06)
    if as_page:
        cut = "".join("<tr>" + "".join(f"<td>{c}</td>" for c in row) + "</tr>" for row in FORM06)
        data = f"<html><body><table>{cut}</table></body></html>".encode()
    settings = make_settings()
    package = prepared(settings, "igate.form06", "bieu06a_202106_20210620T010000.xls", data)
    assert package.result.refusal is None
    assert package.rows("unit_name", "received_total", "carried_over", "resolved_late", "pending_late") == [
        ("Sở Giáo dục và Đào tạo", "1900", "20", "6", "0"),
        ("Sở Y tế", "100", "5", "5", "1"),
    ]
    assert package.told["missing_columns"] == []
    assert package.told["totals"] == {"checked": 11, "differing": []}
    (verdict,) = validate(settings)
    assert verdict.refusal is None
    found = duckdb.execute(
        "select rule, _row_number from read_parquet($1)", [str(package.folder / "findings.parquet")]
    ).fetchall()
    assert set(found) == {("received_split", 10)}, "95 of the 100 dossiers of one department are accounted for"


@pytest.mark.parametrize("padded", [True, False])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.usefixtures("form")
def test_a_report_saved_as_text_is_read_as_its_sheet(
    make_settings: Make, tmp_path: Path, delimiter: str, padded: bool
) -> None:
    """Excel pads every line to the width of the sheet, other programs leave the last cells out."""
    rows = [[str(c) for c in row] for row in _report()]
    if padded:
        rows = [[*row, *[""] * (len(HEAD[0]) - len(row))] for row in rows]
    sheet = _taken(lambda: make_settings(home=tmp_path / "sheet"), tmp_path, _report())
    text = prepared(make_settings(home=tmp_path / "text"), "local.form", "bieu_202012_20210105T010000.csv",
                    csv_of(*rows, delimiter=delimiter))  # fmt: skip
    columns = ("_row_number", "agency", "received", "online", "direct", "resolved", "rate")
    assert text.rows(*columns) == sheet.rows(*columns)
    assert (text.non_data, text.rejects()) == (sheet.non_data, [])
    assert text.told["totals"] == sheet.told["totals"]


@pytest.mark.parametrize("end", [["Ghi chú: số liệu tạm tính"], ["", "", "", "Người lập biểu", "", "", "", ""]])
def test_a_note_below_an_export_of_a_program_is_one(make_settings: Make, end: list[str]) -> None:
    data = csv_of(HEADER, cells(1), ["Tổng số", "1", *[""] * 6], end)
    package = prepared(make_settings(), STREAM, NAME.replace("xlsx", "csv"), data)
    assert (package.result.rows, package.rejects()) == (1, [])
    assert package.non_data == {"header": 1, "note": 1, "total": 1}


def test_a_broken_record_of_a_program_is_no_note(make_settings: Make) -> None:
    data = csv_of(HEADER, cells(1), ["000.00.12.H15-200104-0002"], ["", "I", *[""] * 6], ["", "Ghi chú", *cells(3)[2:]])
    package = prepared(make_settings(), STREAM, NAME.replace("xlsx", "csv"), data)
    assert (package.result.rows, package.rejects()) == (3, [(3, "too_few_fields")])


@pytest.mark.parametrize("as_text", [True, False])
def test_a_header_that_stands_on_every_page_is_no_row(make_settings: Make, tmp_path: Path, as_text: bool) -> None:
    rows = [HEADER, cells(1), HEADER, cells(2), cells(3, note="Ghi chú"), HEADER]
    data = csv_of(*rows) if as_text else xlsx(tmp_path / "a.xlsx", rows)
    package = prepared(make_settings(), STREAM, NAME, data)
    assert (package.result.rows, package.rejects()) == (3, [])
    assert package.non_data == {"header": 1, "header_again": 2}
