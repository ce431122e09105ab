-- The newest list of targets, as shares; one row per indicator, level, day and source.
with placed as (
    select
        indicator_code,
        level,
        target_on,
        cast(target_percent as double) / 100 as target,
        source,
        certainty,
        row_number() over (partition by indicator_code, level, target_on, source order by _row_number) as place
    from {{ ref('stg_reference__targets') }}
    where {{ of_newest_list(ref('stg_reference__targets')) }}
)

select
    indicator_code,
    level,
    target_on,
    target,
    source,
    certainty
from placed
where place = 1
