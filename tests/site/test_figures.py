"""The figures of the pages, from marts small enough to count by hand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import pytest

from pipelines.site.agency_page import AgencyPage, agency_page
from pipelines.site.figures.agencies import agency_figures
from pipelines.site.figures.heat import heat_by_month, heat_by_period
from pipelines.site.figures.levels import level_figures, on_time_rates
from pipelines.site.figures.overview import overview_figures
from pipelines.site.figures.province import Province, province
from pipelines.site.indicator_page import indicator_page
from pipelines.site.overview_page import OverviewPage, overview_page
from pipelines.site.tables import Link, Reason, Table

MARTS = Path(__file__).with_name("site_marts.sql").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def marts() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute(MARTS)
        yield connection


@pytest.fixture(scope="module")
def told(marts: duckdb.DuckDBPyConnection) -> Province:
    found = province(marts, "R_PLAIN")
    assert found is not None
    return found


@pytest.fixture(scope="module")
def first(marts: duckdb.DuckDBPyConnection, told: Province) -> OverviewPage:
    return overview_page(told, level_figures(marts, told), overview_figures(marts, told))


@pytest.fixture(scope="module")
def education(marts: duckdb.DuckDBPyConnection, told: Province) -> AgencyPage:
    return agency_page(told.by_code["H15.07"], told, agency_figures(marts, told))


def _rows(table: Table | None) -> dict[str, tuple[object, ...]]:
    """Rows by their first cell, in Vietnamese."""
    assert table is not None
    heads = [r[0].text.vi if isinstance(r[0], Link) else getattr(r[0], "vi", r[0]) for r in table.rows]
    return {head: tuple(row[1:]) for head, row in zip(heads, table.rows, strict=True)}


def test_agencies_that_have_figures_by_level(told: Province) -> None:
    codes = ["H15.07", "H15.08", "H15.31", "H15.31.01", "../x"]
    levels = ["province", "province", "district", "commune", "other"]
    assert [(a.code, a.level) for a in told.agencies] == list(zip(codes, levels, strict=True))
    assert told.by_code["H15.08"].name.en == told.by_code["H15.08"].name.vi, "no English name"


def test_a_code_that_is_no_file_name_gets_no_page(told: Province) -> None:
    assert told.by_code["../x"].page is None
    assert told.by_code["H15.07"].page == "agency-H15.07.html"


def test_the_newest_month_is_one_that_has_ended(told: Province) -> None:
    assert (told.first, told.month, told.last) == (date(2020, 12, 1), date(2021, 4, 1), date(2021, 5, 1))
    assert (told.previous, len(told.months)) == (date(2021, 3, 1), 5)


def test_no_figures_no_province() -> None:
    with duckdb.connect() as connection:
        connection.execute(MARTS)
        connection.execute("delete from marts.rpt_indicator; delete from marts.rpt_dossier_resolution")
        assert province(connection, "R_PLAIN") is None


def test_levels_add_up_what_is_shown(first: OverviewPage) -> None:
    online, *_, mail = first.progress["month"]
    bars = {b.level: b for b in online.bars}
    assert (bars["all"].numerator, bars["all"].denominator) == (60 + 20 + 999, 1200)
    assert (bars["province"].numerator, bars["province"].value) == (80, 0.4)
    assert bars["commune"].value is None, "nothing is not 0"
    by_level = {b.level: b.value for b in mail.bars}
    assert by_level == {"all": 0.2, "province": None, "district": 0.25, "commune": 0.15, "other": None}, "of officials"
    assert first.progress["whole"][0].bars[0].numerator == 10 + 20 + 60 + 50 + 20 + 999
    assert first.progress["year"][0].bars[0].numerator == 90 + 70 + 999
    assert first.progress["year"][-1].bars[0].value == 10 / 50


def test_the_target_is_the_one_ahead(first: OverviewPage) -> None:
    bar = first.progress["month"][0].bars[0]
    assert (bar.target, bar.target_on) == (0.9, date(2025, 12, 31))
    assert first.targets is not None
    assert [row[2] for row in first.targets.rows] == [date(2025, 12, 31)]


def test_ranking_is_by_level_and_only_of_enough_dossiers(first: OverviewPage) -> None:
    rows = _rows(first.ranking)
    assert list(rows)[:2] == ["Sở Giáo dục và Đào tạo", '=Sở <b>Y tế</b> & "Co"']
    _, place, score, on_time, online, *_, resolved, unexplained, open_late = rows["Sở Giáo dục và Đào tạo"]
    assert (place, score, on_time, online) == (1, 0.5, 0.96, 0.3)
    assert (resolved, unexplained, open_late) == (100, 3, 2)
    assert rows["UBND huyện Lắk"][1] == 1, "the first of its own level"
    assert rows['=Sở <b>Y tế</b> & "Co"'][1] is None
    assert Reason("small_group") in rows["UBND xã Đắk Phơi"]


def test_what_changed_says_whether_that_is_good(first: OverviewPage) -> None:
    before, now, moved, judged = _rows(first.changes)["Hồ sơ trực tuyến"]
    assert (before, now) == (70 / 200, 1079 / 1200)
    assert moved == pytest.approx(1079 / 1200 - 0.35)
    assert judged.text.vi == "Tốt hơn"  # type: ignore[attr-defined]
    assert first.moves is not None
    assert [(row[0].text.vi, row[4]) for row in first.moves.rows] == [
        ("Sở Giáo dục và Đào tạo", pytest.approx(0.4)), ('=Sở <b>Y tế</b> & "Co"', pytest.approx(-0.3)),
    ]  # fmt: skip


def test_what_needs_attention(first: OverviewPage) -> None:
    found = {a.kind: a for a in first.attention}
    assert (found["late"].total, found["late"].places) == (6, 2)
    assert [(link.text.vi, n) for link, n in found["late"].first] == [
        ("UBND huyện Lắk", 4),
        ("Sở Giáo dục và Đào tạo", 2),
    ]  # type: ignore[union-attr]
    assert (found["due_soon"].total, found["unexplained"].total) == (2, 3)
    assert found["held"].total == 4, "rows under a code that no list knows are no agency's"
    assert [age for _, age in found["stale"].first] == [486]
    assert [year for _, year in found["targets"].first] == [2025]


def test_dossiers_by_class_with_the_remainder(education: AgencyPage) -> None:
    years = _rows(education.years)
    assert years["2021"] == (100, 100, 60, 36, 1, 3, 0.96)
    assert years["12/2020 – 05/2021"] == (107, 107, 64, 39, 1, 3, pytest.approx(103 / 107))
    assert [row[1] for row in education.causes.rows] == [1, 1, 1]  # type: ignore[union-attr]
    assert [(c.label.vi, c.value) for c in education.cards][4] == ("Chưa giải thích được", 3)
    assert education.due_soon == (2, 8, None)


def test_channels_tell_also_what_no_channel_is_told_of(education: AgencyPage) -> None:
    assert education.channels is not None
    assert education.channels.table.rows == [(date(2021, 4, 1), 37, 60, 2, 1, 100)]


def test_an_agency_against_target_and_peers(education: AgencyPage) -> None:
    rows = {name: row for _, table in education.standing for name, row in _rows(table).items()}
    _, value, numerator, denominator, _, target, against, median, place = rows["Hồ sơ trực tuyến"]
    assert (value, numerator, denominator, target, place) == ((0.3, 0.5), 90, 300, 0.5, "2/2")
    assert against.text == ("Thiếu 20,0 điểm %", "20.0 points short")  # type: ignore[attr-defined]
    assert median.value == pytest.approx(0.325)  # type: ignore[attr-defined]
    assert rows["Quá hạn"][-1] == "1/2", "fewer is better"
    assert rows["Xếp hạng"][1].value == 18  # type: ignore[attr-defined]
    assert "Sáng kiến" not in rows, "what no stream feeds stands on the page of the indicator"


def test_the_forecast_goes_through_the_mean_of_its_months(education: AgencyPage) -> None:
    chart = education.trends["igate"][0]
    line = {month: (v, lo, hi) for month, s, v, lo, hi in chart.rows if s == "forecast"}
    assert line["2021-04"][0] == pytest.approx(0.3 + 0.25), "mean of 0.1, 0.2, 0.6 and one month of the pace"
    assert line["2021-05"] == (pytest.approx(0.8), pytest.approx(0.7), pytest.approx(0.9))
    assert line["2022-04"][0] == 1, "no share is above 100 %"
    assert [r[2] for r in chart.rows if r[1] == "own"] == [None, None, 0.1, 0.2, 0.6]
    assert chart.told is not None
    assert "tới nơi tháng 06/2021 (sớm nhất 05/2021, muộn nhất 07/2021)" in chart.told.vi


def test_signals_stand_beside_the_base_rate(education: AgencyPage) -> None:
    _, count, base, share, province_share, newest = education.signals.rows[0]  # type: ignore[union-attr]
    assert (count, base, share, newest) == (3, 400, 0.0075, date(2021, 4, 1))
    assert float(province_share) == pytest.approx((0.04 * 100 + 0.08 * 300) / 400)


def test_quality_names_streams_and_rules_in_words(education: AgencyPage) -> None:
    assert list(_rows(education.quality).values()) == [(90, 0, 4)]
    fault = education.faults.rows[0]  # type: ignore[union-attr]
    assert (fault[0].vi, fault[3]) == ("Không phải ngày giờ hợp lệ", 4)


def test_an_indicator_by_rule_and_denominator(marts: duckdb.DuckDBPyConnection, told: Province) -> None:
    page = indicator_page(
        told.indicator["DOSSIER_EARLY"], told, level_figures(marts, told), on_time_rates(marts, told), []
    )
    rules = _rows(page.rules)
    assert rules["R_PLAIN"][1:3] == (pytest.approx(136 / 140), pytest.approx(96 / 97))
    assert rules["R_TRA"][1:] == (None,) * 4
    assert [row[0].text.vi for row in page.variants.rows] == ["Trước hạn", "Quá hạn"]  # type: ignore[union-attr]


def test_what_no_stream_feeds_says_so(marts: duckdb.DuckDBPyConnection, told: Province) -> None:
    page = indicator_page(told.indicator["PAR_INITIATIVES"], told, level_figures(marts, told), [], [])
    assert ("Chưa có nguồn.", "No stream.") in [text for _, text in page.facts]
    assert (page.heat, page.trend, page.variants) == (None, None, None)


def test_heat_cells_never_round_to_all_or_nothing(marts: duckdb.DuckDBPyConnection, told: Province) -> None:
    rows = {row.agency_code: row for row in heat_by_month(marts, told)["DOSSIER_ONLINE"]}
    assert list(rows) == ["H15.07", "H15.08", "H15.31"]
    assert rows["H15.31"].cells.endswith('<td class="h9">99</td>'), "99,9 % is not 100 %"
    assert rows["H15.07"].cells.count('<td class="hx">·</td>') == 2
    assert rows["H15.07"].line == ",,0.1,0.2,0.6"
    hidden = heat_by_month(marts, told)["MAIL_ACTIVE"][-1]
    assert (hidden.cells[-21:], hidden.line) == ('<td class="hx">×</td>', ',,,,"small_group"')
    periods = heat_by_period(marts, told, ["DOSSIER_ONLINE", "MAIL_ACTIVE"])
    assert periods[0].line == "0.6,,0.3,,,", "the month, 2021, 2020, of both indicators"
