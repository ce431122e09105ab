"""The period of forms 06a and 06b: from titles, else the name of sheet or file, else the manifest; never guessed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pytest
import xlsxwriter

from pipelines.flows.inspect_file import inspect_file
from pipelines.flows.load import load
from pipelines.flows.quarantine_export import quarantine_export
from pipelines.flows.validate import validate
from pipelines.settings import Settings
from tests.formats.taken_in import Package, csv_of, prepared, xlsx
from tests.formats.test_sheets_for_people import FORM06

Make = Callable[..., Settings]
STREAM = "igate.form06"
LAW = "(Ban hành kèm theo Thông tư số 02/2017/TT-VPCP ngày 31 tháng 10 năm 2017)"


def _form(*titles: str) -> list[list[Any]]:
    return [["BIỂU SỐ 06a/VPCP/KSTT"], [LAW], *([t] for t in titles), *FORM06[2:]]


def _taken(make_settings: Make, tmp_path: Path, name: str, *titles: str) -> Package:
    return prepared(make_settings(), STREAM, name, xlsx(tmp_path / "a.xlsx", _form(*titles)))


@pytest.mark.parametrize(
    ("title", "first", "last"),
    [
        ("Kỳ báo cáo: từ ngày 15/12/2020 đến ngày 14/6/2021", "2020-12-15", "2021-06-14"),
        ("THÁNG 4 NĂM 2021", "2021-04-01", "2021-04-30"),
        ("Quý I/2021", "2021-01-01", "2021-03-31"),
        ("6 tháng đầu năm 2021", "2021-01-01", "2021-06-30"),
        ("Năm 2020", "2020-01-01", "2020-12-31"),
    ],
)
def test_the_title_tells_the_period(make_settings: Make, tmp_path: Path, title: str, first: str, last: str) -> None:
    package = _taken(make_settings, tmp_path, "bieu_202201_20220120T010000.xls", title)
    assert set(package.rows("period_from", "period_to")) == {(first, last)}
    assert package.told["missing_columns"] == []


@pytest.mark.parametrize(
    ("name", "first"),
    [("Biểu 06a quý II năm 2021.xls", "2021-04-01"), ("bieu06a_202107_20210820T010000.xls", "2021-07-01")],
)
def test_else_the_name_or_the_manifest_tells_it(make_settings: Make, tmp_path: Path, name: str, first: str) -> None:
    assert set(_taken(make_settings, tmp_path, name).column("period_from")) == {first}


@pytest.mark.parametrize("titles", [(), ("Quý I/2021", "Quý II/2021")])
def test_a_form_of_no_period_is_held_back_and_says_why(
    make_settings: Make, tmp_path: Path, titles: Sequence[str]
) -> None:
    settings = make_settings()
    package = prepared(settings, STREAM, "bieu06a.xls", xlsx(tmp_path / "a.xlsx", _form(*titles)))
    (verdict,) = validate(settings)
    assert (verdict.rows, verdict.failed_rows) == (2, 2)
    found = duckdb.execute(
        "select distinct rule, severity from read_parquet($1) where severity = 'fail'",
        [str(package.folder / "findings.parquet")],
    ).fetchall()
    assert found == [("no_period", "fail")]
    load(settings)
    (exported,) = quarantine_export(settings, output=tmp_path / "out")
    assert "Kỳ báo cáo không ghi trong tiêu đề" in exported.path.read_text(encoding="utf-8-sig")


def test_each_sheet_has_a_period_of_its_own(make_settings: Make, tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        for name, titles in (("T4", ("Tháng 4 năm 2021",)), ("Tháng 5-2021", ()), ("Bìa", None)):
            sheet = book.add_worksheet(name)
            for number, row in enumerate(_form(*titles) if titles is not None else [["BÌA"]]):
                sheet.write_row(number, 0, row)
    package = prepared(make_settings(), STREAM, "bieu06a.xlsx", path.read_bytes())
    assert package.rows("sheet_name", "period_from", "unit_name") == [
        ("T4", "2021-04-01", "Sở Giáo dục và Đào tạo"),
        ("T4", "2021-04-01", "Sở Y tế"),
        ("Tháng 5-2021", "2021-05-01", "Sở Giáo dục và Đào tạo"),
        ("Tháng 5-2021", "2021-05-01", "Sở Y tế"),
    ]
    assert package.told["totals"] == {"checked": 22, "differing": []}


def test_a_period_in_cells_of_the_rows_is_theirs(make_settings: Make) -> None:
    header = ["Đơn vị", "Số hồ sơ nhận giải quyết Tổng số", "Số hồ sơ đã giải quyết Tổng số",
              "Số hồ sơ đang giải quyết Tổng số", "Kỳ báo cáo từ ngày", "Kỳ báo cáo đến ngày"]  # fmt: skip
    data = csv_of(header, ["Sở Y tế", "10", "9", "1", "01/04/2021", "2021-04-30"])
    package = prepared(make_settings(), STREAM, "bieu_202201_20220120T010000.csv", data)
    assert package.rows("period_from", "period_to") == [("2021-04-01", "2021-04-30")]


def test_rows_that_come_back_to_their_owner_hold_their_period(make_settings: Make, tmp_path: Path) -> None:
    settings = make_settings()
    rows = _form("Quý I/2021")
    rows[-3] = [2, "Sở Y tế", "trăm", *rows[-3][3:]]
    prepared(settings, STREAM, "bieu06a.xlsx", xlsx(tmp_path / "a.xlsx", rows))
    validate(settings)
    load(settings)
    (exported,) = quarantine_export(settings, output=tmp_path / "out")
    header, row = exported.path.read_text(encoding="utf-8-sig").splitlines()[:2]
    assert '"Kỳ báo cáo từ ngày","Kỳ báo cáo đến ngày","Tên trang tính"' in header
    assert '"2021-01-01","2021-03-31","Sheet1"' in row


OFFICIAL: list[list[Any]] = [
    ["TÌNH HÌNH, KẾT QUẢ GIẢI QUYẾT TTHC TẠI CƠ QUAN, ĐƠN VỊ TRỰC TIẾP GIẢI QUYẾT TTHC"],
    ["Kỳ báo cáo: Quý II/2021 (Từ ngày 15/3/2021 đến ngày 14/6/2021)"],
    ["STT", "Lĩnh vực giải quyết", "Số lượng hồ sơ tiếp nhận", "", "", "", "Số lượng hồ sơ đã giải quyết", "", "", "",
     "Số lượng hồ sơ đang giải quyết", "", ""],
    ["", "", "Tổng số", "Trong kỳ", "", "Từ kỳ trước", "Tổng số", "Trước hạn", "Đúng hạn", "Quá hạn", "Tổng số",
     "Trong hạn", "Quá hạn"],
    ["", "", "", "Trực tuyến", "Trực tiếp, dịch vụ bưu chính", "", "", "", "", "", "", "", ""],
    ["(1)", "(2)", "(3)=(4)+(5)+(6)", "(4)", "(5)", "(6)", "(7)=(8)+(9)+(10)", "(8)", "(9)", "(10)", "(11)=(12)+(13)",
     "(12)", "(13)"],
    [1, "Đất đai", 100, 40, 55, 5, 90, 80, 7, 3, 10, 9, 1],
    ["", "TỔNG CỘNG", 100, 40, 55, 5, 90, 80, 7, 3, 10, 9, 1],
]  # fmt: skip


def test_the_form_as_the_circular_prints_it(make_settings: Make, tmp_path: Path) -> None:
    package = prepared(make_settings(), STREAM, "bieu.xlsx", xlsx(tmp_path / "a.xlsx", OFFICIAL))
    assert package.result.refusal is None
    assert package.told["missing_columns"] == []
    found = inspect_file(tmp_path / "a.xlsx")
    assert (found.stream, found.left_over, found.missing) == (STREAM, ("STT",), ())
    columns = ("unit_name", "received_online", "received_direct", "carried_over", "resolved_late", "pending_late")
    assert package.rows(*columns) == [("Đất đai", "40", "55", "5", "3", "1")]
    assert set(package.rows("period_from", "period_to")) == {("2021-03-15", "2021-06-14")}
    assert package.told["totals"] == {"checked": 11, "differing": []}
