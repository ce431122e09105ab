"""The lives of the dossiers: one row each, from submission to the handing over of the result.

Set-based, some months at a time; every choice is a hash of the dossier's number, so the same seed gives the
same lives. Exports (``igate.py``) show each dossier as it stood at the moment of the export.

**Planted on purpose:** the dossiers of the department of education (H15.07) from January 2020 to April 2021
carry the figures of the article this project started from (``domain.md`` §0.3 and §4 row 1): 1,887 resolved,
of which 1,143 early, 738 on time and 3 late; the 3 that no class takes are one without a due date, one
withdrawn by the citizen and one stopped. They are built backwards, from the class to the dates.
"""

from __future__ import annotations

from collections.abc import Iterator

import duckdb

from pipelines.simulate.config import SimulationConfig
from pipelines.simulate.randomness import COARSE, make_slots

_PER_MONTH = 300_000 / 16
_USUAL_ACTIVITY = 19.5  # sum of the calendar's activity in an average month
_BATCH = 400_000
_SCENARIO_BASE = 10**12

EARLY, ON_TIME, LATE = 1143, 738, 3
UNEXPLAINED = ("no_due_date", "withdrawn", "stopped")
RESOLVED = EARLY + ON_TIME + LATE + len(UNEXPLAINED)
_OPEN = 60  # received in the last weeks, not resolved when the inspection ends


def build_dossiers(connection: duckdb.DuckDBPyConnection, config: SimulationConfig) -> None:
    """Make the table ``dossier``."""
    connection.execute(
        """
        create table dossier (
            id bigint, person_id bigint, agency_idx integer, procedure_idx integer, is_scenario boolean,
                channel integer,
            submitted_at timestamp, received_at timestamp, first_due_at timestamp, due_at timestamp,
            first_ended_at timestamp, ended_at timestamp, returned_at timestamp, refused_at timestamp,
            end_status integer, supplement_count integer, requested_at timestamp, supplied_at timestamp,
            corrected_at timestamp, hurried boolean, dossier_code varchar)
        """
    )
    _plan_months(connection, config)
    for first, last in _batches(connection):
        _insert(connection, _LIVES.format(months=f"number between {first} and {last}"))
    if config.has_inspection:
        _insert(connection, _INSPECTION)


def _plan_months(connection: duckdb.DuckDBPyConnection, config: SimulationConfig) -> None:
    """How many dossiers each month brings, where their numbers start, and how likely each working day is."""
    connection.execute(
        f"""
        create or replace table month_day as
        select date_diff('month', date '{config.start}', d)::integer as number, d, working_index, activity, is_wave
        from calendar where is_working and d >= date '{config.start}' and d < date '{config.end}'
        """
    )
    connection.execute(
        f"""
        create or replace table month_plan as
        with counted as (
            select number, date_trunc('month', min(d)) as first, avg(is_wave::integer) as wave,
                round({config.scale * _PER_MONTH / _USUAL_ACTIVITY} * sum(activity))::bigint as n
            from month_day group by number
        )
        select *, first + interval 1 month as after, (sum(n) over (order by number) - n)::bigint as base from counted
        """
    )
    days = "select number as grp, d as item, activity as weight from month_day"
    make_slots(connection, "month_slot", days, count=COARSE)
    make_slots(connection, "agency_slot", "select 0 as grp, idx as item, weight from agency")


def _batches(connection: duckdb.DuckDBPyConnection) -> Iterator[tuple[int, int]]:
    """First and last month of those that are made at once."""
    plan = connection.execute("select number, n from month_plan order by number").fetchall()
    start, rows = 0, 0
    for number, n in plan:
        if number > start and rows + n > _BATCH:
            yield start, number - 1
            start, rows = number, 0
        rows += n
    yield start, plan[-1][0]


def _insert(connection: duckdb.DuckDBPyConnection, lives: str) -> None:
    """Add lives with their codes: ``000.00.12.H15-210105-0001``, a counter for each agency and day of submission."""
    connection.execute(
        f"""
        insert into dossier
        select d.* exclude (of_day), a.legacy_code || '-' || strftime(d.submitted_at,
            '%y%m%d') || '-' || lpad(of_day::varchar, greatest(len(of_day::varchar), 4)::integer, '0')
        from (select *, row_number() over (partition by agency_idx, cast(submitted_at as date) order by id) as of_day
            from ({lives})) as d join agency as a on a.idx = d.agency_idx
        order by d.received_at, d.id
        """
    )


# The stages of a life, each a step of the query: where, when received, when due, when ended, what else.
# A few people hand the same matter in twice, perhaps by another channel (``twin``). Some agencies have a
# month of backlog, the summer wave of 2021 delays everybody and moves people to filing on line.
_LIVES = """
with ids as (
    select number, first, after, wave, base + unnest(range(n)) as id, base from month_plan where {months}
),
twins as (select *, case when id > base and u('twin', id) < 0.002 then id - 1 else id end as person_id from ids),
placed as (
    select t.*, a.* exclude (place)
    from twins as t join agency_slot as s on s.slot = slot(u('agency', t.person_id)) join agency as a on a.idx = s.item
),
asked as (
    select p.id, p.person_id, p.first, p.after, p.idx as agency_idx, r.idx as procedure_idx, r.statutory_days,
        m.item as d,
        p.discipline - 0.06 * p.wave - case when u('backlog', p.idx * 1000 + p.number) < 0.05 then 0.25 else 0 end
            as discipline,
        case when r.service_level >= 3
            and u('channel', p.id) < least(p.online_start + p.number * p.online_gain + 0.15 * p.wave, 0.95)
            then 2 when u('post', p.id) < 0.04 then 3 else 1 end as channel
    from placed as p
    join month_slot as m on m.grp = p.number and m.slot = coarse_slot(u('day', p.person_id))
    join procedure as r on r.agency_level = p.level and r.is_education = p.is_education
        and r.place_in_level = 1 + cast(floor(u('procedure', p.person_id) * case when p.is_education then 36
            when p.level = 'commune' then 36 when p.level = 'district' then 24 else 60 end) as integer)
),
submitted as (
    select *, case when channel = 2
            then first + to_seconds(cast(floor(u('any', person_id) * epoch(after - first)) as bigint))
        else office_time(d, u('time', id)) end as submitted_at
    from asked
),
received as (
    select s.*, case when channel <> 2 then c.working_index
        else c.working_index + case when u('slow', id) < 0.05 then 2 else 1 end end as received_index
    from submitted as s join calendar as c on c.d = cast(s.submitted_at as date)
),
supplemented as (
    select *, case when u('supplement', id) < 0.005 then 2 when u('supplement', id) < 0.06 and statutory_days > 2 then 1
            else 0 end as supplement_count,
        between_u(2, 8, u('pause', id)) as pause
    from received
),
due as (
    select *, received_index + statutory_days + case when supplement_count > 0 then pause else 0 end as due_index,
        u('fate', id) as fate
    from supplemented
),
ended as (
    select *, greatest(received_index + case when supplement_count > 0 then 1 + pause else 0 end, case
        when fate < 0.008 then received_index + 1
        when fate > discipline then due_index + between_u(1, 15, u('late', id))
        when u('early', id) < 0.62 then due_index - between_u(1, statutory_days, u('by', id))
        else due_index end) as ended_index
    from due
),
dated as (
    select e.*,
        case when channel = 2 then office_time(rd.d, u('received', id) * 0.5) else submitted_at end as received_at,
        case when u('undated', id) >= 0.003 then office_time(dd.d, u('due', id)) end as due_at,
        office_time(ed.d, u('ended', id)) as end_moment,
        case when supplement_count > 0 then office_time(qd.d, u('ask', id)) end as requested_at,
        case when supplement_count > 0 then office_time(sd.d, u('supply', id)) end as supplied_at
    from ended as e
    join working_day as rd on rd.working_index = e.received_index
    join working_day as dd on dd.working_index = e.due_index
    join working_day as ed on ed.working_index = e.ended_index
    join working_day as qd on qd.working_index = e.received_index + 1
    join working_day as sd on sd.working_index = e.received_index + 1 + e.pause
),
closed as (
    select *, case when u('bulk', id) < 0.004 and due_at > received_at + interval 1 day then due_at
        else greatest(end_moment, received_at + interval 40 minute, coalesce(supplied_at,
            received_at) + interval 40 minute)
        end as closed_at,
        u('correct', id) < 0.01 and fate >= 0.02 as is_corrected
    from dated
)
select id, person_id, agency_idx, procedure_idx, false as is_scenario, channel, submitted_at, received_at,
    due_at as first_due_at,
    case when is_corrected and u('which', id) < 0.5 then due_at + interval 7 day else due_at end as due_at,
    case when fate >= 0.008 then closed_at end as first_ended_at,
    case when fate < 0.008 then null when is_corrected and u('which', id) >= 0.5
        then greatest(closed_at - interval 1 day, received_at + interval 40 minute) else closed_at end as ended_at,
    case when fate >= 0.016 and u('returned', id) < 0.85
        then closed_at + to_seconds(cast(floor(u('wait', id) * 200000) as bigint)) end as returned_at,
    case when fate < 0.008 then received_at + interval 3 hour end as refused_at,
    case when fate < 0.008 then 3 when fate < 0.013 then 7 when fate < 0.016 then 8 else 9 end as end_status,
    supplement_count, requested_at, supplied_at,
    case when is_corrected then closed_at + to_days(between_u(3, 40, u('found', id))::integer) end as corrected_at,
    u('hurry', id) < 0.02 as hurried
from closed
"""

_INSPECTION = f"""
with limits as (
    select min(working_index) filter (where d >= date '2020-01-15') as first_index,
        max(working_index) filter (where d <= date '2021-04-29') as last_index
    from calendar where is_working
),
planned as (
    select i, {_SCENARIO_BASE} + i as id, e.idx as agency_idx, r.idx as procedure_idx, r.statutory_days,
        case when i >= {RESOLVED} then 'open' when i < {EARLY} then 'early' when i < {EARLY + ON_TIME} then 'on_time'
            when i < {EARLY + ON_TIME + LATE} then 'late'
            else {list(UNEXPLAINED)}[1 + i - {EARLY + ON_TIME + LATE}] end as class
    from range({RESOLVED + _OPEN}) as t(i), (select * from agency where is_education) as e
    join procedure as r on r.is_education
        and r.place_in_level = 1 + cast(floor(u('procedure', {_SCENARIO_BASE} + t.i) * 36) as integer)
),
timed as (
    select *, case when class = 'open' then last_index - between_u(0, 1, u('day', id))
        else between_u(first_index, last_index, u('day', id)) end as ended_index
    from planned, limits
),
indexed as (
    select *, case class when 'early' then ended_index + between_u(1, 3, u('by', id))
            when 'late' then ended_index - between_u(1, 2, u('by', id)) else ended_index end as due_index
    from timed
),
dated as (
    select x.*, case when class = 'early' then due_index - statutory_days - 3 else due_index - statutory_days end
        as received_index
    from indexed as x
),
moments as (
    select d.*, office_time(rd.d, u('time', id)) as received_at,
        case when class = 'open' then office_time(rd.d, 0.5) + interval 30 day
            when class <> 'no_due_date' then office_time(dd.d, u('due', id)) end as due_at,
        case when class <> 'open' then greatest(office_time(ed.d, u('ended', id)), office_time(rd.d, u('time', id))
            + interval 40 minute) end as ended_at
    from dated as d
    join working_day as rd on rd.working_index = case when class = 'open' then ended_index
        else least(received_index, ended_index) end
    join working_day as dd on dd.working_index = d.due_index
    join working_day as ed on ed.working_index = d.ended_index
)
select id, id as person_id, agency_idx, procedure_idx, true as is_scenario,
    case when u('channel', id) < 0.02 then 2 when u('channel', id) < 0.025 then 3 else 1 end as channel,
    received_at as submitted_at, received_at, due_at as first_due_at, due_at, ended_at as first_ended_at, ended_at,
    case when class in ('early', 'on_time', 'late', 'no_due_date')
        then ended_at + interval 30 minute end as returned_at,
    null::timestamp as refused_at, case class when 'withdrawn' then 7 when 'stopped' then 8 else 9 end as end_status,
    0 as supplement_count, null::timestamp as requested_at, null::timestamp as supplied_at,
    null::timestamp as corrected_at, false as hurried
from moments
"""
