-- The lines of the mail server's log that tell of a message, straight from the lake: nothing is copied.
{{ config(materialized='view') }}

select
    {{ as_timestamp('logged_at') }} as logged_at,
    host,
    program,
    queue_id,
    event,
    sasl_username,
    message_id,
    sender,
    {{ as_integer('size_bytes') }} as size_bytes,
    {{ as_integer('recipient_count') }} as recipient_count,
    recipient,
    original_recipient,
    relay,
    delivery_status,
    dsn,
    remark,
    queued_as,
    {{ lineage() }}
from {{ source('raw', 'mail__postfix_all') }}
