"""Agencies in time: which rows of successions hold, and what chains of them lead to, from the models as plain SQL."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from functools import cache
from itertools import pairwise

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.examples import examples
from tests.warehouse.plain_sql import WAREHOUSE, seeded
from tests.warehouse.rendered import rendered
from tests.warehouse.successions import CEDED, CHAIN, MERGED, SPLIT, Edge, build, successions

# from, to, day of the first change, share
Way = tuple[str, str, str, Decimal]


def _ways(connection: duckdb.DuckDBPyConnection, day: str) -> set[Way]:
    rows = connection.execute(
        "select agency_code, successor_code, changed_on::varchar, weight from built.bridge_agency_geography "
        "where geography_date = $1",
        [day],
    ).fetchall()
    return {(a, b, on, w.normalize()) for a, b, on, w in rows}


def _resolved(edges: Sequence[Edge]) -> duckdb.DuckDBPyConnection:
    connection = successions(edges)
    build(connection, "dim_agency_succession", "bridge_agency_geography")
    return connection


@pytest.mark.parametrize(
    ("edges", "day", "expected"),
    [
        (MERGED, "2025-03-01", {("A", "C", "1"), ("B", "C", "1")}),
        (SPLIT, "2025-03-01", {("A", "X", "0.6"), ("A", "Y", "0.4")}),
        (CEDED, "2025-03-01", {("A", "A", "0.75"), ("A", "B", "0.25")}),
        ([("D", "H15", "2025-07-01", "abolish", "1")], "2025-07-01", {("D", "H15", "1")}),
        (CHAIN, "2025-03-01", {("A", "X", "0.6"), ("A", "Y", "0.4")}),
        (CHAIN, "2025-07-01", {("A", "P", "0.6"), ("A", "Z", "0.4"), ("X", "P", "1"), ("Y", "Z", "1")}),
        # Two ways to one agency add up.
        ([*SPLIT, ("X", "Z", "2025-07-01", "merge", "1"), ("Y", "Z", "2025-07-01", "merge", "1")], "2025-07-01",
         {("A", "Z", "1"), ("X", "Z", "1"), ("Y", "Z", "1")}),
        # One that split twice: what B got in March is B's; A's later half goes to C.
        ([*CEDED, ("A", "A", "2025-07-01", "split", "0.5"), ("A", "C", "2025-07-01", "split", "0.5")], "2025-07-01",
         {("A", "A", "0.375"), ("A", "C", "0.375"), ("A", "B", "0.25"), ("A", "A", "0.5"), ("A", "C", "0.5")}),
    ],
    ids=["merge", "split", "part ceded", "abolished to parent", "half a chain", "chain", "ways meet", "split twice"],
)  # fmt: skip
def test_chains(edges: list[Edge], day: str, expected: set[tuple[str, str, str]]) -> None:
    with _resolved(edges) as connection:
        assert {(a, b, w) for a, b, _, w in _ways(connection, day)} == {
            (a, b, Decimal(w).normalize()) for a, b, w in expected
        }


@pytest.mark.parametrize(
    ("edges", "expected"),
    [
        # One that ended: whatever is told under its code goes to its successor, also afterwards.
        (MERGED[:1], {("A", "2025-03-01", None, None)}),
        # One that went on: its figures are split up to the day, and its own from then on.
        (CEDED, {("A", "2025-03-01", None, "2025-03-01")}),
        # Its code is given again in July: from then on it stands for itself, until it ends once more.
        (
            [*MERGED[:1], ("Q", "A", "2025-07-01", "rename", "1"), ("A", "R", "2026-01-01", "rename", "1")],
            {
                ("A", "2025-03-01", None, "2025-07-01"),
                ("A", "2026-01-01", "2025-07-01", None),
                ("Q", "2025-07-01", None, None),
            },
        ),
    ],
    ids=["ended", "went on", "code given again"],
)
def test_when_a_figure_goes_which_way(edges: list[Edge], expected: set[tuple[str | None, ...]]) -> None:
    with _resolved(edges) as connection:
        found = connection.execute(
            "select distinct agency_code, changed_on::varchar, figures_from::varchar, figures_before::varchar "
            "from built.bridge_agency_geography"
        ).fetchall()
    assert set(found) == expected


def test_a_row_holds_only_where_its_codes_mean_its_agencies() -> None:
    """A province whose list gives the code to another agency must not see that one merged."""
    with successions([]) as connection:
        connection.execute(
            "insert into built.stg_reference__agencies values ('H1', 'Sở  nội vụ', 'new', '2021-03-01'), "
            "('H2', 'Sở Y tế', 'new', '2021-03-01'), ('H3', 'Sở Nội vụ', 'old', '2020-03-01')"
        )
        rows = [
            ("H1", "Ban khác;Sở Nội vụ", "H9", "unknown to the list"),  # one of the names, spelt otherwise
            ("H1", "Ban khác", "H2", None),
            ("H2", None, "H1", "Ban khác"),
            ("H3", "whatever the old list said", "H2", None),
            ("H2", None, "H1", None),  # asks for no name
        ]
        connection.executemany(
            "insert into built.agency_successions (from_code, from_name, to_code, to_name, valid_on, kind, weight) "
            "values (?, ?, ?, ?, '2025-01-01', 'merge', 1)",
            rows,
        )
        build(connection, "dim_agency_succession")
        found = connection.execute(
            "select from_code, to_code, to_name, is_applied from built.dim_agency_succession"
        ).fetchall()
    assert set(found) == {
        ("H1", "H9", "unknown to the list", True),
        ("H1", "H2", None, False),
        ("H2", "H1", "Ban khác", False),
        ("H3", "H2", None, True),
        ("H2", "H1", None, True),
    }


def _edges(steps: list[tuple[int, int, int, int]]) -> list[Edge]:
    """Successions of A … F, a step a month: each that changes is shared out in tenths, itself perhaps among them."""
    edges: list[Edge] = []
    ended: set[str] = set()
    for month, (*agencies, tenths) in enumerate(steps, 1):
        giver, one, other = ("ABCDEF"[n] for n in agencies)
        if giver not in ended:
            parts = {one: tenths, other: 10 - tenths} if one != other else {one: 10}
            kind = "merge" if one == other else "split"
            edges += [(giver, to, f"2025-{month:02}-01", kind, f"{part / 10}") for to, part in parts.items()]
            ended = (ended | {giver}) - set(parts)
    return edges


def _gone_on(ways: set[Way], step: dict[tuple[str, str], Decimal], day: str) -> set[Way]:
    """Ways of one day as they are after the changes of the next one."""
    found: dict[tuple[str, str, str], Decimal] = {(a, to, day): share for (a, to), share in step.items()}
    for agency, reached, on, weight in ways:
        further = {to: share for (a, to), share in step.items() if a == reached} or {reached: Decimal(1)}
        for to, share in further.items():
            found[agency, to, on] = found.get((agency, to, on), Decimal(0)) + weight * share
    return {(a, to, on, weight.normalize()) for (a, to, on), weight in found.items()}


@settings(max_examples=examples(15), deadline=None)
@given(st.lists(st.tuples(*[st.integers(0, 5)] * 3, st.integers(1, 9)), max_size=8))
def test_nothing_is_lost_or_made(steps: list[tuple[int, int, int, int]]) -> None:
    """Shares of a way make a whole on every day, and a longer way is the shorter one gone on."""
    edges = _edges(steps)
    days = sorted({e[2] for e in edges})
    with _resolved(edges) as connection:
        sums = connection.execute(
            "select sum(weight) from built.bridge_agency_geography group by geography_date, agency_code, changed_on"
        ).fetchall()
        by_day = {day: _ways(connection, day) for day in days}
        assert connection.execute(_test_of_the_seed()).fetchall() == []
    assert {s.normalize() for (s,) in sums} <= {Decimal(1)}
    for earlier, later in pairwise(days):
        step = {(e[0], e[1]): Decimal(e[4]) for e in edges if e[2] == later}
        assert by_day[later] == _gone_on(by_day[earlier], step, later)


@cache
def _test_of_the_seed() -> str:
    text = (WAREHOUSE / "tests" / "agency_successions_hold.sql").read_text(encoding="utf-8")
    return rendered(text, schema="built")


@pytest.mark.parametrize(
    ("edges", "fault"),
    [
        ([("A", "X", "2025-03-01", "split", "0.6"), ("A", "Y", "2025-03-01", "split", "0.3")], "shares"),
        ([("A", "X", "2025-03-01", "merge", "0.6"), ("A", "Y", "2025-03-01", "split", "0.4")], "kind"),
        ([("A", "X", "2025-03-01", "merge", "1"), ("X", "Y", "2025-03-01", "merge", "1")], "same day"),
        ([*MERGED[:1], ("A", "D", "2025-07-01", "merge", "1")], "ended"),
        ([*MERGED, *SPLIT, ("C", "C", "2025-07-01", "rename", "1")], "shares"),
    ],
    ids=["shares do not add up", "a merger in parts", "gone on the day it begins", "ended twice", "told twice"],
)
def test_what_cannot_be_is_found(edges: list[Edge], fault: str) -> None:
    with successions(edges) as connection:
        found = connection.execute(_test_of_the_seed()).fetchall()
    assert fault in {row[-1] for row in found}


def test_the_lists_of_these_tests_and_the_shipped_one_hold() -> None:
    for edges in (MERGED, SPLIT, CHAIN, CEDED):
        with successions(edges) as connection:
            assert connection.execute(_test_of_the_seed()).fetchall() == []
    with seeded("agency_successions") as connection:
        assert connection.execute(_test_of_the_seed()).fetchall() == []
        rows = connection.execute(
            "select * from built.agency_successions where source is null or certainty not in ('S', 'K', 'P', 'D') "
            "or weight_certainty not in ('S', 'K', 'P', 'D') or note_vi is null or note_en is null"
        ).fetchall()
        assert rows == []
        districts = connection.execute(
            "select count(*), count(distinct from_code) from built.agency_successions where kind = 'abolish'"
        ).fetchone()
    assert districts == (15, 15)  # domain.md §3
