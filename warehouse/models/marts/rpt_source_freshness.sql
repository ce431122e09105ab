-- How old each stream's newest export is, against the newest export of all.
with streams as (
    select
        source,
        stream,
        max(cast(exported_at as timestamp)) as last_exported_at,
        count(*) as batch_count,
        sum(rows_loaded) as rows_loaded,
        sum(rows_quarantined) as rows_quarantined
    from {{ source('audit', 'batches') }}
    group by source, stream
)

select
    source,
    stream,
    last_exported_at,
    batch_count,
    cast(rows_loaded as bigint) as rows_loaded,
    cast(rows_quarantined as bigint) as rows_quarantined,
    {{ days_between('last_exported_at', as_of()) }} as age_days,
    {{ as_of() }} as as_of
from streams
