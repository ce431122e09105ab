with newest as (
    select *
    from {{ ref('stg_reference__procedures') }}
    where _exported_at = (select max(latest._exported_at) from {{ ref('stg_reference__procedures') }} as latest)
)

select
    left(procedure_code, 8) as procedure_code,
    procedure_name,
    sector_code,
    sector_name,
    agency_level,
    service_level,
    fee_amount,
    statutory_days,
    day_unit,
    needs_result,
    {{ as_of() }} as as_of
from newest
qualify row_number() over (partition by left(procedure_code, 8) order by _row_number) = 1
