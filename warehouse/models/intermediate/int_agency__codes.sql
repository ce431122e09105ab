-- Every code an export may carry, of either generation, with the agency's present code. One row per code.
with codes as (
    select
        agency_code as any_code,
        agency_code,
        valid_from,
        1 as rank_of_kind
    from {{ ref('stg_reference__agencies') }}
    where {{ of_newest_list(ref('stg_reference__agencies')) }}

    union all

    select
        legacy_code as any_code,
        agency_code,
        valid_from,
        2 as rank_of_kind
    from {{ ref('stg_reference__agencies') }}
    where {{ of_newest_list(ref('stg_reference__agencies')) }}
),

placed as (
    select
        any_code,
        agency_code,
        row_number() over (partition by any_code order by rank_of_kind asc, valid_from desc, agency_code asc) as place
    from codes
)

select
    any_code,
    agency_code
from placed
where place = 1
