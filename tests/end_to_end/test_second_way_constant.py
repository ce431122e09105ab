"""``rpt_indicator_constant`` equals a second way through successions that take hold within the province's months."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from pipelines.flows.indicator_catalogue import catalogue
from tests.end_to_end.provinces import province
from tests.end_to_end.second_way import read_stream
from tests.end_to_end.second_way_constant import PERIODS, Change, Figure, Geography, as_dict, counted, given_once
from tests.end_to_end.second_way_indicators import of_reference
from tests.end_to_end.second_way_months import Cell, Counts, counts_of
from tests.warehouse.geography_anew import geography_anew
from tests.warehouse.plain_sql import WAREHOUSE

CATALOGUE = {i.code: i for i in catalogue().indicators}
# The province tells of January to March 2020. Codes of it, and three that it does not know.
WITHIN = (
    ("H15.12", "H15.01", "2020-02-10", "merge", 1.0),
    # A chain: merged, and merged again.
    ("H15.03", "H15.04", "2020-02-01", "merge", 1.0),
    ("H15.04", "H15.05", "2020-03-01", "merge", 1.0),
    # Split, one part of it renamed, and both parts together again in the end.
    ("H15.31", "H15.31.01", "2020-02-15", "split", 0.6),
    ("H15.31", "H15.31.02", "2020-02-15", "split", 0.4),
    ("H15.31.02", "H15.97", "2020-03-01", "rename", 1.0),
    ("H15.33", "H15.33.01", "2020-02-15", "split", 0.125),
    ("H15.33", "H15.33.02", "2020-02-15", "split", 0.875),
    ("H15.33.01", "H15.33.02", "2020-03-01", "merge", 1.0),
    # Goes on with a part.
    ("H15.02", "H15.02", "2020-03-01", "split", 0.75),
    ("H15.02", "H15.16", "2020-03-01", "split", 0.25),
    ("H15.17", "H15.99", "2020-02-01", "rename", 1.0),
    ("H15.32", "H15", "2020-03-01", "abolish", 1.0),
    # Its code is another agency's from March on.
    ("H15.13", "H15.98", "2020-02-01", "rename", 1.0),
    ("H15.14", "H15.13", "2020-03-01", "rename", 1.0),
    # Nothing yet.
    ("H15.09", "H15.10", "2020-06-01", "merge", 1.0),
)
DAYS = {"within": "2020-04-01", "shipped": "2025-07-01"}
MONTHLY = {"WEBSITE_POSTS", "PAR_INITIATIVES"}
# A cell of nothing has no share: that is no reason to hide it.
NO_REASON = {None, "no_denominator"}
# The register that the simulator writes tells of no repository.
SILENT = {"DOSSIER_REPOSITORY"}


def _changes(which: str) -> list[Change]:
    if which == "within":
        return [Change(a, b, pd.Timestamp(day), kind, weight) for a, b, day, kind, weight in WITHIN]
    text = (WAREHOUSE / "seeds" / "agency_successions.csv").read_text(encoding="utf-8")
    return [
        Change(r["from_code"], r["to_code"], pd.Timestamp(r["valid_on"]), r["kind"], float(r["weight"]))
        for r in csv.DictReader(text.splitlines())
    ]


class Both:
    """The mart in one geography, and what the second way finds it with."""

    def __init__(self, which: str, exports: Path) -> None:
        changes = _changes(which)
        self.geography = Geography(changes, pd.Timestamp(DAYS[which]))
        self.counts: Counts = counts_of(exports)
        listed = read_stream(exports, "reference/agencies")
        self.code_of = dict(zip(listed["Mã định danh cũ"], listed["Mã định danh"], strict=True))
        self.marts = _built(changes, DAYS[which])

    def ours(self, code: str, period: str) -> dict[Cell, Figure]:
        rows = self.marts.execute(
            "select agency_code, period_start, denominator, numerator, value, na_reason, is_moved, is_estimated "
            "from rpt_indicator_constant where indicator_code = $1 and period_type = $2",
            [code, period],
        ).fetchall()
        return {
            (agency, pd.Timestamp(start)): Figure(
                whole or 0, part or 0, value, frozenset({reason} - NO_REASON), moved, estimated
            )
            for agency, start, whole, part, value, reason, moved, estimated in rows
        }

    def with_new_codes(self, table: pd.DataFrame) -> pd.DataFrame:
        found = table[["all", "part"]].rename(index=self.code_of, level=0).groupby(level=[0, 1]).sum()
        return found[found["all"] > 0]

    def theirs(self, code: str) -> dict[str, dict[Cell, Figure]]:
        c = self.counts
        hidden = {(self.code_of.get(agency, agency), m): why for (agency, m), why in c.hidden.get(code, {}).items()}
        none = pd.DataFrame({"all": [], "part": []}, index=pd.MultiIndex.from_tuples([], names=["agency", "month"]))
        flow = (c.flows | c.ended | c.staff).get(code, none)
        stock = self.with_new_codes(c.stocks[code]) if code in c.stocks else None
        # Months of which there was nothing to count move along.
        flow = self.with_new_codes(flow)
        flow = flow.reindex(flow.index.union(self._told(code)).difference(list(hidden)), fill_value=0)
        return counted(flow, stock, hidden, self.geography)

    def _told(self, code: str) -> list[Cell]:
        """Agencies and months of which the indicator as it was says anything."""
        rows = self.marts.execute(
            "select agency_code, period_start from warehouse.marts.rpt_indicator "
            "where indicator_code = $1 and period_type = 'month'",
            [code],
        ).fetchall()
        return [(agency, pd.Timestamp(start)) for agency, start in rows]


def _built(changes: list[Change], day: str) -> duckdb.DuckDBPyConnection:
    """Bridge and mart anew, over what the build of the province left."""
    told = [(c.origin, c.to, c.on.date(), c.kind, c.weight) for c in changes]
    return geography_anew(province(1, 0.0).home.warehouse, day, told)


@pytest.fixture(scope="module", params=sorted(DAYS))
def both(request: pytest.FixtureRequest) -> Iterator[Both]:
    found = Both(request.param, province(1, 0.0).exports)
    yield found
    found.marts.close()


def _codes() -> list[str]:
    return sorted(c for c, i in CATALOGUE.items() if i.not_fed is None and i.over_time != "own" and c not in SILENT)


def _shown(figures: dict[Cell, Figure]) -> dict[Cell, Figure]:
    """Cells that tell something: a count, or why there is none."""
    return {cell: f for cell, f in figures.items() if f.whole > 0 or f.reasons}


@pytest.mark.parametrize("code", _codes())
def test_counts(both: Both, code: str) -> None:
    theirs = both.theirs(code)
    for period in PERIODS:
        ours, expected = _shown(both.ours(code, period)), _shown(theirs[period])
        assert set(ours) == set(expected)
        for cell, figure in expected.items():
            found = ours[cell]
            assert (found.moved, found.estimated) == (figure.moved, figure.estimated), cell
            assert found.reasons <= figure.reasons, cell
            assert bool(found.reasons) == bool(figure.reasons), cell
            if not figure.reasons:
                counts = pytest.approx((figure.whole, figure.part))
                assert (found.whole, found.part) == counts, cell
                assert found.value == pytest.approx(figure.part / figure.whole), cell


def test_what_is_counted_once(both: Both) -> None:
    """Procedures, ranks, scores: an agency's own, or ``not_additive``."""
    told: dict[tuple[str, str], dict[Cell, Figure]] = {}
    for period, letter in PERIODS.items():
        for code, table in both.counts.own[letter].items():
            shown = both.with_new_codes(table)
            told[code, period] = {
                cell: Figure(whole, part, part / whole) for cell, (whole, part) in as_dict(shown).items()
            }
    for code, values in of_reference(province(1, 0.0).exports).items():
        if CATALOGUE[code].over_time == "own":
            told[code, "month" if code in MONTHLY else "year"] = {
                (both.code_of.get(agency, agency), start): Figure(value=value)
                for (agency, start), value in values.items()
            }
    assert {code for code, _ in told} == {c for c, i in CATALOGUE.items() if i.over_time == "own" and i.not_fed is None}
    reasons: set[str] = set()
    for (code, period), figures in told.items():
        ours, expected = both.ours(code, period), given_once(figures, both.geography)
        assert set(ours) == set(expected)
        for cell, figure in expected.items():
            found = ours[cell]
            assert (found.reasons, found.moved) == (figure.reasons, figure.moved), (code, cell)
            assert found.value == pytest.approx(figure.value), (code, cell)
            reasons |= figure.reasons
    assert reasons == {"not_additive"}


def test_the_changes_do_what_they_are_there_for(both: Both) -> None:
    """Otherwise nothing above was tried: moved, estimated and hidden figures, and codes that stand alone again."""
    rows = both.marts.execute(
        "select bool_or(is_moved), bool_or(is_estimated), bool_or(na_reason = 'small_group' and is_moved), "
        "bool_or(not is_moved and value is not null) from rpt_indicator_constant"
    ).fetchone()
    assert rows == (True, True, True, True)
