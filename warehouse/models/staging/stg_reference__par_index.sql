select
    agency_code,
    {{ as_integer('year') }} as year,
    {{ as_decimal('score') }} as score,
    {{ as_integer('rank') }} as rank,
    {{ as_integer('ranked_count') }} as ranked_count,
    not_published_reason,
    {{ lineage() }}
from {{ source('raw', 'reference__par_index') }}
