select
    agency_code,
    full_name as person,
    position,
    mail_address,
    {{ as_date('on_post_from') }} as on_post_from,
    {{ as_date('on_post_to') }} as on_post_to,
    {{ lineage() }}
from {{ source('raw', 'reference__staff') }}
