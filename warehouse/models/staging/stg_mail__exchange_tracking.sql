-- Events of Exchange's message tracking, one row per event and recipient, straight from the lake. Copies that the
-- servers keep for each other, notes to themselves and probes of their health are no user mail (domain.md §2.5).
{{ config(materialized='view') }}

with events as (
    select
        {{ as_timestamp('occurred_at') }} as occurred_at,
        server_host,
        connector,
        component,
        event,
        internal_message_id,
        message_id,
        {{ each_address('recipients') }} as recipient,
        {{ as_integer('size_bytes') }} as size_bytes,
        {{ as_integer('recipient_count') }} as recipient_count,
        sender,
        directionality,
        tenant,
        traffic_type,
        log_id,
        schema_version,
        case
            when event in ('DELIVER', 'DUPLICATEDELIVER', 'SEND', 'SENDEXTERNAL') then 'sent'
            when event in ('FAIL', 'BADMAIL') then 'bounced'
            when event = 'DEFER' then 'deferred'
            when event = 'DROP' then 'discarded'
            when event in ('RECEIVE', 'SUBMIT') then 'accepted'
        end as outcome,
        {{ lineage() }}
    from {{ source('raw', 'mail__exchange_tracking_all') }}
)

select
    *,
    outcome is not null
    and message_id is not null
    and not {{ is_exchange_own('sender') }}
    and not {{ is_exchange_own('recipient') }} as is_user_mail
from events
