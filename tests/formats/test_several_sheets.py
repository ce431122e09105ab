"""Workbooks of several sheets: which are read, which are left over, and how a row of any of them is found again."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from pipelines.domain.errors import WrongUse
from pipelines.flows.inspect_file import inspect_file
from pipelines.flows.load import load
from pipelines.flows.quarantine import quarantine_list
from pipelines.flows.quarantine_export import quarantine_export, redrive
from pipelines.flows.validate import validate
from pipelines.formats import sheets as sheets_module
from pipelines.settings import Settings
from pipelines.sources.registry import all_contracts, contract_for
from tests.formats.taken_in import HEADER, Package, cells, prepared

Make = Callable[..., Settings]
STREAM, NAME = "igate.dossiers", "hoso_20200104_20200105T010000.xlsx"
Sheet = Sequence[Sequence[Any]]


def _book(path: Path, sheets: Mapping[str, Sheet], *, hidden: Collection[str] = ()) -> bytes:
    with xlsxwriter.Workbook(str(path)) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            if name in hidden:
                sheet.hide()
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
    return path.read_bytes()


def _taken(make_settings: Make, tmp_path: Path, sheets: Mapping[str, Sheet]) -> Package:
    return prepared(make_settings(), STREAM, NAME, _book(tmp_path / "a.xlsx", sheets))


def _codes(package: Package) -> list[str]:
    return [code[-4:] for code in package.column("dossier_code")]


def test_the_sheet_that_fits_best_is_read_and_the_others_are_named(make_settings: Make, tmp_path: Path) -> None:
    package = _taken(
        make_settings,
        tmp_path,
        {"Bìa": [["SỔ THEO DÕI"], ["Năm 2020"]], "Trống": [], "Mẫu": [HEADER[:-1]], "Sổ": [HEADER, cells(1), cells(2)]},
    )
    assert _codes(package) == ["0001", "0002"]
    assert [(s["name"], s["rows"], s["rows_before"]) for s in package.told["sheets"]] == [("Sổ", 3, 0)]
    assert [(s["name"], s["rows"]) for s in package.told["sheets_left_over"]] == [("Bìa", 2), ("Mẫu", 1)]
    assert package.result.rows_in_file == 3
    assert package.result.sheets_left_over == ("Bìa", "Mẫu")


def test_sheets_of_one_header_are_read_on_and_each_row_keeps_its_place(make_settings: Make, tmp_path: Path) -> None:
    months = {
        "Tháng 1": [HEADER, cells(1), cells(2)],
        "Ghi chú": [["Số liệu lấy từ iGate"]],
        "Tháng 2": [["SỔ THEO DÕI"], [], HEADER, cells(3), cells(4), ["Tổng số", 2]],
    }
    package = _taken(make_settings, tmp_path, months)
    assert package.rows("_row_number", "dossier_code") == [
        (2, "000.00.12.H15-200104-0001"),
        (3, "000.00.12.H15-200104-0002"),
        (7, "000.00.12.H15-200104-0003"),
        (8, "000.00.12.H15-200104-0004"),
    ]
    told = [(s["name"], s["rows"], s["rows_before"], s["header_row"]) for s in package.told["sheets"]]
    assert told == [("Tháng 1", 3, 0, 1), ("Tháng 2", 6, 3, 3)]
    assert [s["name"] for s in package.told["sheets_left_over"]] == ["Ghi chú"]
    assert package.non_data == {"blank": 1, "header": 2, "title": 1, "total": 1}
    assert package.result.rows_in_file == 9


def test_a_row_held_back_is_told_by_sheet_and_row_and_comes_back(make_settings: Make, tmp_path: Path) -> None:
    settings = make_settings(min_refusal_rows=1000)
    months = {"Quý I": [HEADER, cells(1)], "Quý II": [["SỔ"], HEADER, cells(2), cells(3, received_at="hôm qua")]}
    prepared(settings, STREAM, NAME, _book(tmp_path / "a.xlsx", months))
    validate(settings)
    load(settings)
    (held,) = quarantine_list(settings, rule="bad_date")
    assert (held.row_numbers, held.places) == ((6,), ("Quý II!4",))
    (exported,) = quarantine_export(settings, output=tmp_path / "out")
    text = exported.path.read_text(encoding="utf-8-sig")
    assert "Quý II!4: " in text
    corrected = tmp_path / "sửa.csv"
    corrected.write_text(text.replace("hôm qua", "05/01/2020 08:00:00"), encoding="utf-8-sig")
    assert redrive(settings, corrected).rows == 1


def test_a_sheet_that_was_full_goes_on_in_the_next(
    make_settings: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sheets_module, "FULL", (3,))
    full = {"Sheet1": [HEADER, cells(1), cells(2)], "Sheet2": [cells(3), cells(4)], "Khác": [["Ghi chú"]]}
    package = _taken(make_settings, tmp_path, full)
    assert _codes(package) == ["0001", "0002", "0003", "0004"]
    assert [s["header_row"] for s in package.told["sheets"]] == [1, 0]
    assert [s["name"] for s in package.told["sheets_left_over"]] == ["Khác"]


def test_columns_in_other_places_are_not_mixed_up(make_settings: Make, tmp_path: Path) -> None:
    turned = [HEADER[::-1], cells(3)[::-1]]
    package = _taken(make_settings, tmp_path, {"A": [HEADER, cells(1), cells(2)], "B": turned})
    assert _codes(package) == ["0001", "0002"]
    assert "in their places" in package.told["sheets_left_over"][0]["why"]


def test_a_hidden_sheet_is_left_over_and_named_where_a_visible_one_fits(make_settings: Make, tmp_path: Path) -> None:
    data = _book(
        tmp_path / "a.xlsx",
        {"Bìa": [["SỔ"]], "Tháng trước": [HEADER, cells(1)], "Tháng này": [HEADER, cells(2)]},
        hidden=["Tháng trước"],
    )
    package = prepared(make_settings(home=tmp_path / "a"), STREAM, NAME, data)
    assert _codes(package) == ["0002"]
    assert [(s["name"], s["why"]) for s in package.told["sheets_left_over"]][1] == ("Tháng trước", "hidden")
    told = inspect_file(tmp_path / "a.xlsx")
    assert (told.sheets_read, told.sheets_left_over) == (("Tháng này",), ("Bìa", "Tháng trước"))
    assert "1 hidden" in told.described


def test_hidden_sheets_are_read_where_no_other_fits(make_settings: Make, tmp_path: Path) -> None:
    sheets = {"Biểu đồ": [["Xem số liệu ở sau"]], "Dữ liệu": [HEADER, cells(1)], "Dữ liệu 2": [HEADER, cells(2)]}
    data = _book(tmp_path / "a.xlsx", sheets, hidden=["Dữ liệu", "Dữ liệu 2"])
    package = prepared(make_settings(), STREAM, NAME, data)
    assert _codes(package) == ["0001", "0002"]
    assert inspect_file(tmp_path / "a.xlsx").sheets_read == ("Dữ liệu", "Dữ liệu 2")


def test_a_contract_names_a_hidden_sheet(make_settings: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = contract_for("igate", "dossiers").model_copy(update={"sheet": "Số liệu"})
    monkeypatch.setattr("pipelines.flows.prepare.contract_for", lambda *_: ours)
    data = _book(tmp_path / "a.xlsx", {"Nháp": [HEADER, cells(1)], "Số liệu": [HEADER, cells(2)]}, hidden=["Số liệu"])
    assert _codes(prepared(make_settings(), STREAM, NAME, data)) == ["0002"]


def test_a_contract_names_the_sheet(make_settings: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = contract_for("igate", "dossiers").model_copy(update={"sheet": "Số liệu"})
    monkeypatch.setattr("pipelines.flows.prepare.contract_for", lambda *_: ours)
    data = _book(tmp_path / "a.xlsx", {"Nháp": [HEADER, cells(1)], "SO LIEU": [HEADER, cells(2)]})
    package = prepared(make_settings(home=tmp_path / "a"), STREAM, NAME, data)
    assert _codes(package) == ["0002"]
    assert package.told["sheets_left_over"][0]["why"] == "another sheet is named by the contract"
    data = _book(tmp_path / "b.xlsx", {"Nháp": [HEADER, cells(1)]})
    refused = prepared(make_settings(home=tmp_path / "b"), STREAM, NAME, data).result.refusal
    assert "has no sheet Số liệu" in (refused or "")


def test_the_refusal_is_of_the_sheet_that_came_nearest(make_settings: Make, tmp_path: Path) -> None:
    package = _taken(make_settings, tmp_path, {"Bìa": [["UBND"]], "Sổ": [HEADER[1:], cells(1)[1:]]})
    assert "lacks the required column(s) Mã hồ sơ" in (package.result.refusal or "")


def test_inspect_looks_at_all_sheets(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    _book(path, {"Bìa": [["SỔ THEO DÕI"]], "T1": [HEADER, cells(1)], "T2": [HEADER, cells(2)], "Khác": [["a", "b"]]})
    found = inspect_file(path)
    assert (found.stream, found.sheet, found.sheets_read) == (STREAM, "T1", ("T1", "T2"))
    assert found.sheets_left_over == ("Bìa", "Khác")


def test_a_draft_of_one_sheet_names_it(make_settings: Make, tmp_path: Path, own_contracts: Path) -> None:
    path = tmp_path / "Biểu.xlsx"
    _book(path, {"Cơ quan": [["Mã", "Tên"], ["H15.01", "Sở Y tế"]], "Phí": [["Loại phí", "Mức"], ["Lệ phí", 30000]]})
    draft = inspect_file(path, draft=own_contracts, sheet="phi").draft
    assert draft is not None
    all_contracts.cache_clear()
    package = prepared(make_settings(), "local.bieu", "bieu_all_20200105T010000.xlsx", path.read_bytes())
    assert package.rows("loai_phi", "muc") == [("Lệ phí", "30000")]
    assert [s["name"] for s in package.told["sheets_left_over"]] == ["Cơ quan"]
    with pytest.raises(WrongUse, match="has no sheet x"):
        inspect_file(path, sheet="x")
