-- The clock of each dossier: when it started, how long it stood still, when the result is due by law, and how long
-- handling took, in working time (decision 0011). It runs from reception; one after hours counts from the next working
-- morning. It stands still while supplements are awaited, by the register's requests and the log's steps alike.
{{ config(materialized='incremental', incremental_strategy='delete+insert', unique_key='dossier_code') }}

with versions as (
    select
        dossier_code,
        {{ procedure_stem('procedure_code') }} as procedure_code,
        submitted_at,
        received_at,
        ended_at,
        {{ is_resolved() }} as is_resolved,
        supplement_count,
        row_number() over (partition by dossier_code order by {{ newest_first() }}) as place
    from {{ ref('stg_igate__dossiers') }}
    {{ where_dossier_touched(ref('stg_igate__dossiers'), ref('stg_igate__steps')) }}
),

-- What the log tells of the end (QĐ 766, domain.md §1.2 line 2.1) and of requests.
logs as (
    select
        dossier_code,
        max(case when status_code = 9 then processed_at end) as done_at,
        max(case when status_code = 10 then processed_at end) as returned_at,
        max(case when status_code in (3, 8) then processed_at end) as stopped_at,
        count(case when {{ is_pausing_step() }} then 1 end) as request_count,
        max(case when status_code <> 10 then processed_at end) as last_step_at
    from {{ ref('fct_dossier_step') }}
    {% if is_incremental() %}where dossier_code in (select versions.dossier_code from versions){% endif %}
    group by dossier_code
),

dossiers as (
    select
        versions.dossier_code,
        versions.procedure_code,
        versions.submitted_at,
        versions.received_at,
        case
            when versions.is_resolved
                then coalesce(logs.done_at, logs.returned_at, logs.stopped_at, versions.ended_at)
        end as judged_end_at,
        greatest(coalesce(versions.supplement_count, 0), coalesce(logs.request_count, 0)) as request_count,
        logs.last_step_at
    from versions
    left join logs on versions.dossier_code = logs.dossier_code
    where versions.place = 1
),

{{ told_pauses(ref('stg_igate__supplements'), ref('fct_dossier_step')) }},

-- Where the clock starts, and what the law allows. A limit of no days tells of none.
started as (
    select
        dossiers.*,
        received.run_number,
        {{ working_position('dossiers.received_at', 'received') }} as received_position,
        {{ first_working_day('dossiers.received_at', 'received') }} as first_number,
        case when procedures.statutory_days > 0 then procedures.statutory_days end as limit_days,
        procedures.day_unit
    from dossiers
    left join {{ ref('dim_procedure') }} as procedures on dossiers.procedure_code = procedures.procedure_code
    left join {{ ref('int_working_time__days') }} as received on cast(dossiers.received_at as date) = received.day
),

working_days as (
    select * from {{ ref('int_working_time__days') }}
    where is_working_day and run_number is not null
),

-- Working days are counted by their numbers. Days of the calendar are counted from the day on which the clock starts;
-- what falls due on a day off is due at the same hour of the next working day. Both without pauses.
limited as (
    select
        started.*,
        coalesce(by_number.day, by_date.day) as limit_day,
        coalesce(by_number.seconds_before, by_date.seconds_before)
        + started.received_position - first_days.seconds_before as limit_position
    from started
    left join working_days as first_days
        on started.first_number = first_days.working_day_number and started.run_number = first_days.run_number
    left join working_days as by_number
        on
            started.run_number = by_number.run_number
            and case
                when started.day_unit = 'Ngày làm việc' and first_days.day is not null
                    then started.first_number + started.limit_days
            end = by_number.working_day_number
    left join {{ ref('int_working_time__days') }} as by_date
        on
            started.run_number = by_date.run_number
            and case when started.day_unit = 'Ngày' then {{ plus_days('first_days.day', 'started.limit_days') }} end
            = by_date.day
),

-- A pause lies within its dossier's time: what is still awaited when handling ends is awaited no longer, and what is
-- asked for after that is no pause.
bounded as (
    select
        told.dossier_code,
        limited.limit_position,
        greatest(told.paused_from, limited.received_at) as paused_from,
        case
            when limited.judged_end_at is null then told.paused_until
            else least(coalesce(told.paused_until, limited.judged_end_at), limited.judged_end_at)
        end as told_until
    from told
    inner join limited on told.dossier_code = limited.dossier_code
    where limited.judged_end_at is null or told.paused_from < limited.judged_end_at
),

pauses as (
    select
        *,
        case when told_until < paused_from then paused_from else told_until end as paused_until
    from bounded
),

placed as (
    select
        pauses.*,
        first_days.run_number,
        {{ working_position('pauses.paused_from', 'first_days') }} as from_position,
        case
            when last_days.run_number = first_days.run_number
                then {{ working_position('pauses.paused_until', 'last_days') }}
        end as until_position
    from pauses
    left join {{ ref('int_working_time__days') }} as first_days on cast(pauses.paused_from as date) = first_days.day
    left join {{ ref('int_working_time__days') }} as last_days on cast(pauses.paused_until as date) = last_days.day
),

-- Pauses that overlap count once: each counts from where the ones before it ended.
reached as (
    select
        *,
        max(until_position) over (
            partition by dossier_code order by from_position, paused_until
            rows between unbounded preceding and 1 preceding
        ) as reached_position
    from placed
),

begun as (
    select
        *,
        case
            when from_position is not null then greatest(from_position, coalesce(reached_position, 0))
        end as starts_position
    from reached
),

measured as (
    select
        *,
        case when until_position is not null then greatest(until_position - starts_position, 0) end as seconds
    from begun
),

summed as (
    select
        *,
        sum(seconds) over (
            partition by dossier_code order by from_position, paused_until
            rows between unbounded preceding and 1 preceding
        ) as seconds_before
    from measured
),

-- What is asked for after the due moment no longer moves it.
judged as (
    select
        *,
        coalesce(starts_position < limit_position + coalesce(seconds_before, 0), false) as moves_due
    from summed
),

paused as (
    select
        dossier_code,
        case when count(seconds) = count(*) and min(run_number) = max(run_number) then sum(seconds) end
            as paused_seconds,
        max(run_number) as run_number,
        case
            when count(case when moves_due and seconds is null then 1 end) = 0
                then coalesce(sum(case when moves_due then seconds end), 0)
        end as moving_seconds,
        max(paused_from) as waiting_from,
        case when count(paused_until) = count(*) then max(paused_until) end as waiting_until
    from judged
    group by dossier_code
),

resumed as (
    select
        limited.*,
        paused.waiting_from,
        paused.waiting_until,
        paused.dossier_code is not null and paused.waiting_until is null as is_waiting,
        case
            when paused.dossier_code is null then 0
            when paused.run_number = limited.run_number then paused.paused_seconds
        end as paused_seconds,
        limited.limit_position + case when paused.dossier_code is null then 0 else paused.moving_seconds end
            as due_position
    from limited
    left join paused on limited.dossier_code = paused.dossier_code
),

-- Most fall due within that day, which costs no search; pauses and days off carry the others on.
located as (
    select
        resumed.*,
        case
            when {{ is_within('resumed.due_position', 'days') }}
                then {{ moment_of('resumed.due_position', 'days') }}
        end as near_due_at,
        case when not {{ is_within('resumed.due_position', 'days') }} then resumed.due_position end as far_position
    from resumed
    left join {{ ref('int_working_time__days') }} as days on resumed.limit_day = days.day
),

due as (
    select
        located.*,
        coalesce(
            located.near_due_at,
            case
                when located.run_number = far.run_number then {{ moment_of('located.far_position', 'far') }}
            end
        ) as due_recomputed_at
    from located
    left join working_days as far on {{ is_within('located.far_position', 'far') }}
)

select
    due.dossier_code,
    due.judged_end_at,
    cast(due.request_count as integer) as request_count,
    due.last_step_at,
    due.waiting_from,
    due.waiting_until,
    due.is_waiting,
    due.due_recomputed_at,
    case
        when due.due_recomputed_at is not null then null
        when due.limit_days is null or due.day_unit is null then 'no_limit'
        when due.is_waiting then 'waiting'
        else 'no_calendar'
    end as due_na_reason,
    {{ whole_minutes('due.paused_seconds') }} as paused_minutes,
    case
        when ended.run_number = due.run_number and due.paused_seconds is not null
            then {{ whole_minutes(
                "greatest(" ~ working_position('due.judged_end_at', 'ended')
                ~ " - due.received_position - due.paused_seconds, 0)"
            ) }}
    end as working_minutes,
    case
        when submitted.run_number = due.run_number
            then {{ whole_minutes(
                "greatest(due.received_position - " ~ working_position('due.submitted_at', 'submitted') ~ ", 0)"
            ) }}
    end as reception_minutes
from due
left join {{ ref('int_working_time__days') }} as ended on cast(due.judged_end_at as date) = ended.day
left join {{ ref('int_working_time__days') }} as submitted on cast(due.submitted_at as date) = submitted.day
