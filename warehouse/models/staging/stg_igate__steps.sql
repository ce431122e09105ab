-- A step that its system does not number has a number of its start and status: in their order, and the same in every
-- export.
select
    dossier_code,
    coalesce(
        {{ as_bigint('step_number') }},
        {{ seconds_of(as_timestamp('started_at')) }} * 100 + {{ as_bigint('status_code') }}
    ) as step_number,
    officer_title,
    department,
    {{ as_timestamp('started_at') }} as started_at,
    {{ as_timestamp('processed_at') }} as processed_at,
    {{ as_timestamp('due_at') }} as due_at,
    {{ as_integer('status_code') }} as status_code,
    {{ lineage() }}
from {{ source('raw', 'igate__steps') }}
