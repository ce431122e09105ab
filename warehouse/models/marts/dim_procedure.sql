-- Procedures of the newest list, by the stem that every form of a code shares.
with placed as (
    select
        {{ procedure_stem('procedure_code') }} as procedure_code,
        procedure_name,
        sector_code,
        sector_name,
        agency_level,
        service_level,
        fee_amount,
        statutory_days,
        day_unit,
        needs_result,
        row_number() over (
            partition by {{ procedure_stem('procedure_code') }} order by service_level desc nulls last, _row_number asc
        ) as place
    from {{ ref('stg_reference__procedures') }}
    where {{ of_newest_list(ref('stg_reference__procedures')) }}
)

select
    procedure_code,
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
from placed
where place = 1
