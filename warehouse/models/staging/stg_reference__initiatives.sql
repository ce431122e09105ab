select
    initiative_code,
    agency_code,
    {{ as_date('recognised_on') }} as recognised_on,
    decision_number,
    {{ lineage() }}
from {{ source('raw', 'reference__initiatives') }}
