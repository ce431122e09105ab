select
    staff_code,
    agency_code,
    full_name,
    position,
    mail_address,
    {{ as_date('on_post_from') }} as on_post_from,
    {{ as_date('on_post_to') }} as on_post_to,
    {{ lineage() }}
from {{ source('raw', 'reference__staff') }}
