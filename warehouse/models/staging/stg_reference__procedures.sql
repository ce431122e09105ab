select
    procedure_code,
    procedure_name,
    sector_code,
    sector_name,
    agency_level,
    {{ as_integer('service_level') }} as service_level,
    {{ as_decimal('fee_amount') }} as fee_amount,
    {{ as_integer('statutory_days') }} as statutory_days,
    day_unit,
    {{ as_boolean('needs_result') }} as needs_result,
    {{ lineage() }}
from {{ source('raw', 'reference__procedures') }}
