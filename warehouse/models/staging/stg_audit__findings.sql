-- What validation found, by batch, agency and rule; values at fault stay in the lake's findings.
select
    batch_id as _batch_id,
    source,
    stream,
    agency_code,
    rule_code,
    severity,
    row_count,
    {{ as_timestamp('exported_at') }} as _exported_at
from {{ source('audit', 'pending_findings') }}
