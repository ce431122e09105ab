"""Indicators in constant geography: figures worked out by hand, and a province's totals, which no geography changes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import duckdb
import pytest

from pipelines.storage.snapshots import open_current
from tests.warehouse.conftest import Nights
from tests.warehouse.geography_anew import geography_anew
from tests.warehouse.plain_sql import WAREHOUSE
from tests.warehouse.successions import CHAIN, MERGED, SPLIT, Edge, build, successions

# Figures of 2025: indicator, agency, month, numerator, denominator, stock, na_reason.
MONTHS: list[tuple[Any, ...]] = [
    ("ONLINE", "A", "2025-01-01", 8, 10, 0, None),
    ("ONLINE", "A", "2025-02-01", 2, 10, 0, None),
    ("ONLINE", "B", "2025-01-01", 1, 5, 0, None),
    ("ONLINE", "C", "2025-03-01", 6, 12, 0, None),
    ("ONLINE", "stranger", "2025-01-01", 3, 4, 0, None),
    ("OPEN", "A", "2025-01-01", 0, 0, 6, None),
    ("OPEN", "B", "2025-02-01", 0, 0, 2, None),
    ("OPEN", "A", "2025-02-01", 0, 0, 4, None),
    ("STAFF", "A", "2025-01-01", 6, 12, 0, None),
    ("STAFF", "B", "2025-01-01", 3, 4, 0, "small_group"),
    ("STAFF", "A", "2025-02-01", 6, 12, 0, None),
]
# What is counted once, as rpt_indicator tells it: indicator, agency, year, numerator, denominator, value, na_reason.
GIVEN: list[tuple[Any, ...]] = [
    ("RANK", "A", "2024-01-01", 3, 18, 3.0, None),
    ("RANK", "B", "2024-01-01", 9, 18, 9.0, None),
    ("RANK", "stranger", "2024-01-01", 1, 18, 1.0, None),
    ("MISSING", "A", "2024-01-01", None, None, None, "not_fed"),
    ("MISSING", "B", "2024-01-01", None, None, None, "not_fed"),
]

# Late and disputed dossiers are taken off: a figure under 0 is cut to 0, and of several agencies only their sum is.
CUT = "DOSSIER_SATISFACTION_766"


def _constant(edges: Sequence[Edge], geography: str = "2025-12-31") -> duckdb.DuckDBPyConnection:
    connection = successions(edges)
    connection.execute(
        "create table built.int_indicator__months (indicator_code varchar, agency_code varchar, month date, "
        "numerator bigint, denominator bigint, stock_numerator bigint, na_reason varchar); "
        "create table built.rpt_indicator (indicator_code varchar, agency_code varchar, period_start date, "
        "numerator bigint, denominator bigint, value double, na_reason varchar); "
        "create table built.dim_indicator (indicator_code varchar, unit varchar, over_time varchar, na_reason varchar);"
        "insert into built.dim_indicator values ('ONLINE', 'share', 'sum', null), ('OPEN', 'share', 'last', null), "
        "('STAFF', 'share', 'sum', null), ('RANK', 'rank', 'own', null), ('MISSING', 'share', 'sum', 'not_fed')"
    )
    connection.executemany("insert into built.int_indicator__months values (?, ?, ?, ?, ?, ?, ?)", MONTHS)
    connection.executemany("insert into built.rpt_indicator values (?, ?, ?, ?, ?, ?, ?)", GIVEN)
    connection.execute(
        "alter table built.int_indicator__months add column stock_denominator bigint; "
        "update built.int_indicator__months set stock_denominator = case indicator_code when 'OPEN' then 8 else 0 end; "
        "alter table built.rpt_indicator add column period_type varchar default 'year'"
    )
    models = ("dim_agency_succession", "bridge_agency_geography", "rpt_indicator_constant")
    build(connection, *models, geography=geography)
    return connection


def _figures(connection: duckdb.DuckDBPyConnection, code: str, period_type: str) -> dict[tuple[str, str], Any]:
    rows = connection.execute(
        "select agency_code, period_start::varchar, numerator, denominator, value, na_reason "
        "from built.rpt_indicator_constant where indicator_code = $1 and period_type = $2",
        [code, period_type],
    ).fetchall()
    return {(agency, start[:7]): reason or (n, d, v) for agency, start, n, d, v, reason in rows}


def test_a_merger_adds_what_can_be_added() -> None:
    """C stands for A and B from the first month on; a hidden part hides the sum, and two ranks make none."""
    with _constant(MERGED) as connection:
        assert _figures(connection, "ONLINE", "month") == {
            ("C", "2025-01"): (9, 15, 0.6),
            ("C", "2025-02"): (2, 10, 0.2),
            ("C", "2025-03"): (6, 12, 0.5),
            ("stranger", "2025-01"): (3, 4, 0.75),
        }
        assert _figures(connection, "ONLINE", "year")["C", "2025-01"] == (17, 37, pytest.approx(17 / 37))
        # The quarter's stock is that of its newest month, of A and B together.
        assert _figures(connection, "OPEN", "quarter") == {("C", "2025-01"): (6, 16, 0.375)}
        staff = {("C", "2025-01"): "small_group", ("C", "2025-02"): (6, 12, 0.5)}
        assert _figures(connection, "STAFF", "month") == staff
        assert _figures(connection, "STAFF", "year") == {("C", "2025-01"): (6, 12, 0.5)}
        ranks = {("C", "2024-01"): "not_additive", ("stranger", "2024-01"): (1, 18, 1)}
        assert _figures(connection, "RANK", "year") == ranks
        assert _figures(connection, "MISSING", "year") == {("C", "2024-01"): "not_fed"}


def test_a_split_shares_counts_and_keeps_the_rate() -> None:
    with _constant(SPLIT) as connection:
        found = _figures(connection, "ONLINE", "month")
        assert found["X", "2025-01"] == (pytest.approx(4.8), 6, pytest.approx(0.8))
        assert found["Y", "2025-01"] == (pytest.approx(3.2), 4, pytest.approx(0.8))
        assert {a for a, _ in _figures(connection, "RANK", "year")} == {"X", "Y", "B", "stranger"}
        assert _figures(connection, "RANK", "year")["X", "2024-01"] == "not_additive"
        told = connection.execute(
            "select distinct agency_code, is_moved, is_estimated, geography_date::varchar "
            "from built.rpt_indicator_constant where indicator_code = 'ONLINE'"
        ).fetchall()
    flags = {("X", True, True), ("Y", True, True), *((a, False, False) for a in ("B", "C", "stranger"))}
    assert set(told) == {(*f, "2025-12-31") for f in flags}


def test_an_agency_that_only_changed_its_name_keeps_its_rank() -> None:
    with _constant([("A", "N", "2025-03-01", "rename", "1")]) as connection:
        assert _figures(connection, "RANK", "year")["N", "2024-01"] == (3, 18, 3)


def test_without_a_succession_constant_is_as_it_was() -> None:
    """Also where the geography asked for is older than every change, as in the sample province by default."""
    for edges, geography in (([], "2025-12-31"), (CHAIN, "2024-12-31"), (CHAIN, "")):
        with _constant(edges, geography) as connection:
            found = connection.execute(
                "select indicator_code, agency_code, period_start::varchar, numerator, denominator, is_moved, "
                "is_estimated from built.rpt_indicator_constant where period_type = 'month' and na_reason is null"
            ).fetchall()
        told = [row[:6] for row in MONTHS if not row[6]]
        expected = {(c, a, m, n + s, d + (8 if c == "OPEN" else 0)) for c, a, m, n, d, s in told}
        assert {row[:5] for row in found} == expected
        assert {row[5:] for row in found} == {(False, False)}


def test_the_province_s_totals_stay_in_any_geography(nights: Nights) -> None:
    """The sample of 2021 with the agencies of July 2025: departments and communes merged, districts gone."""
    with geography_anew(nights.home.warehouse, "2025-07-01") as connection:
        sums = (
            "select indicator_code, period_start, sum(numerator)::decimal(30, 6), sum(denominator)::decimal(30, 6) "
            "from {} inner join warehouse.marts.dim_indicator as i using (indicator_code) "
            "where period_type = 'month' and i.over_time <> 'own' and i.system <> 'mail' "
            "and indicator_code not like 'STAFF%' group by all order by all"
        )
        both = ("rpt_indicator_constant", "warehouse.marts.rpt_indicator")
        ours, theirs = (connection.execute(sums.format(table)).fetchall() for table in both)
        levels = connection.execute(
            "select count(distinct agency_code) filter (a.level = 'district'), bool_or(is_moved) "
            "from rpt_indicator_constant inner join warehouse.marts.dim_agency as a using (agency_code) "
            "where value is not null"
        ).fetchone()
    assert len(ours) > 50
    assert [row for row in ours if row[0] != CUT] == [row for row in theirs if row[0] != CUT]
    cut = [both for both in zip(ours, theirs, strict=True) if both[0][0] == CUT]
    assert all(o[3] == t[3] and o[2] <= t[2] for o, t in cut)
    assert levels == (0, True)


def test_the_shipped_list_holds_for_the_sample(nights: Nights) -> None:
    """Its codes are those of the sample province, and its names those of that list of agencies."""
    with open_current(nights.home) as connection:
        wrong = connection.execute("select * from marts.dim_agency_succession where not is_applied").fetchall()
        known = connection.execute(
            "select count(distinct from_code) from marts.dim_agency_succession as s "
            "inner join marts.dim_agency as a on a.agency_code = s.from_code"
        ).fetchone()
    assert wrong == []
    assert known == (6 + 15 + 184,)


def test_the_queries_of_the_page_run(nights: Nights) -> None:
    page = (WAREHOUSE.parent / "docs" / "agencies.md").read_text(encoding="utf-8")
    with open_current(nights.home) as connection:
        found = [connection.execute(query).fetchall() for query in re.findall(r"```sql\n(.*?)```", page, re.DOTALL)]
        (resolved,) = connection.execute(
            "select sum(resolved_count) from marts.rpt_dossier_resolution where rule_code = 'R_PLAIN'"
        ).fetchone() or (None,)
    assert [bool(rows) for rows in found] == [True, True, False]  # nothing of the sample has ended without a successor
    assert sum(row[2] for row in found[0]) == resolved > 0
