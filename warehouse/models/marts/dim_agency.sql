-- Agencies of the newest list; an agency that changed keeps its last valid form.
with newest as (
    select *
    from {{ ref('stg_reference__agencies') }}
    where _exported_at = (select max(latest._exported_at) from {{ ref('stg_reference__agencies') }} as latest)
    qualify row_number() over (partition by agency_code order by valid_from desc, _row_number desc) = 1
)

select
    agency_code,
    legacy_code,
    agency_name,
    agency_name_en,
    level,
    parent_code,
    mail_domain,
    coalesce(is_ranked, false) as is_ranked,
    valid_from,
    valid_to,
    {{ as_of() }} as as_of
from newest
