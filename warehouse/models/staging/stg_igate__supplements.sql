-- Requests for supplements: each of a record's list; for a register row without a list, the last one it tells of.
select
    dossier_code,
    item as supplement_number,
    {{ as_timestamp('requested_at') }} as supplement_requested_at,
    {{ as_timestamp('received_at') }} as supplement_received_at,
    {{ as_timestamp('due_before') }} as due_before,
    {{ as_timestamp('due_after') }} as due_after,
    {{ child_count('documents') }} as document_count,
    {{ lineage() }}
from {{ child_items(
    source('raw', 'igate__dossiers'),
    'supplements',
    ['requested_at', 'received_at', 'due_before', 'due_after', 'documents'],
    ['dossier_code']
) }}

union all

select
    dossier_code,
    {{ as_integer('supplement_count') }} as supplement_number,
    {{ as_timestamp('supplement_requested_at') }} as supplement_requested_at,
    {{ as_timestamp('supplement_received_at') }} as supplement_received_at,
    cast(null as timestamp) as due_before,
    cast(null as timestamp) as due_after,
    cast(null as integer) as document_count,
    {{ lineage() }}
from {{ source('raw', 'igate__dossiers') }}
where
    ({{ as_timestamp('supplement_requested_at') }} is not null or {{ as_integer('supplement_count') }} > 0)
    and coalesce({{ child_count('supplements') }}, 0) = 0
