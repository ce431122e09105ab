select
    agency_code,
    legacy_code,
    agency_name,
    agency_name_en,
    level,
    parent_code,
    mail_domain,
    {{ as_boolean('is_ranked') }} as is_ranked,
    {{ as_date('valid_from') }} as valid_from,
    {{ as_date('valid_to') }} as valid_to,
    {{ lineage() }}
from {{ source('raw', 'reference__agencies') }}
