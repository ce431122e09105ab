"""Sheets, as people save them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from pipelines.settings import Settings
from tests.formats.taken_in import HEADER, cells, prepared, xlsx

Make = Callable[..., Settings]
STREAM, NAME = "igate.dossiers", "hoso_20200104_20200105T010000.xlsx"


def _cells(number: int, **values: Any) -> list[Any]:
    """A dossier whose moments and numbers are cells of their own type."""
    row: list[Any] = cells(number)
    row[HEADER.index("Ngày tiếp nhận")] = values.get("received", dt.datetime(2020, 1, 4, 8, 0, 5))
    row[HEADER.index("Trạng thái hồ sơ")] = values.get("status", 4)
    return row


def test_moments_numbers_and_text(make_settings: Make, tmp_path: Path) -> None:
    rows = [HEADER, _cells(1), _cells(2, received="05/01/2020 09:30:00", status="10")]
    package = prepared(make_settings(), STREAM, NAME, xlsx(tmp_path / "a.xlsx", rows))
    assert package.rows("_row_number", "dossier_code", "received_at", "status_code") == [
        (2, "000.00.12.H15-200104-0001", "2020-01-04 08:00:05", "4"),
        (3, "000.00.12.H15-200104-0002", "2020-01-05 09:30:00", "10"),
    ]
    assert package.told["format"] == "spreadsheet"


def test_leading_zeros_of_text_stay(make_settings: Make, tmp_path: Path) -> None:
    rows: list[list[Any]] = [["Mã đơn vị", "Tháng", "Số tin bài"], ["000.00.12.H15", "01/2020", "0012"]]
    package = prepared(make_settings(), "reference.website_posts", "tin.xlsx", xlsx(tmp_path / "a.xlsx", rows))
    assert package.rows("agency_code", "month", "post_count") == [("000.00.12.H15", "2020-01-01", "0012")]


def test_titles_empty_rows_and_totals_keep_the_numbers_of_the_sheet(make_settings: Make, tmp_path: Path) -> None:
    rows = [["UBND TỈNH ĐẮK LẮK"], [], ["Sổ theo dõi hồ sơ"], HEADER, _cells(1), [], _cells(2), ["TỔNG SỐ", 2]]
    package = prepared(make_settings(), STREAM, NAME, xlsx(tmp_path / "a.xlsx", rows, first_row=2))
    assert package.told["header_row"] == 6
    assert [n for (n,) in package.rows("_row_number")] == [7, 9]
    assert package.non_data == {"blank": 4, "header": 1, "title": 2, "total": 1}
    assert package.result.rows_in_file == 10


def test_the_first_sheet_that_holds_anything_is_read(make_settings: Make, tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        book.add_worksheet("Trống")
        sheet = book.add_worksheet("Dữ liệu")
        for number, row in enumerate([HEADER, cells(1)]):
            sheet.write_row(number, 0, row)
    assert prepared(make_settings(), STREAM, NAME, path.read_bytes()).result.rows == 1


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_sheet_that_was_cut_off_is_refused(make_settings: Make, tmp_path: Path, share: float) -> None:
    whole = xlsx(tmp_path / "a.xlsx", [HEADER, *(_cells(n) for n in range(1, 50))])
    package = prepared(make_settings(), STREAM, NAME, whole[: int(len(whole) * share)])
    assert "cannot be opened as a sheet" in (package.result.refusal or "")
    assert "Next:" in (package.result.refusal or "")


def test_an_empty_workbook_is_refused(make_settings: Make, tmp_path: Path) -> None:
    package = prepared(make_settings(), STREAM, NAME, xlsx(tmp_path / "a.xlsx", []))
    assert "holds no row" in (package.result.refusal or "")


def test_a_sheet_and_a_csv_of_the_same_rows_give_the_same_rows(make_settings: Make, tmp_path: Path) -> None:
    from tests.formats.taken_in import csv_of

    rows = [HEADER, *(cells(n, note=f"ghi  chú {n}") for n in range(1, 30))]
    wanted = ("_row_number", "dossier_code", "applicant_name", "received_at", "note")
    sheet = prepared(make_settings(home=tmp_path / "a"), STREAM, NAME, xlsx(tmp_path / "a.xlsx", rows))
    text = prepared(make_settings(home=tmp_path / "b"), STREAM, NAME.replace("xlsx", "csv"), csv_of(*rows))
    assert sheet.rows(*wanted) == text.rows(*wanted)


def test_truth_values_and_serials(make_settings: Make, tmp_path: Path) -> None:
    header = [*HEADER, "Thành phần số hóa", "Phí, lệ phí (đồng)"]
    rows = [header, [*_cells(1, received=43834.25), True, 50000], [*_cells(2), False, 1234.5]]
    package = prepared(make_settings(), STREAM, NAME, xlsx(tmp_path / "a.xlsx", rows))
    assert package.rows("received_at", "component_digitised", "fee_amount") == [
        ("2020-01-04 06:00:00", "true", "50000"),
        ("2020-01-04 08:00:05", "false", "1234.5"),
    ]


@pytest.mark.parametrize("ending", ["xls", "xlsb", "csv", "ods"])
def test_a_workbook_is_known_by_its_content_whatever_it_is_called(
    make_settings: Make, tmp_path: Path, ending: str
) -> None:
    data = xlsx(tmp_path / "a.xlsx", [HEADER, _cells(1)])
    assert prepared(make_settings(), STREAM, NAME.replace("xlsx", ending), data).result.rows == 1


def test_a_size_that_a_sheet_misstates_does_not_keep_it_shut(make_settings: Make, tmp_path: Path) -> None:
    import zipfile

    path, changed = tmp_path / "a.xlsx", tmp_path / "b.xlsx"
    xlsx(path, [HEADER, _cells(1)])
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(changed, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            new.writestr(name, part.replace(b'<dimension ref="A1:H2"/>', b'<dimension ref="1:65536"/>'))
            assert b"dimension" not in part or b"A1:H2" in part
    assert prepared(make_settings(), STREAM, NAME, changed.read_bytes()).result.rows == 1


@pytest.mark.parametrize("font", ["tcvn3", "vni"])
def test_letters_of_a_font_are_read_in_a_sheet(make_settings: Make, tmp_path: Path, font: str) -> None:
    from pipelines.formats.legacy_fonts import to_tcvn3, to_vni

    write = to_tcvn3 if font == "tcvn3" else to_vni
    rows = [HEADER, *(cells(n, note=f"báo cáo giải quyết hồ sơ số {n}") for n in range(1, 20))]
    data = xlsx(tmp_path / "a.xlsx", [[write(c) for c in row] for row in rows])
    package = prepared(make_settings(), STREAM, NAME, data)
    assert package.column("note") == [f"báo cáo giải quyết hồ sơ số {n}" for n in range(1, 20)]
    assert package.told["missing_columns"].count("dossier_code") == 0


def test_a_sheet_that_is_a_chart_is_passed_over(make_settings: Make, tmp_path: Path) -> None:
    with xlsxwriter.Workbook(str(tmp_path / "a.xlsx")) as book:
        sheet = book.add_worksheet("Số liệu")
        for number, row in enumerate([HEADER, cells(1)]):
            sheet.write_row(number, 0, row)
        chart = book.add_chart({"type": "column"})
        chart.add_series({"values": "='Số liệu'!$A$2:$A$2"})
        book.add_chartsheet("Biểu đồ").set_chart(chart)
    package = prepared(make_settings(), STREAM, NAME, (tmp_path / "a.xlsx").read_bytes())
    assert (package.result.rows, package.told["sheets_left_over"]) == (1, [])
