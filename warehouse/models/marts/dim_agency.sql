-- Agencies of the newest list; an agency that changed keeps its last valid form.
with placed as (
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
        row_number() over (partition by agency_code order by valid_from desc, _row_number desc) as place
    from {{ ref('stg_reference__agencies') }}
    where {{ of_newest_list(ref('stg_reference__agencies')) }}
)

select
    agency_code,
    legacy_code,
    agency_name,
    agency_name_en,
    level,
    parent_code,
    mail_domain,
    is_ranked,
    valid_from,
    valid_to,
    {{ as_of() }} as as_of
from placed
where place = 1
