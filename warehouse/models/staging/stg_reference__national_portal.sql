select
    dossier_code,
    agency_code,
    {{ as_timestamp('received_at') }} as received_at,
    {{ as_timestamp('synced_at') }} as synced_at,
    {{ as_integer('status_code') }} as status_code,
    {{ lineage() }}
from {{ source('raw', 'reference__national_portal') }}
