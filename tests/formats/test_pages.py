"""Pages with several tables, tables that come late, and the XML of Excel 2003."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from pathlib import Path

import pytest

from pipelines.flows.inspect_file import inspect_file
from pipelines.flows.status import status
from pipelines.settings import Settings
from tests.formats.taken_in import HEADER, cells, prepared

Make = Callable[..., Settings]
STREAM, NAME = "igate.dossiers", "hoso_20200104_20200105T010000.xls"
OTHER = [["Đơn vị", "Số lượng"], ["Sở Tư pháp", "12"], ["Sở Y tế", "7"]]


def _table(rows: Sequence[Sequence[str]]) -> str:
    body = "".join("<tr>" + "".join(f"<td>{escape(c)}</td>" for c in row) + "</tr>" for row in rows)
    return f"<table>{body}</table>\n"


def _page(*tables: Sequence[Sequence[str]], head: str = "") -> str:
    return f"<html><head>{head}</head><body>{''.join(map(_table, tables))}</body></html>"


def test_tables_alike_are_read_and_others_named(make_settings: Make, tmp_path: Path) -> None:
    page = _page(OTHER, [["Sổ theo dõi"]], [HEADER, cells(1), cells(2)], [["Trang", "1"]], [HEADER, cells(3)], OTHER)
    settings = make_settings()
    package = prepared(settings, STREAM, NAME, page)
    assert package.rows("_row_number", "dossier_code") == [
        (6, "000.00.12.H15-200104-0001"),
        (7, "000.00.12.H15-200104-0002"),
        (10, "000.00.12.H15-200104-0003"),
    ]
    assert [(s["name"], s["rows"]) for s in package.told["sheets_left_over"]] == [("table 1", 3), ("table 6", 3)]
    assert package.result.sheets_left_over == ("table 1", "table 6")
    (file,) = status(settings).files
    assert file.sheets_left_over == ("table 1", "table 6")
    (tmp_path / "a.xls").write_text(page, encoding="utf-8")
    found = inspect_file(tmp_path / "a.xls")
    assert (found.stream, found.sheet, found.sheets_read) == (STREAM, "table 3", ("table 3", "table 5"))


def test_a_header_in_a_table_of_its_own_goes_on_in_the_next(make_settings: Make) -> None:
    page = _page([["Sổ theo dõi"]], [HEADER], [[*cells(1)[:-1], "x"], [*cells(2)[:-1], "x"]], [["Tổng số", "2"]])
    package = prepared(make_settings(), STREAM, NAME, page)
    assert package.column("_row_number") == [3, 4]
    assert package.non_data == {"header": 1, "title": 1, "total": 1}


def test_a_data_table_after_many_layout_tables_is_found(make_settings: Make) -> None:
    page = _page(*[[["Trang chủ"]] for _ in range(40)], [HEADER, cells(1)])
    assert prepared(make_settings(), STREAM, NAME, page).result.rows == 1


@pytest.mark.parametrize(
    "head", [f"<style>{'td {color: red}' * 40_000}</style>", f"<script>{'x=1;' * 99_999}</script>"]
)
def test_a_table_that_comes_late_makes_a_page(make_settings: Make, tmp_path: Path, head: str) -> None:
    page = _page([HEADER, cells(1)], head=head)
    assert prepared(make_settings(), STREAM, NAME, page).result.rows == 1
    (tmp_path / "a.xls").write_text(page, encoding="utf-8")
    assert inspect_file(tmp_path / "a.xls").format == "html table"


# --- The XML of Excel 2003 -------------------------------------------------------------------------------------------

BOOK = (
    '<?xml version="1.0"{}?>\n<?mso-application progid="Excel.Sheet"?>\n'
    '<ss:Workbook xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">{}</ss:Workbook>'
)


def _cell(text: str, kind: str = "String", more: str = "") -> str:
    return f'<ss:Cell{more}><ss:Data ss:Type="{kind}">{escape(text)}</ss:Data></ss:Cell>'


def _sheet(name: str, *rows: str, seen: str = "SheetVisible") -> str:
    options = (
        '<x:WorksheetOptions xmlns:x="urn:schemas-microsoft-com:office:excel">'
        f"<x:Visible>{seen}</x:Visible></x:WorksheetOptions>"
    )
    return f'<ss:Worksheet ss:Name="{name}"><ss:Table>{"".join(rows)}</ss:Table>{options}</ss:Worksheet>'


def _row(*found: str, more: str = "") -> str:
    return f"<ss:Row{more}>{''.join(found)}</ss:Row>"


def _register(received: str) -> str:
    values = cells(1)
    at = HEADER.index("Ngày tiếp nhận")
    title = _row(_cell("SỔ THEO DÕI", more=' ss:MergeAcross="7"'))
    header = _row(*map(_cell, [*HEADER, "Phí, lệ phí (đồng)"]), more=' ss:Index="3"')
    data = [_cell(v) for v in values]
    data[at] = received
    data[HEADER.index("Trạng thái hồ sơ")] = _cell("4", "Number")
    return _sheet("Hồ sơ", title, header, _row(*data[:-1], _cell("1234.5", "Number", ' ss:Index="9"')))


@pytest.mark.parametrize("codec", ["utf-8", "utf-16"])
def test_a_sheet_in_xml_is_read_as_a_sheet(make_settings: Make, tmp_path: Path, codec: str) -> None:
    told = f' encoding="{codec}"' if codec == "utf-16" else ""
    other = _sheet("Khác", *(_row(*map(_cell, r)) for r in [*OTHER[:1], ["Sở Y tế", "7"], ["Sở Tư pháp", "9"]]))
    data = BOOK.format(told, _register(_cell("2020-01-04T08:00:05.000", "DateTime")) + other).encode(codec)
    package = prepared(make_settings(), STREAM, NAME, data)
    assert package.rows("_row_number", "dossier_code", "received_at", "status_code", "fee_amount") == [
        (4, "000.00.12.H15-200104-0001", "2020-01-04 08:00:05", "4", "1234.5")
    ]
    assert [s["name"] for s in package.told["sheets_left_over"]] == ["Khác"]
    (tmp_path / "a.xls").write_bytes(data)
    found = inspect_file(tmp_path / "a.xls")
    assert (found.format, found.stream, found.sheet, found.header_row) == ("sheet", STREAM, "Hồ sơ", 3)


def _month(name: str, number: int, seen: str = "SheetVisible") -> str:
    return _sheet(name, _row(*map(_cell, HEADER)), _row(*map(_cell, cells(number))), seen=seen)


@pytest.mark.parametrize("codec", ["utf-8", "utf-16"])
@pytest.mark.parametrize("seen", ["SheetHidden", "SheetVeryHidden"])
def test_a_hidden_sheet_in_xml_is_left_over_where_a_visible_one_fits(
    make_settings: Make, tmp_path: Path, seen: str, codec: str
) -> None:
    told = f' encoding="{codec}"' if codec == "utf-16" else ""
    sheets = _month("Tháng trước", 1, seen) + _month("Tháng này", 2) + _month("Bản sao", 3, seen) + _month("Thêm", 4)
    data = BOOK.format(told, sheets).encode(codec)
    package = prepared(make_settings(), STREAM, NAME, data)
    assert [code[-4:] for code in package.column("dossier_code")] == ["0002", "0004"]
    assert package.column("_row_number") == [4, 8]
    left = [(s["name"], s["why"]) for s in package.told["sheets_left_over"]]
    assert left == [("Tháng trước", "hidden"), ("Bản sao", "hidden")]
    assert package.non_data == {"header": 2, "other_table": 4}
    (tmp_path / "a.xls").write_bytes(data)
    found = inspect_file(tmp_path / "a.xls")
    assert found.sheets_read == ("Tháng này", "Thêm")
    assert "2 hidden" in found.described


def test_hidden_sheets_in_xml_are_read_where_no_other_fits(make_settings: Make) -> None:
    sheets = _sheet("Bìa", _row(_cell("SỔ"))) + _month("Dữ liệu", 1, "SheetHidden")
    package = prepared(make_settings(), STREAM, NAME, BOOK.format("", sheets))
    assert package.result.rows == 1
    assert package.told["sheets_left_over"] == []


def test_a_failed_formula_in_xml_holds_its_row_back(make_settings: Make) -> None:
    package = prepared(make_settings(), STREAM, NAME, BOOK.format("", _register(_cell("#N/A", "Error"))))
    assert package.rejects() == [(4, "error_cell")]


@pytest.mark.parametrize(
    ("sheets", "said"),
    [
        ("<ss:Worksheet><ss:Table><ss:Row><ss:Cell>", "not well-formed"),
        (_sheet("a", _row(_cell("x"), more=' ss:Index="9999999"')), "outside of any sheet"),
        (_sheet("a", _row(_cell("x", more=' ss:Index="20000"'))), "outside of any sheet"),
        ("", "holds no row"),
    ],
)
def test_broken_xml_of_a_sheet_is_refused(make_settings: Make, tmp_path: Path, sheets: str, said: str) -> None:
    text = BOOK.format("", sheets)
    assert said in (prepared(make_settings(), STREAM, NAME, text).result.refusal or "")
    (tmp_path / "a.xls").write_text(text, encoding="utf-8")
    assert said in (inspect_file(tmp_path / "a.xls").refusal or "")


def test_entities_of_xml_are_not_resolved(make_settings: Make, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("TOP", encoding="utf-8")
    entity = f'<!DOCTYPE x [<!ENTITY e SYSTEM "file://{secret}">]><ss:Workbook'
    text = BOOK.format("", _register(_cell("04/01/2020 08:00:00"))).replace("<ss:Workbook", entity, 1)
    package = prepared(make_settings(), STREAM, NAME, text.replace("Nguyễn Văn Thử", "&e;"))
    assert package.result.rows == 1
    assert not any("TOP" in str(v) for row in package.rows("*") for v in row)
