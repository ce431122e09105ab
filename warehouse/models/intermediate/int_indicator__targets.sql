-- For each indicator and level the target that lies ahead (or the last one), as of the newest list.
with newest as (
    select *
    from {{ ref('stg_reference__targets') }}
    where _exported_at = (select max(latest._exported_at) from {{ ref('stg_reference__targets') }} as latest)
)

select
    indicator_code,
    level,
    target_on,
    target_percent / 100.0 as target,
    source,
    certainty
from newest
