-- Days with what the signed calendar says; a year that nobody has signed has no working days to state.
select
    day,
    {{ month_of('day') }} as month,
    cast(extract(year from day) as integer) as year,
    weekday,
    is_working_day,
    case when run_number is not null then working_day_number end as working_day_number,
    case when run_number is not null then cast(seconds_of_day / 60 as integer) end as working_minutes,
    exception_kind,
    exception_name_vi,
    exception_source,
    exception_certainty,
    {{ as_of() }} as as_of
from {{ ref('int_working_time__days') }}
