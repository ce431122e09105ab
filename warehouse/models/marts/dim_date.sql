select
    cast(day as date) as day,
    {{ month_of('day') }} as month,
    cast(extract(year from day) as integer) as year,
    cast(extract(isodow from day) as integer) as weekday,
    case
        when calendar.kind = 'working' then true
        when calendar.kind = 'off' then false
        else extract(isodow from day) < 6
    end as is_working_day,
    calendar.kind as exception_kind,
    calendar.name_vi as exception_name_vi,
    calendar.source as exception_source,
    {{ as_of() }} as as_of
from generate_series(timestamp '2016-01-01', timestamp '2027-12-31', interval '1 day') as days (day)
left join {{ ref('calendar_exceptions') }} as calendar on cast(day as date) = calendar.exception_on
