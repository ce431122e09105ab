-- One row per message and recipient. A message keeps its Message-ID while it passes through several queues (the
-- content filter takes it and hands it back): the hand-over is no delivery, and who handed it in is told by the
-- first queue. Put together from all lines whenever it is asked for, so it does not matter in which night's file
-- a line lies, and a night pays nothing for it; no mart reads it.
{{ config(materialized='view') }}

with queues as (
    -- Lines repeat when two exports overlap; short queue ids come again after some time, hence the window.
    select
        host,
        queue_id,
        coalesce(message_id, host || '/' || queue_id) as message_key,
        min(logged_at) - interval '1' day as opens_at,
        min(logged_at) + interval '{{ var("mail_look_back_days") }}' day as closes_at
    from {{ ref('stg_mail__postfix_events') }}
    where event = 'message_id'
    group by host, queue_id, coalesce(message_id, host || '/' || queue_id)
),

handed_in as (
    select
        queues.message_key,
        min(events.logged_at) as accepted_at,
        min(events.sasl_username) as submitted_by
    from {{ ref('stg_mail__postfix_events') }} as events
    inner join queues
        on
            events.host = queues.host
            and events.queue_id = queues.queue_id
            and events.logged_at between queues.opens_at and queues.closes_at
    where events.event = 'client'
    group by queues.message_key
),

senders as (
    select
        queues.message_key,
        min(events.sender) as sender,
        min(events.size_bytes) as size_bytes
    from {{ ref('stg_mail__postfix_events') }} as events
    inner join queues
        on
            events.host = queues.host
            and events.queue_id = queues.queue_id
            and events.logged_at between queues.opens_at and queues.closes_at
    where events.event = 'sender'
    group by queues.message_key
),

attempts as (
    select
        coalesce(queues.message_key, events.host || '/' || events.queue_id) as message_key,
        events.host,
        events.queue_id,
        events.recipient,
        events.logged_at,
        events.delivery_status,
        events._batch_id,
        events._source_file,
        events._row_number,
        events._exported_at
    from {{ ref('stg_mail__postfix_events') }} as events
    left join queues
        on
            events.host = queues.host
            and events.queue_id = queues.queue_id
            and events.logged_at between queues.opens_at and queues.closes_at
    left join queues as next_queues
        on events.queued_as = next_queues.queue_id and queues.message_key = next_queues.message_key
    where
        events.event = 'delivery'
        and next_queues.queue_id is null
        and not coalesce(events.queued_as is not null and events.relay like '127.0.0.1%', false)
),

placed as (
    select
        attempts.*,
        row_number() over (
            partition by attempts.message_key, attempts.recipient
            order by attempts.logged_at desc, attempts._row_number desc, attempts._batch_id desc
        ) as place
    from attempts
)

select
    placed.message_key,
    placed.recipient,
    placed.host,
    placed.queue_id,
    handed_in.accepted_at,
    placed.logged_at as last_attempt_at,
    handed_in.submitted_by,
    senders.sender,
    senders.size_bytes,
    placed.delivery_status,
    senders.sender is null as is_notice,
    placed._batch_id,
    placed._source_file,
    placed._row_number,
    placed._exported_at
from placed
left join handed_in on placed.message_key = handed_in.message_key
left join senders on placed.message_key = senders.message_key
where placed.place = 1
