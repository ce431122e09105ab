"""What each rule says of dossiers that are open when a month ends, worked out by hand, from the models as plain SQL."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from tests.warehouse.rendered import model, rendered

KNOWN_AT = "2021-04-14 01:00:00"
# One dossier an agency, named after what is particular to it: received, resolved, status, due, due by the calendar,
# requests, waiting from, waiting until.
DOSSIERS = {
    "due on the last day": (
        *("2021-01-01", "2021-03-01", 10, "2021-01-31 17:00", "2021-02-01 07:00", 0),
        *(None, None),
    ),
    "waits": ("2021-01-01", None, 5, "2021-01-20 17:00", None, 1, "2021-02-03 09:00", None),
    "asked in time": (
        *("2021-01-01", "2021-04-01", 10, "2021-01-20 17:00", "2021-03-10 09:00", 1),
        *("2021-01-19 09:00", "2021-03-01 09:00"),
    ),
    "asked twice": (
        *("2021-02-01", None, 4, "2021-04-20 17:00", "2021-04-20 09:00", 2),
        *("2021-03-05 09:00", "2021-03-06 09:00"),
    ),
    "paused": ("2021-03-01", None, 6, "2021-03-10 17:00", "2021-03-10 09:00", 0, None, None),
    "undated": ("2021-04-01", None, 4, None, None, 0, None, None),
}
# At the end of each month from the first on: d in due, l late, u undated, - none open. April is not over: it is looked
# at on the 14th.
EXPECTED = {
    # A rule of days calls what was due on 31 January late in February, a rule of moments that evening.
    "due on the last day": {"R_PLAIN": "dl--", "R_DATE": "dl--", "R_TRA": "ll--", "R_766": "ll--", "R_GL": "ll--"}
    | {"R_STRICT": "dl--"},
    # What waits is in due by R_DATE, also by the clock that stands still; by R_766 only what was asked for before due.
    "waits": {"R_PLAIN": "llll", "R_DATE": "lddd", "R_TRA": "llll", "R_766": "llll", "R_GL": "llll"}
    | {"R_STRICT": "dddd"},
    "asked in time": {"R_PLAIN": "lll-", "R_DATE": "ddl-", "R_TRA": "lll-", "R_766": "ddl-", "R_GL": "lll-"}
    | {"R_STRICT": "ddl-"},
    # A second request is late at once by R_766; due on 20 April is not late on the 14th.
    "asked twice": {"R_PLAIN": "ddd", "R_DATE": "ddd", "R_TRA": "ddd", "R_766": "dll", "R_GL": "ddd"}
    | {"R_STRICT": "ddd"},
    "paused": {"R_PLAIN": "ll", "R_DATE": "dd", "R_TRA": "ll", "R_766": "ll", "R_GL": "ll", "R_STRICT": "ll"},
    "undated": {"R_PLAIN": "u", "R_DATE": "d", "R_TRA": "u", "R_766": "u", "R_GL": "u", "R_STRICT": "u"},
}


@pytest.fixture(scope="module")
def reports() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("create schema staging; create schema audit")
        connection.execute(f"create table audit.batches as select '{KNOWN_AT}' as exported_at")
        connection.execute("create table staging.dim_agency (agency_code varchar, agency_name varchar)")
        connection.execute(
            "create table staging.dim_date as select day::date as day, date_trunc('month', day)::date as month "
            "from generate_series(timestamp '2020-01-01', timestamp '2022-12-31', interval 1 day) as t(day)"
        )
        connection.execute(
            "create table staging.fct_dossier (agency_code varchar, received_month date, resolved_month date, "
            "status_code integer, due_at timestamp, due_recomputed_at timestamp, request_count integer, "
            "waiting_from timestamp, waiting_until timestamp)"
        )
        rows = [(agency, *values) for agency, values in DOSSIERS.items()]
        connection.executemany("insert into staging.fct_dossier values (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
        classes = ", ".join(
            f"case when resolved_month is not null then 'late' end as class_{rule.lower()}"
            for rule in EXPECTED["undated"]
        )
        connection.execute(
            "create or replace table staging.fct_dossier as select *, true as is_received, "
            f"waiting_from is not null and waiting_until is null as is_waiting, {classes} from staging.fct_dossier"
        )
        for folder, name in (
            *(("intermediate", "int_dossier__month_changes"), ("marts", "rpt_dossier_resolution")),
            ("marts", "rpt_on_time_rate"),
        ):
            connection.execute(f"create table staging.{name} as {rendered(model(folder, name))}")
        yield connection


@pytest.mark.parametrize("agency", DOSSIERS)
def test_open_dossiers_at_each_month_end(reports: duckdb.DuckDBPyConnection, agency: str) -> None:
    found = reports.execute(
        """
        select rule_code, string_agg(repeat('d', open_in_due_count) || repeat('l', open_late_count)
            || repeat('u', open_no_due_date_count)
            || case when open_in_due_count + open_late_count + open_no_due_date_count = 0 then '-' else '' end, ''
            order by month)
        from staging.rpt_dossier_resolution where agency_code = $1 group by rule_code
        """,
        [agency],
    ).fetchall()
    assert dict(found) == EXPECTED[agency]


def test_what_is_received_or_carried_over_is_resolved_or_open(reports: duckdb.DuckDBPyConnection) -> None:
    rows = reports.execute(
        "select received_count + carried_over_count, resolved_count + open_in_due_count + open_late_count "
        "+ open_no_due_date_count from staging.rpt_dossier_resolution"
    ).fetchall()
    assert len(rows) == 6 * (3 * 4 + 3 + 2 + 1)  # rules x months of the agencies, from each one's first to April
    assert [r for r in rows if r[0] != r[1]] == []


def test_handled_counts_open_dossiers_by_rule(reports: duckdb.DuckDBPyConnection) -> None:
    """In February "waits" is open, carried over: late by R_GL and R_PLAIN, in due by R_DATE."""
    rows = reports.execute(
        "select rule_code, numerator, denominator, value from staging.rpt_on_time_rate "
        "where agency_code = 'waits' and month = date '2021-02-01' and denominator_code = 'HANDLED'"
    ).fetchall()
    assert {r: (n, d, v) for r, n, d, v in rows} == {
        **dict.fromkeys(("R_PLAIN", "R_TRA", "R_766", "R_GL"), (0, 1, 0.0)),
        **dict.fromkeys(("R_DATE", "R_STRICT"), (1, 1, 1.0)),
    }
