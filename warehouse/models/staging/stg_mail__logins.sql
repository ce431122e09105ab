-- Logins of every mail product, straight from the lake. Only use by a person counts: no failures, no administrators
-- acting for others, no password checks of the SMTP server (domain.md §2.5). System accounts carry no name after
-- prepare; they drop out because they match no one on post.
{{ config(materialized='view') }}

select
    {{ as_timestamp('logged_at') }} as logged_at,
    account,
    protocol,
    original_protocol,
    port,
    command,
    error is not null as is_failed,
    {{ is_human_login() }} as is_human_use,
    {{ lineage() }}
from {{ source('raw', 'mail__zimbra_audit_all') }}
