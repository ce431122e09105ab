-- What Zimbra's mailbox.log tells of messages and logins, straight from the lake: nothing is copied.
{{ config(materialized='view') }}

select
    {{ as_timestamp('logged_at') }} as logged_at,
    event,
    mailbox,
    account,
    protocol,
    message_id,
    sender,
    {{ as_integer('size_bytes') }} as size_bytes,
    {{ as_integer('recipient_count') }} as recipient_count,
    original_protocol,
    port,
    {{ is_human_login("event = 'login'") }} as is_human_use,
    {{ lineage() }}
from {{ source('raw', 'mail__zimbra_mailbox_all') }}
