-- Every code an export may carry, of either generation, with the agency's present code.
select
    agency_code,
    agency_code as any_code
from {{ ref('dim_agency') }}

union

select
    agency_code,
    legacy_code as any_code
from {{ ref('dim_agency') }}
