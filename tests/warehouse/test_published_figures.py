"""The published figures of ``domain.md`` §4: what closes must close, what does not is told with exactly its remainder.

The remainders stand here a second time, written from the publications and not from the seed.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import duckdb
import pytest

from tests.warehouse.plain_sql import seeded, sql_of

CLOSES = {
    *("GDDT_RANK_SINCE_2016", "PAR_2021_DEPARTMENTS", "PAR_2021_DISTRICTS", "PAR_2024_DISTRICTS"),
    *("PAR_2024_UNPUBLISHED", "DAKLAK_2018_03_CLASSES", "DAKLAK_2018_03_RESOLVED_SHARE"),
    *("DAKLAK_2018_03_EARLY_SHARE", "DAKLAK_2018_03_ON_TIME_SHARE", "DAKLAK_2018_03_LATE_SHARE"),
    *("DAKLAK_2018_03_TOTAL_SHARE", "PVHCC_2024", "PVHCC_2024_SHARE", "DAKLAK_766_ORDER", "DAKLAK_766_BOUNDS"),
    *("HUE_12_RECEIVED", "HUE_12_EARLY_SHARE", "HUE_12_ON_TIME_SHARE", "HUE_12_LATE_SHARE", "HUE_3_RECEIVED"),
    *("HUE_4_RECEIVED", "DAKNONG_RECEIVED", "DAKNONG_CLASSES", "DAKNONG_CLOSES", "DAKNONG_SATISFACTION"),
    *("GIALAI_2025_01_CLASSES", "GIALAI_2025_01_SHARE", "GIALAI_2025_09_CAUSES", "LAMDONG_BOUNDS"),
}
REMAINS = {
    "GDDT_CLASSES": "3",
    "GDDT_BELOW_THRESHOLD": "7.19",
    "GDDT_RANK_SINCE_2019": "3",
    "DAKLAK_2018_03_TOTAL_OF_RESOLVED": "-2.6",
    "DAKLAK_2017_SHARES": "8.3",
    "BMT_2017_SHARE": "2.7",
    "HUE_12_CLASSES": "9612",
    "HUE_3_CLASSES": "2267",
    "HUE_4_CLASSES": "3",
    "GIALAI_2025_09_FINANCE": "635",
    "SONLA_766_GROUPS": "3.31",
    "HAUGIANG_DEPARTMENT_PORTAL": "-188",
    "HAUGIANG_PROVINCE_PORTAL": "-371",
    "HAUGIANG_PROVINCE_DEPARTMENT": "-183",
}
Verdicts = dict[str, tuple[Decimal | None, str]]


@pytest.fixture(scope="module")
def marts() -> Iterator[duckdb.DuckDBPyConnection]:
    with seeded("published_figures", "published_checks") as connection:
        connection.execute(f"create view built.rpt_published_check as {sql_of('rpt_published_check')}")
        yield connection


@pytest.fixture
def published(marts: duckdb.DuckDBPyConnection) -> Iterator[duckdb.DuckDBPyConnection]:
    """What a test changes is taken back."""
    marts.execute("begin")
    yield marts
    marts.execute("rollback")


def _verdicts(connection: duckdb.DuckDBPyConnection) -> Verdicts:
    rows = connection.execute("select check_code, remainder, verdict from built.rpt_published_check").fetchall()
    return {code: (remainder, verdict) for code, remainder, verdict in rows}


def test_every_row_of_the_list_is_checked(published: duckdb.DuckDBPyConnection) -> None:
    for table in ("published_figures", "published_checks"):
        rows = published.execute(f"select distinct figure_row from built.{table} order by 1").fetchall()
        assert [n for (n,) in rows] == list(range(1, 16))
    assert set(_verdicts(published)) == CLOSES | set(REMAINS)


def test_what_closes_closes(published: duckdb.DuckDBPyConnection) -> None:
    found = _verdicts(published)
    assert {code: found[code] for code in CLOSES} == dict.fromkeys(CLOSES, (Decimal(0), "closes"))


def test_what_does_not_close_is_told_with_exactly_its_remainder(published: duckdb.DuckDBPyConnection) -> None:
    found = _verdicts(published)
    expected = {code: (Decimal(remainder), "known_remainder") for code, remainder in REMAINS.items()}
    assert {code: found[code] for code in REMAINS} == expected


def test_one_more_or_less_anywhere_is_seen(published: duckdb.DuckDBPyConnection) -> None:
    """Every figure of a sum carries weight: a digit that slipped changes the verdict of its checks."""
    sums = published.execute(
        "select check_code, unnest(string_split(whole || ';' || parts, ';')) from built.published_checks "
        "where kind = 'sum'"
    ).fetchall()
    assert len(sums) > 70
    for check, figure in sums:
        change = "update built.published_figures set value = value + $2 where figure_code = $1"
        published.execute(change, [figure, 1])
        assert _verdicts(published)[check][1] == "differs", (check, figure)
        published.execute(change, [figure, -1])


@pytest.mark.parametrize(
    ("change", "check", "verdict"),
    [
        ("value = 89 where figure_code = 'PAR_2024_BUON_DON'", "PAR_2024_DISTRICTS", "differs"),
        ("value = 80.1 where figure_code = 'PAR_2024_DEPARTMENTS'", "PAR_2024_UNPUBLISHED", "differs"),
        ("na_reason = null where figure_code = 'PAR_2024_DEPARTMENTS'", "PAR_2024_UNPUBLISHED", "differs"),
        ("value = 5.17 where figure_code = 'DAKLAK_2018_03_LATE_SHARE'", "DAKLAK_2018_03_LATE_SHARE", "differs"),
        ("value = 100.1 where figure_code = 'LAMDONG_REUSED'", "LAMDONG_BOUNDS", "differs"),
        ("place = 64 where figure_code = 'LAMDONG_PAR_2024'", "LAMDONG_BOUNDS", "differs"),
        ("value = null where figure_code = 'HUE_4_LATE'", "HUE_4_CLASSES", "missing_figure"),
        ("figure_code = 'GONE' where figure_code = 'DAKNONG_LATE'", "DAKNONG_CLASSES", "missing_figure"),
    ],
)  # fmt: skip
def test_each_kind_of_check_can_fail(
    published: duckdb.DuckDBPyConnection, change: str, check: str, verdict: str
) -> None:
    published.execute(f"update built.published_figures set {change}")
    assert _verdicts(published)[check][1] == verdict


def test_figures_and_checks_are_whole(published: duckdb.DuckDBPyConnection) -> None:
    """A figure has a value or says why not; a check names figures that are there."""
    assert published.execute(
        "select figure_code from built.published_figures where (value is null) = (na_reason is null) "
        "or unit not in ('count', 'percent', 'points', 'rank') or scope not in ('agency', 'province', 'elsewhere') "
        "or (scope = 'agency') <> (agency_code is not null)"
    ).fetchall() == []  # fmt: skip
    assert published.execute(
        "select named.code from (select unnest(string_split(concat_ws(';', whole, parts, stated), ';')) as code "
        "from built.published_checks) as named anti join built.published_figures as f on f.figure_code = named.code"
    ).fetchall() == []  # fmt: skip
