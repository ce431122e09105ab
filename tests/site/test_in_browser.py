"""The pages of a province, opened from disk: their figures against the marts, and everything that can be clicked."""

from __future__ import annotations

import base64
import csv
import io
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from pipelines.domain.numbers import en_percent, vi_count, vi_percent
from tests.end_to_end.provinces import province
from tests.site.guards import DESKTOP, PHONE, guarded_page, no_violations

PAGES = ("index.html", "agency-H15.07.html", "indicator-WORK_FILE_A.html", "heat.html", "about.html")
LARGEST = 1_500_000
# Rows of one table are all of a kind; axe looks at each cell of each.
_FIRST_ROWS = "document.querySelectorAll('tbody tr:nth-child(n+20)').forEach((row) => row.remove())"
_NEWEST = "(select max(period_start) from marts.rpt_indicator where period_type = 'month' and period_end < as_of::date)"


@pytest.fixture(scope="module")
def site() -> Path:
    return province(1, 0.02).home.site.resolve()


def _marts(query: str) -> list[tuple[Any, ...]]:
    with province(1, 0.02).marts() as connection:
        return connection.execute(query).fetchall()


def _open(page: Page, site: Path, name: str) -> None:
    page.goto((site / name).as_uri())
    page.wait_for_function(
        "() => [...document.querySelectorAll('figure.chart .plot')].every((plot) => plot.querySelector('svg'))"
    )


def _texts(page: Page, selector: str) -> list[str]:
    """What a reader sees of each element: the language that is not shown is not there."""
    return [text.strip() for text in page.locator(selector).all_inner_texts()]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_anyone_can_use_it(browser: Browser, site: Path, name: str, scheme: str) -> None:
    with guarded_page(browser, color_scheme=scheme) as page:
        _open(page, site, name)
        page.evaluate(_FIRST_ROWS)
        no_violations(page, colours_alone=scheme == "dark")


@pytest.mark.parametrize("name", PAGES)
def test_on_a_phone_only_tables_scroll_sideways(browser: Browser, site: Path, name: str) -> None:
    with guarded_page(browser, viewport={**PHONE, "width": 360}) as page:
        _open(page, site, name)
        assert page.evaluate("document.documentElement.scrollWidth") == 360
        if name.startswith("agency"):
            no_violations(page)  # its targets are closest together


def test_no_page_is_too_large(site: Path) -> None:
    sizes = {p.name: p.stat().st_size for p in site.iterdir()}
    assert len(sizes) > 250
    assert max(sizes.values()) < LARGEST


def test_progress_is_what_the_marts_say(page: Page, site: Path) -> None:
    _open(page, site, "index.html")
    found = _marts(
        f"""
        select i.indicator_code, coalesce(a.level, 'all'), sum(i.numerator), sum(i.denominator)
        from marts.rpt_indicator as i inner join marts.dim_agency as a using (agency_code)
        where i.period_type = 'month' and i.period_start = {_NEWEST} and i.denominator > 0
            and i.indicator_code in ('DOSSIER_ONLINE', 'WORK_FILE_A', 'DOC_OUTGOING_ELECTRONIC')
        group by grouping sets ((i.indicator_code, a.level), (i.indicator_code))
        union all
        select indicator_code, level, numerator, denominator from marts.rpt_official_activity
        where month = {_NEWEST} and indicator_code = 'MAIL_ACTIVE' and numerator is not null
        """
    )
    assert len(found) > 10
    for code, level, numerator, denominator in found:
        value = page.locator(f"[data-period=month] [data-code={code}][data-level={level}]")
        assert value.inner_text().strip() == vi_percent(numerator / denominator), (code, level)


def test_the_period_can_be_chosen(page: Page, site: Path) -> None:
    _open(page, site, "index.html")
    page.get_by_label("Kỳ").select_option("whole")
    (numerator, denominator), = _marts(
        "select sum(numerator), sum(denominator) from marts.rpt_indicator where period_type = 'month' "
        f"and indicator_code = 'DOSSIER_ONLINE' and period_start <= {_NEWEST}"
    )  # fmt: skip
    shown = page.locator(".progress:visible [data-code=DOSSIER_ONLINE][data-level=all]")
    assert shown.inner_text().strip() == vi_percent(numerator / denominator)
    assert page.locator(".progress:visible").count() == 1


@pytest.mark.parametrize("agency", ["H15.07", "H15.31", "H15.31.01"])
def test_classes_of_an_agency_are_those_of_the_marts(page: Page, site: Path, agency: str) -> None:
    _open(page, site, f"agency-{agency}.html")
    told = _marts(
        "select sum(received_count), sum(resolved_count), sum(early_count), sum(on_time_count), sum(late_count), "
        "sum(unexplained_count) from marts.rpt_dossier_resolution "
        f"where rule_code = 'R_PLAIN' and agency_code = '{agency}'"
    )[0]
    assert _texts(page, "tr.total td.c")[:6] == [vi_count(int(n)) for n in told]


def test_a_heat_table_is_the_marts(page: Page, site: Path) -> None:
    _open(page, site, "indicator-DOSSIER_ONLINE.html")
    told = _marts(
        "select count(*), sum(case when value <= 0 then 0 when value >= 1 then 100 "
        "else greatest(1, least(99, round(value * 100))) end)::integer from marts.rpt_indicator where "
        f"period_type = 'month' and indicator_code = 'DOSSIER_ONLINE' and year(period_start) = 2020 "
        f"and period_start <= {_NEWEST} and value is not null"
    )[0]
    page.get_by_label("Kỳ").select_option("2020")
    cells = [int(text) for text in _texts(page, "#heat td:visible") if text not in "·×"]
    assert (len(cells), sum(cells)) == told


def test_agencies_are_found_by_level_and_name(page: Page, site: Path) -> None:
    _open(page, site, "index.html")
    count = dict(_marts("select level, count(*) from marts.dim_agency group by level"))
    page.locator("form[data-for=ranking]").get_by_label("Cấp").select_option("district")
    assert page.locator("#ranking tbody tr:visible").count() == count["district"]
    page.locator("form[data-for=ranking] input").fill("thi xa buon")
    assert _texts(page, "#ranking tbody tr:visible th") == ["UBND thị xã Buôn Hồ"], "without its marks"
    assert page.locator("form[data-for=ranking] output").inner_text().startswith("1/")


@pytest.mark.parametrize(("first", "sign"), [("descending", -1), ("ascending", 1)])
def test_a_table_is_put_in_order(page: Page, site: Path, first: str, sign: int) -> None:
    _open(page, site, "index.html")
    button = page.locator("#ranking thead button", has_text="Đã giải quyết")
    for _ in range(1 if first == "descending" else 2):
        button.press("Enter")
    assert button.locator("xpath=..").get_attribute("aria-sort") == first
    values = page.eval_on_selector_all(
        "#ranking tbody tr", "(rows) => rows.map((row) => row.cells[row.cells.length - 3].dataset.v ?? null)"
    )
    numbers = [int(v) for v in values if v is not None]
    assert numbers == sorted(numbers, key=lambda n: n * sign)
    assert None not in values[: len(numbers)], "what is empty stays at the end"


def test_the_heat_page_shows_communes_of_a_district(page: Page, site: Path) -> None:
    _open(page, site, "heat.html")
    page.get_by_label("Xã thuộc").select_option("H15.44")
    shown = page.locator("#heat tbody tr:visible")
    assert shown.count() == _marts("select count(*) from marts.dim_agency where parent_code = 'H15.44'")[0][0]
    columns = page.locator("#heat thead th:visible").count()
    page.get_by_label("Kỳ").select_option("2020")
    assert page.locator("#heat thead th:visible").count() == columns
    page.locator("#heat thead button:visible").nth(1).click()
    assert page.locator("#heat th[aria-sort=descending]").count() == 1


def test_english_by_a_switch_that_is_remembered(page: Page, site: Path) -> None:
    _open(page, site, "index.html")
    value = page.locator("[data-period=month] [data-code=MAIL_ACTIVE][data-level=all] .s")
    bare = float(value.get_attribute("data-v") or "")
    assert (page.title(), value.inner_text()) == ("Xử lý công việc trên môi trường mạng", vi_percent(bare))
    page.get_by_role("button", name="English").click()
    assert page.locator("h1").inner_text() == "Progress toward 100 % on line"
    assert (page.title(), value.inner_text()) == ("Work handled on line", en_percent(bare))
    page.get_by_role("link", name="Heat table").click()
    assert page.locator("h1").inner_text() == "Heat table: communes, districts, departments"
    page.get_by_role("button", name="Tiếng Việt").click()
    assert page.locator("h1").inner_text() == "Bảng nhiệt: xã, huyện, sở"


def test_light_and_dark_by_a_button(page: Page, site: Path) -> None:
    _open(page, site, "agency-H15.07.html")
    seen = []
    for _ in range(3):
        seen.append(page.evaluate("getComputedStyle(document.body).backgroundColor"))
        page.get_by_role("button", name="Sáng / tối").click()
    assert seen[0] == seen[2] != seen[1]


def test_charts_are_drawn_in_the_colours_of_the_page(page: Page, site: Path) -> None:
    _open(page, site, "agency-H15.07.html")
    assert page.locator("figure.chart").count() >= 6
    bars = page.eval_on_selector_all(
        "#classes svg path[fill='var(--c-early)']",
        "(found) => found.filter((bar) => bar.getBBox().height > 0).length",
    )
    months = _marts(
        "select count(*) from marts.rpt_dossier_resolution where rule_code = 'R_PLAIN' and agency_code = 'H15.07' "
        "and early_count > 0"
    )[0][0]
    assert bars == months > 0


def test_behind_every_table_stands_its_csv(page: Page, site: Path) -> None:
    _open(page, site, "agency-H15.07.html")
    assert page.locator("table").count() == page.locator("a[download]").count()
    link = page.locator("a[download='years.csv']")
    with page.expect_download() as started:
        link.click()
    saved = started.value.path().read_bytes()
    assert saved == base64.b64decode((link.get_attribute("href") or "").split(",")[1])
    rows = list(csv.reader(io.StringIO(saved.decode("utf-8-sig"))))
    assert [vi_count(int(n)) for n in rows[-1][1:7]] == _texts(page, "tr.total td.c")[:6]


def test_by_the_keyboard_one_comes_to_the_content_first(page: Page, site: Path) -> None:
    _open(page, site, "index.html")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"


def test_without_a_script_it_is_vietnamese_and_whole(browser: Browser, site: Path) -> None:
    with guarded_page(browser, java_script_enabled=False) as page:
        page.goto((site / "agency-H15.07.html").as_uri())
        assert page.locator("h1").inner_text() == "Sở Giáo dục và Đào tạo"
        page.locator("#classes summary").click()
        assert page.locator("#classes tbody tr").first.is_visible()


@pytest.mark.parametrize("name", ["index.html", "agency-H15.07.html"])
def test_on_paper_nothing_is_cut_off(browser: Browser, site: Path, name: str) -> None:
    with guarded_page(browser, viewport={**DESKTOP, "width": 688}) as page:  # A4 less its margins
        _open(page, site, name)
        page.emulate_media(media="print")
        assert page.locator("nav").is_hidden()
        assert page.evaluate("document.documentElement.scrollWidth") <= 688
