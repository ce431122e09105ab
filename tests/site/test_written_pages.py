"""The pages as files: both languages, what is escaped, what is hidden, and the same bytes from the same marts."""

from __future__ import annotations

import base64
import csv
import io
import json
import re
from pathlib import Path

import duckdb
import pytest
from lxml import html

from pipelines.domain.labels import Text
from pipelines.domain.on_time import DENOMINATORS, RULES
from pipelines.site import script, words
from pipelines.site.markup import COUNT, SHARE, both
from pipelines.site.tables import Column, Link, Reason, Table, as_csv, as_html, csv_link
from pipelines.site.writing import write_site

MARTS = Path(__file__).with_name("site_marts.sql").read_text(encoding="utf-8")
TABLE = Table(
    name="t",
    caption=Text("Bảng", "Table"),
    columns=(Column(Text("Tên", "Name")), Column(Text("Số", "Count"), COUNT), Column(Text("Tỷ lệ", "Share"), SHARE)),
    rows=[
        (Link("a.html", Text("=SUM(A1)", "=SUM(A1)")), 1887, 0.8281),
        (Text("<b>", "&"), None, Reason("small_group")),
    ],
)


def _written(folder: Path, statement: str = "select 1") -> dict[str, str]:
    folder.mkdir()
    with duckdb.connect() as connection:
        connection.execute(MARTS)
        connection.execute(statement)
        names = write_site(connection, folder, rule="R_PLAIN", charts="QUFB")
    assert set(names) | {"index.html"} == {p.name for p in folder.iterdir()}
    return {p.name: p.read_text(encoding="utf-8") for p in sorted(folder.iterdir())}


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return _written(tmp_path_factory.mktemp("site") / "pages")


def test_a_number_stands_with_its_bare_value() -> None:
    shown = html.fromstring(as_html(TABLE))
    cells = shown.xpath("//tbody//td")
    assert [(c.get("class"), c.get("data-v"), c.text_content()) for c in cells[:2]] == [
        ("c", "1887", "1.887"), ("s", "0.8281", "82,81 %"),
    ]  # fmt: skip
    assert cells[2].text_content() == "–"
    assert cells[3].text_content() == "nhóm nhỏ, không công bốgroup too small to publish"


def test_texts_are_escaped() -> None:
    assert both(Text("<b>", "&")) == '<span lang="vi">&lt;b&gt;</span><span lang="en">&amp;</span>'
    assert both("a<") == "a&lt;"
    assert "<b>" not in as_html(TABLE)


def test_the_csv_holds_bare_values_and_no_formula() -> None:
    rows = list(csv.reader(io.StringIO(as_csv(TABLE))))
    assert rows == [
        ["Tên | Name", "Số | Count", "Tỷ lệ | Share"],
        ["'=SUM(A1)", "1887", "0.8281"],
        ["<b> | &", "", "nhóm nhỏ, không công bố | group too small to publish"],
    ]
    head, _, held = csv_link(TABLE).partition(",")
    assert head == "data:text/csv;charset=utf-8;base64"
    assert base64.b64decode(held) == b"\xef\xbb\xbf" + as_csv(TABLE).encode()


def test_every_page_is_there(pages: dict[str, str]) -> None:
    assert {"index.html", "heat.html", "about.html", "agency-H15.07.html", "agency-H15.31.01.html"} < set(pages)
    assert len([n for n in pages if n.startswith("indicator-")]) == 8
    assert not [n for n in pages if "H15.99" in n or "x" in n.removesuffix(".html").split("-")[-1:]]


def test_links_lead_to_pages_that_exist(pages: dict[str, str]) -> None:
    for name, text in pages.items():
        for href in html.fromstring(text).xpath("//a/@href"):
            page, _, anchor = href.partition("#")
            if not href.startswith("data:"):
                assert not page or page in pages, f"{name}: {href}"
                assert not anchor or f'id="{anchor}"' in pages[page or name], f"{name}: {href}"


def test_ids_are_unique_and_labels_exist(pages: dict[str, str]) -> None:
    for name, text in pages.items():
        ids = html.fromstring(text).xpath("//@id")
        assert len(ids) == len(set(ids)), name
        assert set(html.fromstring(text).xpath("//@aria-labelledby")) <= set(ids), name


def test_nothing_is_asked_of_the_network(pages: dict[str, str]) -> None:
    for name, text in pages.items():
        page = html.fromstring(text)
        assert not page.xpath("//link | //img | //iframe | //script/@src | //@onclick | //@onload"), name
        assert "url(" not in text, name
        (policy,) = page.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
        assert policy.startswith("default-src 'none'; ")
        assert "http" not in " ".join(page.xpath("//a/@href")), name


def test_both_languages_stand_in_every_page(pages: dict[str, str]) -> None:
    for name, text in pages.items():
        page = html.fromstring(text)
        assert page.get("lang") == "vi"
        vi, en = (page.xpath(f"count(//body//*[@lang='{language}'])") for language in ("vi", "en"))
        assert vi == en > 10, name
        assert page.xpath("//title/@data-en")[0].strip(), name


def test_a_name_of_the_list_cannot_break_a_page(pages: dict[str, str]) -> None:
    assert "<b>Y tế" not in "".join(pages.values())
    page = html.fromstring(pages["agency-H15.08.html"])
    assert page.xpath("string(//h1)") == '=Sở <b>Y tế</b> & "Co"'
    held = html.fromstring(pages["heat.html"]).xpath("//a[starts-with(@href, 'data:')]/@href")[0]
    rows = list(csv.reader(io.StringIO(base64.b64decode(held.split(",")[1]).decode("utf-8-sig"))))
    assert {len(row) for row in rows} == {len(rows[0])}
    assert rows[2][:2] == ["H15.08", '\'=Sở <b>Y tế</b> & "Co"']


def test_what_is_hidden_stays_hidden(pages: dict[str, str]) -> None:
    page = html.fromstring(pages["agency-H15.31.01.html"])
    line = page.xpath("//tr[.//a[@href='indicator-MAIL_ACTIVE.html']]/td")
    assert "nhóm nhỏ, không công bố" in line[1].text_content()
    assert not page.xpath("//figure")


def test_a_chart_and_its_table_say_the_same(pages: dict[str, str]) -> None:
    figure = html.fromstring(pages["agency-H15.07.html"]).get_element_by_id("trend-DOSSIER_ONLINE")
    chart = json.loads(figure.xpath(".//script")[0].text)
    drawn = {m: v for m, s, v, *_ in chart["rows"] if s == "own" and v is not None}
    told = {
        row.xpath("string(th/@data-v)")[:7]: float(row.xpath("string(td[3]/@data-v)"))
        for row in figure.xpath(".//tbody/tr")
    }
    assert drawn == told == {"2021-02": 0.1, "2021-03": 0.2, "2021-04": 0.6}


def test_the_same_marts_give_the_same_bytes(pages: dict[str, str], tmp_path: Path) -> None:
    assert _written(tmp_path / "again") == pages


def test_marts_without_a_figure_make_one_page_that_says_so(tmp_path: Path) -> None:
    found = _written(tmp_path / "none", "delete from marts.rpt_indicator; delete from marts.rpt_dossier_resolution")
    assert list(found) == ["index.html"]
    assert "Chưa có số liệu" in found["index.html"]


@pytest.mark.parametrize(("labels", "codes"), [(words.RULES, RULES), (words.DENOMINATORS, DENOMINATORS)])
def test_every_code_has_words(labels: dict[str, Text], codes: tuple[str, ...]) -> None:
    assert set(labels) == set(codes)


def test_every_outlook_has_words_and_a_state() -> None:
    yml = (Path(__file__).parents[2] / "warehouse/models/marts/rpt_target_progress.sql").read_text(encoding="utf-8")
    told = set(re.findall(r"then '([a-z_]+)'|else '([a-z_]+)'", yml.split("as outlook")[0]))
    assert {a or b for a, b in told} - {"month"} == set(words.OUTLOOKS) == set(words.OUTLOOK_STATES)


def test_the_script_is_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(script, "_bundle", lambda: "let made = 1;")
    first = script.chart_script(tmp_path / "cache")
    monkeypatch.setattr(script, "_bundle", lambda: "let made = 2;")
    assert script.chart_script(tmp_path / "cache") == first
    assert script.chart_script(tmp_path / "other") != first
