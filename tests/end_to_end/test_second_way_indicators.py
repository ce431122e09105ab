"""Every indicator of the marts equals pandas', for every agency and month, quarter and year."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest

from pipelines.flows.indicator_catalogue import catalogue
from tests.end_to_end import second_way, second_way_officials, second_way_open
from tests.end_to_end import second_way_indicators as second
from tests.end_to_end.provinces import province

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


def _over(period: str, table: pd.DataFrame, *, last: bool = False) -> pd.DataFrame:
    table = table.sort_index()
    months = table.index.get_level_values("month")
    grouped = table.groupby([table.index.get_level_values("agency"), months.to_period(period).to_timestamp()])
    return (grouped.last() if last else grouped.sum()).rename_axis(["agency", "month"])


@pytest.fixture(scope="module")
def exports() -> Path:
    return province(1, 0.0).exports


@pytest.fixture(scope="module")
def counted(exports: Path) -> Counted:
    d = second.dossiers(exports)
    flows = second.of_dossiers(d) | second.of_documents(exports)
    flows |= {"DOSSIER_SYNCED": second.synced(d, exports), "DOSSIER_LATE_RECEPTION": second_way_open.late_reception(d)}
    mail = second_way.mail_active(exports)
    small = second_way_officials.small_in_mail(mail, second_way_officials.officials(exports)["STAFF_MAIL"])
    flows["MAIL_ACTIVE"] = mail[~mail.index.isin(small)].rename(columns={"active": "part"})
    stocks, ended = second_way_open.open_ones(d, exports)
    months = dict(flows)
    longer = {period: {code: _over(period, t) for code, t in flows.items()} for period in "QY"}
    for code, stock in stocks.items():
        # A month without anything open still is the newest one of its agency.
        index = pd.MultiIndex.from_product(
            [stock.index.unique("agency"), stock.index.unique("month")], names=["agency", "month"]
        )
        flow = ended.get(code, stock * 0)
        months[code] = stock.add(flow, fill_value=0).clip(lower=0)
        for period, found in longer.items():
            newest = _over(period, stock.reindex(index, fill_value=0), last=True)
            found[code] = newest.add(_over(period, flow), fill_value=0).clip(lower=0)
    of_procedures = [second.of_procedures(d, exports, period=period) for period in "MQY"]
    return Counted(*(counts | own for counts, own in zip((months, *longer.values()), of_procedures, strict=True)))


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


# The agencies of July 2025 by their old codes: six departments into others, districts to the province (domain.md §3).
SUCCESSORS = {f"000.00.{old}.H15": f"000.00.{new}.H15" for old, new in zip(
    ("12", "03", "08", "10", "11"), ("01", "04", "09", "06", "14"), strict=True
)} | {f"000.00.{district}.H15": "H15" for district in range(31, 46)}  # fmt: skip


@pytest.mark.parametrize("code", ["DOSSIER_ONLINE", "WORK_FILE_A", "DOSSIER_LATE"])
def test_constant_geography(counted: Counted, code: str) -> None:
    with province(1, 0.0).marts() as connection:
        ours = connection.execute(
            """
            select coalesce(s.legacy_code, g.successor_code, a.legacy_code) as agency,
                i.period_start::timestamp as month,
                sum(i.denominator * coalesce(g.weight, 1)) as "all", sum(i.numerator * coalesce(g.weight, 1)) as part
            from marts.rpt_indicator as i
            inner join marts.dim_agency as a on a.agency_code = i.agency_code
            left join marts.bridge_agency_geography as g
                on g.geography_date = date '2025-07-01' and g.agency_code = i.agency_code
                and (g.figures_before is null or i.period_start < g.figures_before)
            left join marts.dim_agency as s on s.agency_code = g.successor_code
            where i.indicator_code = $1 and i.period_type = 'month' group by all
            """,
            [code],
        ).df().set_index(["agency", "month"]).sort_index()  # fmt: skip
    told = counted.months[code].reset_index()
    told["agency"] = told["agency"].replace(SUCCESSORS)
    theirs = told.groupby(["agency", "month"])[["all", "part"]].sum()
    assert len(theirs) < len(counted.months[code])
    _same(ours, theirs)
