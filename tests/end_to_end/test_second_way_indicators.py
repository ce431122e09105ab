"""Every indicator of the marts equals pandas', for every agency and month, quarter and year."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest

from pipelines.flows.indicator_catalogue import catalogue
from tests.end_to_end import second_way, second_way_officials
from tests.end_to_end import second_way_indicators as second
from tests.end_to_end.provinces import province
from tests.end_to_end.second_way_months import counts_of, newest_of, over

CATALOGUE = {i.code: i for i in catalogue().indicators}
GIVEN = {"SURVEY_SATISFACTION", "PAR_SCORE", "PAR_RANK", "WEBSITE_POSTS", "PAR_INITIATIVES"}
MONTHLY = {"WEBSITE_POSTS", "PAR_INITIATIVES"}
STAFF = {"STAFF_IGATE", "STAFF_IDESK", "STAFF_MAIL"}
PROCEDURES = {code for code in CATALOGUE if code.startswith("PROCEDURE_") and CATALOGUE[code].not_fed is None}
# The register that the simulator writes tells of no repository; the dbt unit test has the case.
SILENT = {"DOSSIER_REPOSITORY"}
COUNTED = {c for c, i in CATALOGUE.items() if i.not_fed is None} - GIVEN - STAFF - PROCEDURES - SILENT


@dataclass(frozen=True)
class Counted:
    """What pandas found: by month, by quarter, and by year."""

    months: second.Monthly
    quarters: second.Monthly
    years: second.Monthly


@pytest.fixture(scope="module")
def exports() -> Path:
    return province(1, 0.0).exports


@pytest.fixture(scope="module")
def counted(exports: Path) -> Counted:
    t = counts_of(exports)
    months = dict(t.flows)
    longer = {period: {code: over(period, table) for code, table in t.flows.items()} for period in "QY"}
    for code, stock in t.stocks.items():
        flow = t.ended.get(code, stock * 0)
        months[code] = stock.add(flow, fill_value=0).clip(lower=0)
        for period, found in longer.items():
            found[code] = newest_of(period, stock).add(over(period, flow), fill_value=0).clip(lower=0)
    return Counted(months | t.own["M"], *(longer[period] | t.own[period] for period in "QY"))


def _marts(code: str, period_type: str) -> pd.DataFrame:
    with province(1, 0.0).marts() as connection:
        return connection.execute(
            """
            select a.legacy_code as agency, i.period_start::timestamp as month, i.denominator as "all",
                   i.numerator as part, i.value, i.na_reason,
                   coalesce(i.na_reason, i.numerator || '/' || i.denominator) as shown
            from marts.rpt_indicator as i inner join marts.dim_agency as a on a.agency_code = i.agency_code
            where i.indicator_code = $1 and i.period_type = $2
            """,
            [code, period_type],
        ).df().set_index(["agency", "month"]).sort_index()  # fmt: skip


def _same(ours: pd.DataFrame, theirs: pd.DataFrame) -> None:
    ours = ours[ours["all"] > 0][["all", "part"]].astype("int64")
    theirs = theirs[theirs["all"] > 0][["all", "part"]].astype("int64").sort_index()
    assert len(ours) > 20
    missing = ours.index.symmetric_difference(theirs.index)
    assert len(missing) == 0, missing
    assert len(ours.compare(theirs)) == 0, ours.compare(theirs)


def test_the_second_way_knows_every_indicator_that_is_fed(counted: Counted) -> None:
    assert set(counted.months) == set(counted.quarters) == set(counted.years) == COUNTED | PROCEDURES


@pytest.mark.parametrize("code", sorted(COUNTED | PROCEDURES))
def test_indicator(counted: Counted, code: str) -> None:
    _same(_marts(code, "month"), counted.months[code])
    _same(_marts(code, "quarter"), counted.quarters[code])
    _same(_marts(code, "year"), counted.years[code])


def test_officials_at_work_are_shown_or_hidden_alike(exports: Path) -> None:
    found = second_way_officials.officials(exports)
    assert set(found) == STAFF
    seen = set()
    hidden = second_way_officials.small_in_mail(second_way.mail_active(exports), found["STAFF_MAIL"])
    for code, table in found.items():
        theirs = second_way_officials.shown_of(table)
        if code == "STAFF_MAIL":
            theirs |= dict.fromkeys(hidden, "small_group")
        assert _marts(code, "month")["shown"].to_dict() == theirs
        seen |= set(theirs.values())
    assert "small_group" in seen
    assert any("/" in text for text in seen)


def test_given_figures(exports: Path) -> None:
    found = second.of_reference(exports)
    assert set(found) == GIVEN
    for code, theirs in found.items():
        ours = _marts(code, "month" if code in MONTHLY else "year")["value"]
        assert ours.to_dict() == pytest.approx(theirs)
        assert len(theirs) > 15


@pytest.mark.parametrize("code", sorted(c for c, i in CATALOGUE.items() if i.not_fed))
def test_what_is_not_fed_has_a_reason_and_never_a_figure(code: str) -> None:
    ours = _marts(code, "year")
    assert len(ours) > 50
    assert set(ours["na_reason"]) == {"not_fed"}
    assert ours[["all", "part", "value"]].isna().all(axis=None)
    assert _marts(code, "month").empty


def test_points_of_766_are_those_of_the_sheet(counted: Counted) -> None:
    """Recomputed line by line from the second way's shares; groups are their sums, and the maxima make 100."""
    rate_of = {c: t["part"] / t["all"] for c, t in counted.years.items()}
    rate_of["DOSSIER_ONLINE_766"] = rate_of["DOSSIER_ONLINE_766"] * rate_of["DOSSIER_SYNCED"]
    with province(1, 0.0).marts() as connection:
        told = connection.execute(
            """
            select a.legacy_code as agency, s.period_start::timestamp as month, s.line, s.line_kind, s.max_points,
                s.points
            from marts.rpt_score_766 as s inner join marts.dim_agency as a on a.agency_code = s.agency_code
            where s.period_type = 'year'
            """
        ).df()
    lines = {line.line: line for line in catalogue().lines_766}
    sums: dict[tuple[str, pd.Timestamp], float] = {}
    scored = told[(told["line_kind"] == "line") & told["points"].notna()]
    for row in scored.itertuples():
        line = lines[row.line]
        expected = line.max_points * min(rate_of[line.indicator][row.agency, row.month] / line.full_at, 1)
        assert row.points == pytest.approx(expected), (row.agency, row.line)
        sums[row.agency, row.month] = sums.get((row.agency, row.month), 0) + expected
    assert set(scored["line"]) == {x.line for x in lines.values() if x.indicator in rate_of}
    totals = told[told["line_kind"] == "total"].set_index(["agency", "month"])
    assert set(totals["max_points"]) == {100}
    assert totals["points"].to_dict() == pytest.approx(sums)
    groups = told[told["line_kind"] == "group"].groupby("agency")["max_points"].sum()
    assert set(groups) == {100}
