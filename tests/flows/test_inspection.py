"""The inspection and the headline, from marts small enough to count by hand."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import docx
import duckdb
import pytest

from pipelines.domain.errors import WrongUse
from pipelines.flows.headline import headline
from pipelines.flows.inspection import inspect_marts
from pipelines.flows.inspection_parts import Inspection, Pending
from pipelines.flows.inspection_prose import paragraphs
from pipelines.flows.inspection_tables import tables
from pipelines.flows.inspection_words import words_of
from pipelines.flows.render import render, render_bytes

MARTS = Path(__file__).with_name("inspected_marts.sql").read_text(encoding="utf-8")


@pytest.fixture
def marts() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute(MARTS)
        yield connection


def _education(marts: duckdb.DuckDBPyConnection, agency: str = "H15.07") -> Inspection:
    return inspect_marts(marts, agency, (date(2020, 1, 1), date(2021, 4, 1)), "R_PLAIN")


def test_the_split_and_its_remainder_add_up(marts: duckdb.DuckDBPyConnection) -> None:
    found = _education(marts)
    assert (found.resolved, found.early, found.on_time, found.late, found.unexplained) == (1887, 1143, 738, 3, 3)
    assert found.resolved == found.early + found.on_time + found.late + found.unexplained
    assert {c.code: c.count for c in found.causes} == {"no_due_date": 1, "withdrawn": 1, "stopped": 1}


def test_both_generations_of_codes_are_known(marts: duckdb.DuckDBPyConnection) -> None:
    assert _education(marts, "000.00.07.H15") == _education(marts)


def test_an_unknown_agency_is_wrong_use(marts: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(WrongUse, match=r"H15\.99"):
        _education(marts, "H15.99")


def test_shares_are_of_the_sums_and_absent_ones_say_why(marts: duckdb.DuckDBPyConnection) -> None:
    online, open_late, procedures, mail, initiatives, posts = _education(marts).figures
    assert (open_late.numerator, open_late.denominator, open_late.value) == (1, 4, 0.25), "a stock is not added up"
    assert (posts.numerator, posts.value, posts.unit) == (1107, 1107, "count")
    assert (initiatives.value, initiatives.na_reason) == (None, "not_fed")
    assert (online.numerator, online.denominator, online.target) == (40, 1999, 0.5)
    assert online.value == pytest.approx(40 / 1999)
    assert (procedures.numerator, procedures.value) == (3, 0.75), "told by the year: the newest that had ended"
    assert (mail.value, mail.na_reason) == (None, "small_group")


def test_every_figure_has_its_definition(marts: duckdb.DuckDBPyConnection) -> None:
    found = _education(marts)
    defined = {d.code: d for d in found.definitions}
    assert {f.code for f in found.figures} | {"DOSSIER_EARLY"} == set(defined)
    assert defined["DOSSIER_ONLINE"].legal_basis == "QĐ 766"


def test_late_and_open_dossiers_are_listed_with_what_is_known(marts: duckdb.DuckDBPyConnection) -> None:
    found = _education(marts)
    late = [(d.dossier_code, d.days, d.supplements, d.has_apology, d.longest_step, d.longest_step_hours)
            for d in found.late_dossiers]  # fmt: skip
    assert late == [("late by two", 2, 1, True, 2, 30.5), ("=late by one", 1, 0, False, None, None)]
    assert found.pending == Pending(carried_over=5, total=3, late=1, undated=1)
    assert [(d.dossier_code, d.days, d.ended_at, d.row_number) for d in found.late_open] == [
        ("open and late", 1, None, 4)
    ]


def test_every_file_behind_the_figures_is_named(marts: duckdb.DuckDBPyConnection) -> None:
    told = {(s.system, s.file): s.rows for s in _education(marts).sources}
    assert told == {
        **{("igate", "a.csv"): 2, ("igate", "b.csv"): 3, ("idesk", "d.csv"): 1, ("mail", "postfix"): 7},
        **{("survey", "survey.csv"): 3, ("par_index", "par.csv"): 2, ("website", "posts.csv"): 2},
        ("initiatives", "initiatives.csv"): 2,
    }


def test_signals_are_summed_beside_the_province(marts: duckdb.DuckDBPyConnection) -> None:
    (signal,) = _education(marts).signals
    assert (signal.affected, signal.base, signal.share) == (3, 400, 3 / 400)
    assert signal.province_share == pytest.approx((100 * 0.04 + 300 * 0.08) / 400)


def test_the_article_s_sentences(marts: duckdb.DuckDBPyConnection) -> None:
    text = " ".join(p.text for p in paragraphs(_education(marts), words_of("vi")))
    for sentence in (
        "Từ tháng 01/2020 đến tháng 04/2021, Sở Giáo dục và Đào tạo đã giải quyết 1.887 hồ sơ thủ tục hành chính: "
        "1.143 hồ sơ trước hạn, 738 hồ sơ đúng hạn, 3 hồ sơ quá hạn.",
        "Ba loại cộng lại là 1.884; 3 hồ sơ không thuộc loại nào: 1 không có ngày hẹn trả, 1 công dân rút hồ sơ, "
        "1 dừng xử lý.",
        "Mức độ hài lòng năm 2020 đạt 82,81 %, thấp hơn ngưỡng 90 % là 7,19 điểm phần trăm. Số phiếu: 1.200.",
        "Chỉ số CCHC năm 2020 xếp thứ 18/18 (70,10 điểm), giảm 3 bậc so với năm 2019 (thứ 15) và giảm 11 bậc so với "
        "năm 2016 (thứ 7).",
        "3 hồ sơ giải quyết quá hạn, chậm nhất 2 ngày.",
        "Cổng, trang thông tin đăng 1.107 tin bài. Sáng kiến CCHC được công nhận: 2.",
        "Kỳ trước chuyển sang 5 hồ sơ, trong kỳ tiếp nhận 1.999 hồ sơ. Cuối kỳ còn 3 hồ sơ đang giải quyết, trong đó 1 "
        "hồ sơ đã quá hạn.",
        "không có số liệu (nhóm nhỏ, không công bố): Hộp thư có dùng.",
    ):
        assert sentence in text, sentence


def test_an_agency_that_no_list_names_has_no_number(marts: duckdb.DuckDBPyConnection) -> None:
    found = _education(marts, "H15.31")
    assert (found.initiatives, found.initiatives_na_reason) == (None, "not_fed")
    assert "Sáng kiến CCHC được công nhận: chưa có dữ liệu." in " ".join(
        p.text for p in paragraphs(found, words_of("vi"))
    )


def test_the_same_in_english(marts: duckdb.DuckDBPyConnection) -> None:
    text = " ".join(p.text for p in paragraphs(_education(marts), words_of("en")))
    for sentence in (
        "From 01/2020 to 04/2021 Department of Education resolved 1,887 dossiers: 1,143 early, 738 on time, 3 late.",
        "Satisfaction in 2020 was 82.81 %, 7.19 percentage points below the threshold of 90 %.",
        "The PAR index of 2020 ranks 18/18 (70.10 points), down 3 since 2019 (15) and down 11 since 2016 (7).",
    ):
        assert sentence in text, sentence


def test_what_is_not_known_says_why(marts: duckdb.DuckDBPyConnection) -> None:
    district = inspect_marts(marts, "H15.31", (date(2020, 1, 1), date(2020, 1, 1)), "R_PLAIN")
    text = " ".join(p.text for p in paragraphs(district, words_of("vi")))
    assert text.startswith("Trong tháng 01/2020, UBND huyện")
    assert "Mức độ hài lòng: chưa có dữ liệu." in text
    assert "Chỉ số CCHC: chưa có dữ liệu." in text, "2020 had not ended"
    later = inspect_marts(marts, "H15.31", (date(2020, 1, 1), date(2020, 12, 1)), "R_PLAIN")
    assert "Chỉ số CCHC năm 2020: không có thứ hạng (sắp xếp lại)." in " ".join(
        p.text for p in paragraphs(later, words_of("vi"))
    )


def test_a_reader_sees_vietnamese_numbers(marts: duckdb.DuckDBPyConnection) -> None:
    for form in ("md", "html"):
        text = render(_education(marts), form)
        for figure in (
            "1.887",
            "1.143",
            "738",
            "82,81 %",
            "18/18",
            "công dân rút hồ sơ",
            "01/2020",
            "08/04/2021 08:00",
        ):
            assert figure in text, (form, figure)


@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_link_of_a_page_leads_somewhere(marts: duckdb.DuckDBPyConnection, language: str) -> None:
    """Each figure leads to its definition and its files, on the same page."""
    page = render(_education(marts), "html", language)
    anchors, links = set(re.findall(r' id="([^"]+)"', page)), set(re.findall(r'href="#([^"]+)"', page))
    assert {"def-DOSSIER_ONLINE", "src-igate", "src-mail", "src-survey", "src-par_index"} <= links
    assert links - anchors <= {"def-DOSSIER_ON_TIME", "def-DOSSIER_LATE", "def-DOSSIER_UNEXPLAINED"}, (
        "not in these marts"
    )
    text = render(_education(marts), "md", language)
    assert set(re.findall(r"\]\(#([^)]+)\)", text)) == links
    assert set(re.findall(r'<a id="([^"]+)">', text)) == anchors


def test_markdown_tables_have_as_many_cells_in_every_line(marts: duckdb.DuckDBPyConnection) -> None:
    """A name with a bar in it, as the procedure has, is not two cells."""
    blocks = [b for b in render(_education(marts), "md").split("\n\n") if b.startswith("|")]
    assert len(blocks) > 5
    for block in blocks:
        assert len({line.count("|") for line in block.strip().splitlines()}) == 1, block


def test_names_are_escaped_in_pages(marts: duckdb.DuckDBPyConnection) -> None:
    page = render(_education(marts, "H15.31"), "html")
    assert "<Lắk>" not in page
    assert "&lt;Lắk&gt; &amp; Co" in page


def test_a_word_document_holds_the_sentences_the_tables_and_the_links(marts: duckdb.DuckDBPyConnection) -> None:
    found = _education(marts)
    data = render_bytes(found, "docx")
    assert data == render_bytes(found, "docx"), "equal inspections give equal bytes"
    made = docx.Document(io.BytesIO(data))
    texts = [p.text for p in made.paragraphs]
    for paragraph in paragraphs(found, words_of("vi")):
        assert {paragraph.title, paragraph.text} <= set(texts)
    shown = tables(found, words_of("vi"))
    assert [[cell.text for cell in t.rows[0].cells] for t in made.tables] == [list(t.heads) for t in shown]
    assert [len(t.rows) - 1 for t in made.tables] == [len(t.rows) for t in shown]
    assert made.tables[0].rows[1].cells[1].text == "1.887"
    xml = made.element.xml
    bookmarks = set(re.findall(r'w:bookmarkStart [^>]*w:name="(\w+)"', xml))
    assert {"def_DOSSIER_ONLINE", "src_igate"} <= bookmarks & set(re.findall(r'w:anchor="(\w+)"', xml))


def test_programs_read_the_same_figures(marts: duckdb.DuckDBPyConnection) -> None:
    told = json.loads(render(_education(marts), "json"))
    assert (told["resolved"], told["unexplained"]) == (1887, 3)
    assert (told["survey"]["satisfaction"], told["ranking"]["since_first"]) == (0.8281, -11)
    rows = {(r["section"], r["code"]): r for r in csv.DictReader(io.StringIO(render(_education(marts), "csv")))}
    assert rows["dossiers", "late"]["numerator"] == "3"
    assert rows["dossiers", "unexplained_stopped"]["numerator"] == "1"
    assert rows["indicators", "DOSSIER_ONLINE"]["formula_vi"] == "kênh 2 / tiếp nhận"
    assert rows["survey", "2020"]["value"] == "0.8281"
    assert rows["par_index", "2020"]["numerator"] == "18"
    assert rows["late", "late by two"]["source"] == "a.csv:1"
    assert ("late", "'=late by one") in rows, "no cell is a formula"
    assert rows["initiatives", "initiatives"]["numerator"] == "2"
    assert {r["as_of"] for r in rows.values()} == {"2021-05-01 01:00:00"}


@pytest.mark.parametrize("form", ["pdf", "docx"])
def test_an_unknown_format_of_text_is_wrong_use(marts: duckdb.DuckDBPyConnection, form: str) -> None:
    with pytest.raises(WrongUse, match=form):
        render(_education(marts), form)


def test_an_unknown_language_is_wrong_use(marts: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(WrongUse, match="fr"):
        render(_education(marts), "md", "fr")


def test_the_headline_sums_months_not_years(marts: duckdb.DuckDBPyConnection) -> None:
    found = headline(marts, rule="R_PLAIN")
    assert found is not None
    online = next(line for line in found.lines if line.code == "DOSSIER_ONLINE")
    assert (online.numerator, online.denominator) == (40, 1999)
    mail = next(line for line in found.lines if line.code == "MAIL_ACTIVE")
    assert (mail.numerator, mail.denominator) == (40, 90)  # with the small groups that no agency shows
    assert [a.resolved for a in found.agencies] == [1896, 4]
    assert (found.first_month, found.last_month) == (date(2020, 1, 1), date(2021, 5, 1))


def test_no_resolved_dossier_no_headline(marts: duckdb.DuckDBPyConnection) -> None:
    marts.execute("delete from marts.rpt_dossier_resolution")
    assert headline(marts, rule="R_PLAIN") is None
