-- Logins of every mail product. Only use by a person counts: no failures, no administrators acting for
-- others, no password checks of the SMTP server, no system accounts (domain.md §2.5).
with logins as (
    select
        {{ as_timestamp('logged_at') }} as logged_at,
        account,
        split_part(account, '@', 2) as mail_domain,
        protocol,
        original_protocol,
        command,
        error is not null as is_failed,
        {{ lineage() }}
    from {{ source('raw', 'mail__zimbra_audit') }}
)

select
    *,
    not is_failed and command = 'Auth' and coalesce(original_protocol, '') <> 'smtp' as is_human_use
from logins
