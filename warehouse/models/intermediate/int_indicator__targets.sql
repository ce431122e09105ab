-- The newest list of targets, as shares, and behind it those of the catalogue for an indicator, level and day that the
-- list is silent about; one row per indicator, level, day and source.
with listed as (
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
from listed
where place = 1

union all

select
    catalogue.indicator_code,
    catalogue.level,
    catalogue.target_on,
    catalogue.target,
    catalogue.source,
    catalogue.certainty
from {{ ref('indicator_targets') }} as catalogue
where
    not exists (
        select 1
        from listed
        where
            listed.indicator_code = catalogue.indicator_code
            and listed.level = catalogue.level
            and listed.target_on = catalogue.target_on
    )
