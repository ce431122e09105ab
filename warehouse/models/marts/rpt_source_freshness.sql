select
    source,
    stream,
    max(cast(exported_at as timestamp)) as last_exported_at,
    count(*) as batch_count,
    cast(sum(rows_loaded) as bigint) as rows_loaded,
    cast(sum(rows_quarantined) as bigint) as rows_quarantined,
    date_diff('day', max(cast(exported_at as timestamp)), {{ as_of() }}) as age_days,
    {{ as_of() }} as as_of
from {{ source('audit', 'batches') }}
group by source, stream
