select
    indicator_code,
    level,
    {{ as_date('target_on') }} as target_on,
    {{ as_decimal('target_percent') }} as target_percent,
    source,
    certainty,
    {{ lineage() }}
from {{ source('raw', 'reference__targets') }}
