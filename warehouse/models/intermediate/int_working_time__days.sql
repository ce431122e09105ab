-- Every day of the years that calendar_years lists, with what the signed calendar and the office hours say of it, and
-- the working time before it. A year that nobody has signed has neither working days nor days off (domain.md §2.6).
with all_days as (
    select cast(day as date) as day
    from {{ days_from_to('2010-01-01', '2039-12-31') }}
),

listed as (
    select
        all_days.day,
        years.is_signed
    from all_days
    inner join {{ ref('calendar_years') }} as years on cast(extract(year from all_days.day) as integer) = years.year
),

told as (
    select
        listed.day,
        {{ iso_weekday('listed.day') }} as weekday,
        exceptions.kind,
        exceptions.name_vi,
        exceptions.source,
        exceptions.certainty,
        case
            when not listed.is_signed then null
            when exceptions.kind = 'working' then true
            when exceptions.kind = 'off' then false
            else {{ iso_weekday('listed.day') }} <= 5
        end as is_working_day
    from listed
    left join {{ ref('calendar_exceptions') }} as exceptions on listed.day = exceptions.exception_on
),

-- The hours that hold on a day are those that began to hold last.
hours as (
    select
        listed.day,
        {{ at_time('listed.day', 'hours.morning_starts') }} as morning_starts_at,
        {{ at_time('listed.day', 'hours.morning_ends') }} as morning_ends_at,
        {{ at_time('listed.day', 'hours.afternoon_starts') }} as afternoon_starts_at,
        {{ at_time('listed.day', 'hours.afternoon_ends') }} as afternoon_ends_at,
        row_number() over (partition by listed.day order by hours.valid_from desc) as place
    from listed
    inner join {{ ref('office_hours') }} as hours on listed.day >= hours.valid_from
),

timed as (
    select
        told.*,
        hours.morning_starts_at,
        hours.afternoon_starts_at,
        hours.afternoon_ends_at,
        {{ seconds_between('hours.morning_starts_at', 'hours.morning_ends_at') }} as morning_seconds,
        {{ seconds_between('hours.afternoon_starts_at', 'hours.afternoon_ends_at') }} as afternoon_seconds,
        told.is_working_day is not null and (not told.is_working_day or hours.day is not null) as is_known
    from told
    left join hours on told.day = hours.day and hours.place = 1
),

measured as (
    select
        *,
        case when is_working_day and is_known then 1 else 0 end as days_of_day,
        case when is_working_day and is_known then morning_seconds + afternoon_seconds else 0 end as seconds_of_day,
        -- Within a run every day is known; time that leaves it is not.
        case when is_known and not lag(is_known, 1, false) over (order by day) then 1 else 0 end as starts_run
    from timed
)

select
    day,
    weekday,
    is_working_day,
    kind as exception_kind,
    name_vi as exception_name_vi,
    source as exception_source,
    certainty as exception_certainty,
    cast(case when is_known then sum(starts_run) over (order by day) end as integer) as run_number,
    cast(sum(days_of_day) over (order by day) as integer) as working_day_number,
    cast(sum(seconds_of_day) over (order by day) - seconds_of_day as bigint) as seconds_before,
    cast(seconds_of_day as bigint) as seconds_of_day,
    cast(morning_seconds as bigint) as morning_seconds,
    cast(afternoon_seconds as bigint) as afternoon_seconds,
    morning_starts_at,
    afternoon_starts_at,
    afternoon_ends_at
from measured
