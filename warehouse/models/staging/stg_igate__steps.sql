select
    dossier_code,
    {{ as_integer('step_number') }} as step_number,
    officer_title,
    department,
    {{ as_timestamp('started_at') }} as started_at,
    {{ as_timestamp('processed_at') }} as processed_at,
    {{ as_timestamp('due_at') }} as due_at,
    {{ as_integer('status_code') }} as status_code,
    {{ lineage() }}
from {{ source('raw', 'igate__steps') }}
