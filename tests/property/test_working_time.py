"""The clock of dossiers in SQL agrees with one that walks minute by minute."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.examples import examples
from tests.property.slow_clock import MINUTE, Pause, SlowClock, none_if_unknown
from tests.warehouse.rendered import model, rendered
from tests.warehouse.test_seeds import SEEDS

# Around these something happens: year's ends (also the last signed one), leap day, Tết, a Saturday made up for.
ANCHORS = (
    *("2018-12-29", "2019-04-27", "2020-02-27", "2020-12-30", "2021-02-08", "2021-04-29", "2022-12-30"),
    *("2024-02-28", "2024-05-02", "2025-04-25", "2026-01-08", "2026-12-28"),
)
OFFICE = (time(7), time(11, 30), time(13, 30), time(17))
# An operator's hours that change twice; the last have no break.
CHANGED = (
    (date(2016, 1, 1), OFFICE),
    (date(2020, 12, 31), (time(7, 30), time(11, 30), time(13), time(17))),
    (date(2021, 2, 17), (time(8), time(14), time(14), time(14))),
)


@dataclass(frozen=True)
class Dossier:
    """What the clock is asked about."""

    submitted: datetime | None
    received: datetime
    ended: datetime | None
    limit: int | None
    working: bool
    pauses: tuple[Pause, ...]

    @property
    def waits(self) -> tuple[Pause, ...]:
        """Pauses within the dossier's time: none before reception, none after the end."""
        within = [(max(s, self.received), e) for s, e in self.pauses if self.ended is None or s < self.ended]
        ends = [self.ended if e is None or (self.ended and e > self.ended) else e for _, e in within]
        return tuple((s, e if e is None or e > s else s) for (s, _), e in zip(within, ends, strict=True))


moments = st.builds(
    lambda anchor, minutes: datetime.fromisoformat(anchor) + minutes * MINUTE,
    st.sampled_from(ANCHORS),
    st.integers(0, 5 * 1440) | st.sampled_from([7 * 60, 11 * 60 + 30, 13 * 60 + 30, 17 * 60, 1440 + 17 * 60]),
)


@st.composite
def dossiers(draw: st.DrawFn) -> Dossier:
    received = draw(moments)
    after = st.integers(0, 9 * 1440).map(lambda m: m * MINUTE)
    pauses = []
    for _ in range(draw(st.sampled_from([0, 0, 1, 2, 3]))):
        start = received + draw(after) - timedelta(days=1)
        pauses.append((start, draw(st.none() | st.integers(0, 3 * 1440).map(lambda m, s=start: s + m * MINUTE))))
    starts = [start for start, _ in pauses]
    return Dossier(
        submitted=draw(st.none() | st.integers(0, 4 * 1440).map(lambda m: received - m * MINUTE)),
        received=received,
        ended=draw(st.none() | after.map(lambda span: received + span)),
        limit=draw(st.none() | st.integers(1, 6)),
        working=draw(st.booleans()),
        # A second request at the same moment is the same request.
        pauses=tuple(p for n, p in enumerate(pauses) if p[0] not in starts[:n]),
    )


@cache
def _seed(name: str) -> list[dict[str, str]]:
    with (SEEDS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _slow(unsigned: frozenset[int], hours: tuple[tuple[date, tuple[time, ...]], ...]) -> SlowClock:
    signed = {int(r["year"]) for r in _seed("calendar_years") if r["is_signed"] == "true"} - unsigned
    kinds = {date.fromisoformat(r["exception_on"]): r["kind"] for r in _seed("calendar_exceptions")}

    @cache
    def works(day: date) -> bool | None:
        if day.year not in signed:
            return None
        return kinds.get(day, "working" if day.weekday() < 5 else "off") == "working"

    return SlowClock(works, cache(lambda day: [h for since, h in hours if since <= day][-1]))  # type: ignore[arg-type, return-value]


def _fast(unsigned: frozenset[int], hours: tuple[tuple[date, tuple[time, ...]], ...]) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("create schema staging")
    for name, types in {
        "calendar_years": {"year": "integer", "is_signed": "boolean"},
        "calendar_exceptions": {"exception_on": "date"},
    }.items():
        read = f"read_csv('{SEEDS / name}.csv', header = true, types = {types})"
        connection.execute(f"create table staging.{name} as from {read}")
    connection.execute(f"update staging.calendar_years set is_signed = false where year in {tuple(unsigned) or (0,)}")
    connection.execute(
        "create table staging.office_hours (valid_from date, morning_starts time, morning_ends time, "
        "afternoon_starts time, afternoon_ends time)"
    )
    connection.executemany("insert into staging.office_hours values (?, ?, ?, ?, ?)", [(d, *h) for d, h in hours])
    days = rendered(model("intermediate", "int_working_time__days"))
    connection.execute(f"create table staging.int_working_time__days as {days}")
    connection.execute(
        """
        create table staging.stg_igate__dossiers (dossier_code varchar, procedure_code varchar, submitted_at timestamp,
            received_at timestamp, ended_at timestamp, status_code integer, supplement_count integer,
            updated_at timestamp, _exported_at timestamp, _row_number bigint, _batch_id varchar);
        create table staging.stg_igate__supplements (dossier_code varchar, supplement_number integer,
            supplement_requested_at timestamp, supplement_received_at timestamp, _exported_at timestamp,
            _row_number bigint, _batch_id varchar);
        create table staging.fct_dossier_step (dossier_code varchar, step_number integer, status_code integer,
            started_at timestamp, processed_at timestamp);
        create table staging.dim_procedure as
            select '1.' || lpad(n::varchar, 6, '0') as procedure_code, n % 10 as statutory_days,
                case when n < 10 then 'Ngày làm việc' else 'Ngày' end as day_unit
            from range(20) as t(n);
        """
    )
    return connection


CALENDARS = {
    "as signed": (frozenset[int](), CHANGED[:1]),
    "a year in the middle is not signed": (frozenset({2021}), CHANGED[:1]),
    "hours change": (frozenset[int](), CHANGED),
}


@pytest.fixture(scope="module", params=CALENDARS)
def clocks(request: pytest.FixtureRequest) -> Iterator[tuple[SlowClock, duckdb.DuckDBPyConnection]]:
    with _fast(*CALENDARS[request.param]) as connection:
        yield _slow(*CALENDARS[request.param]), connection


@cache
def _query() -> str:
    columns = "due_recomputed_at, paused_minutes, working_minutes, reception_minutes"
    return f"select {columns} from ({rendered(model('intermediate', 'int_dossier__clock'))}) order by dossier_code"


def _asked(connection: duckdb.DuckDBPyConnection, asked: list[Dossier]) -> list[tuple[object, ...]]:
    connection.execute("truncate staging.stg_igate__dossiers; truncate staging.stg_igate__supplements")
    for n, d in enumerate(asked):
        code = f"{n:03}"
        procedure = f"1.{(d.limit or 0) + (0 if d.working else 10):06}"
        connection.execute(
            "insert into staging.stg_igate__dossiers values (?, ?, ?, ?, ?, ?, 0, null, '2027-01-01', 1, 'b')",
            [code, procedure, d.submitted, d.received, d.ended, 4 if d.ended is None else 9],
        )
        for number, (start, end) in enumerate(d.pauses):
            connection.execute(
                "insert into staging.stg_igate__supplements values (?, ?, ?, ?, '2027-01-01', 1, 'b')",
                [code, number, start, end],
            )
    return connection.execute(_query()).fetchall()


def _expected(clock: SlowClock, d: Dossier) -> tuple[object, ...]:
    waits = d.waits
    due = worked = None
    paused: object = None if waits else 0
    if d.limit:
        limit = d.limit
        due = none_if_unknown(lambda: clock.due(d.received, limit, working=d.working, pauses=waits))
    if waits and all(end is not None for _, end in waits):
        last = max([d.received, *(end for _, end in waits if end is not None)])
        paused = none_if_unknown(lambda: clock.minutes(d.received, last) - clock.minutes(d.received, last, waits))
    if d.ended is not None:
        ended = d.ended
        worked = none_if_unknown(lambda: clock.minutes(d.received, ended, waits))
    submitted = d.submitted
    reception = None if submitted is None else none_if_unknown(lambda: clock.minutes(submitted, d.received))
    return due, paused, worked, reception


@settings(max_examples=examples(5), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(asked=st.lists(dossiers(), min_size=6, max_size=10))
def test_the_clock_in_sql_is_the_clock(
    clocks: tuple[SlowClock, duckdb.DuckDBPyConnection], asked: list[Dossier]
) -> None:
    slow, fast = clocks
    assert _asked(fast, asked) == [_expected(slow, d) for d in asked]
