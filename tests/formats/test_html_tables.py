"""HTML tables that are called sheets: recognised by content, read as the sheet of the same rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.formats.html_tables import html_rows
from pipelines.settings import Settings
from tests.formats.taken_in import HEADER, cells, csv_of, prepared

Make = Callable[..., Settings]
STREAM, NAME = "igate.dossiers", "hoso_20200104_20200105T010000.xls"


def _page(rows: Sequence[Sequence[str]], *, head: str = "") -> str:
    body = "".join("<tr>" + "".join(f"<td>{escape(c)}</td>" for c in row) + "</tr>\n" for row in rows)
    return f"<html><head>{head}</head><body>\n<table border=1>{body}</table></body></html>"


def _rows(path: Path, text: str) -> list[list[str]]:
    path.write_text(text, encoding="utf-8")
    return [r.cells for r in html_rows(path, "utf-8", file_name="x", scratch=path.parent)]


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "windows-1258-nfc", "tcvn3", "vni", "utf-8-vni"])
def test_the_same_rows_as_a_csv_whatever_the_encoding(make_settings: Make, tmp_path: Path, codec: str) -> None:
    told = "báo cáo giải quyết thủ tục hành chính < & > của tỉnh"
    rows = [HEADER, *(cells(n, note=told) for n in range(1, 30))]
    page = _page(rows, head='<meta charset="iso-8859-1">').encode(codec)
    package = prepared(make_settings(home=tmp_path / "a"), STREAM, NAME, page)
    assert package.result.refusal is None
    assert package.told["format"] == "html"
    wanted = prepared(make_settings(home=tmp_path / "b"), STREAM, NAME.replace("xls", "csv"), csv_of(*rows))
    columns = ("_row_number", "dossier_code", "received_at", "note")
    assert package.rows(*columns) == wanted.rows(*columns)


def test_titles_totals_and_tables_around_the_table(make_settings: Make) -> None:
    title = "<table><tr><td colspan=3>UBND TỈNH</td></tr></table>"
    total = "<table><tr><td colspan=2>Tổng cộng</td><td>2</td></tr></table>"
    page = _page([HEADER, cells(1), cells(2)]).replace("<body>", f"<body>{title}").replace("</body>", f"{total}</body>")
    package = prepared(make_settings(), STREAM, NAME, page)
    assert package.non_data == {"header": 1, "title": 1, "total": 1}
    assert package.rows("_row_number", "dossier_code") == [
        (3, "000.00.12.H15-200104-0001"),
        (4, "000.00.12.H15-200104-0002"),
    ]


def test_cells_that_span_stand_in_their_first_place(tmp_path: Path) -> None:
    page = (
        "<table><tr><th rowspan=2>STT<th colspan=2>Số<br>hồ sơ<th rowspan=2>Ghi chú"
        "<tr><td>A &amp; B<td>&nbsp;C<tr><td>1<td>2<td>3 <b>x</b> y<td>z</table>"
    )
    assert _rows(tmp_path / "a", page) == [
        ["STT", "Số\nhồ sơ", "", "Ghi chú"],
        ["", "A & B", "C", ""],
        ["1", "2", "3 x y", "z"],
    ]


def test_a_table_inside_a_layout_table_is_read_once(tmp_path: Path) -> None:
    page = "<table><tr><td><table><tr><td>a</td></tr><tr><td>b</td></tr></table></td></tr></table>"
    assert _rows(tmp_path / "a", page) == [["a"], ["b"]]


def test_entities_are_not_resolved_and_scripts_not_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("TOP", encoding="utf-8")
    page = (
        f'<!DOCTYPE html [<!ENTITY x SYSTEM "file://{secret}">]><table><tr><td>&x;</td>'
        "<td><script>alert(1)</script>ô</td></tr></table>"
    )
    ((first, second),) = _rows(tmp_path / "a", page)
    assert "TOP" not in first
    assert second == "ô"


def test_a_row_that_is_too_wide_is_refused(make_settings: Make) -> None:
    page = "<table>" + "<tr>" + "<td colspan=1000>x</td>" * 17 + "</tr></table>"
    package = prepared(make_settings(), STREAM, NAME, page)
    assert "more than 16384 columns" in (package.result.refusal or "")


@given(
    st.lists(st.lists(st.text(st.characters(blacklist_categories=["Cs", "Cc"]), max_size=12), min_size=1), max_size=6)
)
def test_any_text_comes_back_but_for_blanks(rows: list[list[str]]) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        found = _rows(Path(folder) / "a", _page(rows))
    assert [[c.split() for c in row] for row in found] == [[c.split() for c in row] for row in rows]
