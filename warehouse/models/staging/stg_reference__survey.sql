select
    agency_code,
    {{ as_integer('year') }} as year,
    {{ as_integer('respondent_count') }} as respondent_count,
    {{ as_decimal('satisfaction_percent') }} as satisfaction_percent,
    {{ lineage() }}
from {{ source('raw', 'reference__survey') }}
