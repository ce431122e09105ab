-- Days with what the signed calendar says; a year that it does not tell of has no working days to state.
with days as (
    select cast(day as date) as day
    from {{ days_from_to('2019-01-01', '2027-12-31') }}
),

signed_years as (
    select distinct cast(extract(year from exception_on) as integer) as year
    from {{ ref('calendar_exceptions') }}
)

select
    days.day,
    {{ month_of('days.day') }} as month,
    cast(extract(year from days.day) as integer) as year,
    {{ iso_weekday('days.day') }} as weekday,
    case
        when calendar.kind = 'working' then true
        when calendar.kind = 'off' then false
        when {{ iso_weekday('days.day') }} > 5 then false
        when signed_years.year is not null then true
    end as is_working_day,
    calendar.kind as exception_kind,
    calendar.name_vi as exception_name_vi,
    calendar.source as exception_source,
    {{ as_of() }} as as_of
from days
left join {{ ref('calendar_exceptions') }} as calendar on days.day = calendar.exception_on
left join signed_years on cast(extract(year from days.day) as integer) = signed_years.year
