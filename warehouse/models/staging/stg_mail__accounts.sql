select
    account,
    split_part(account, '@', 2) as mail_domain,
    status,
    {{ as_timestamp('created_at') }} as created_at,
    {{ as_timestamp('last_logon_at') }} as last_logon_at,
    {{ lineage() }}
from {{ source('raw', 'mail__accounts') }}
