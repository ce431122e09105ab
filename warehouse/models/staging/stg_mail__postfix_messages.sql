-- Messages of Postfix, one row per message and recipient. A message keeps its Message-ID while it passes through
-- several queues (the content filter takes it and hands it back): the hand-over is no delivery, and who handed it
-- in is told by the first queue. Put together from all lines whenever it is asked for, so it does not matter in
-- which night's file a line lies, and a night pays nothing for it; no mart reads it.
{{ config(materialized='view') }}

with named as (
    -- Lines repeat when two exports overlap.
    select
        host,
        queue_id,
        coalesce(message_id, host || '/' || queue_id) as message_key,
        min(logged_at) as named_at
    from {{ ref('stg_mail__postfix_events') }}
    where event = 'message_id'
    group by host, queue_id, coalesce(message_id, host || '/' || queue_id)
),

queues as (
    -- Short queue ids come again after some time: what came in before the name and after the last one is this
    -- message's, and what follows is until the next name.
    select
        host,
        queue_id,
        message_key,
        greatest(
            lag(named_at) over (partition by host, queue_id order by named_at) + interval '1' minute,
            named_at - interval '1' day
        ) as came_in_from,
        named_at + interval '1' minute as came_in_until,
        named_at - interval '1' minute as opens_at,
        least(
            lead(named_at) over (partition by host, queue_id order by named_at) - interval '1' minute,
            named_at + interval '{{ var("mail_look_back_days") }}' day
        ) as closes_at
    from named
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
            and events.logged_at between queues.came_in_from and queues.came_in_until
    where events.event = 'client'
    group by queues.message_key
),

followed as (
    select
        events.*,
        coalesce(queues.message_key, events.host || '/' || events.queue_id) as message_key
    from {{ ref('stg_mail__postfix_events') }} as events
    left join queues
        on
            events.host = queues.host
            and events.queue_id = queues.queue_id
            and events.logged_at >= queues.opens_at
            and events.logged_at < queues.closes_at
    where events.event in ('sender', 'delivery', 'expired')
),

senders as (
    select
        message_key,
        min(logged_at) as queued_at,
        min(sender) as sender,
        min(size_bytes) as size_bytes
    from followed
    where event = 'sender'
    group by message_key
),

given_up as (
    select
        host,
        queue_id,
        message_key,
        max(logged_at) as given_up_at
    from followed
    where event = 'expired'
    group by host, queue_id, message_key
),

attempts as (
    select
        followed.message_key,
        followed.host,
        followed.queue_id,
        followed.recipient,
        followed.logged_at,
        case
            when followed.remark = 'discarded' then 'discarded'
            when followed.delivery_status = 'deferred' and given_up.given_up_at >= followed.logged_at then 'expired'
            else followed.delivery_status
        end as delivery_status,
        followed._batch_id,
        followed._source_file,
        followed._row_number,
        followed._exported_at
    from followed
    left join queues as next_queues
        on followed.queued_as = next_queues.queue_id and followed.message_key = next_queues.message_key
    left join given_up
        on
            followed.host = given_up.host
            and followed.queue_id = given_up.queue_id
            and followed.message_key = given_up.message_key
    where
        followed.event = 'delivery'
        and next_queues.queue_id is null
        and coalesce(followed.remark, '') <> 'forwarded as'
        and not coalesce(followed.queued_as is not null and followed.relay like '127.0.0.1%', false)
),

placed as (
    select
        *,
        row_number() over (
            partition by message_key, recipient
            order by logged_at desc, _row_number desc, _batch_id desc
        ) as place
    from attempts

    union all

    -- Queued, and no file tells what became of it, nor to whom it goes.
    select
        message_key,
        host,
        queue_id,
        null as recipient,
        null as logged_at,
        null as delivery_status,
        _batch_id,
        _source_file,
        _row_number,
        _exported_at,
        row_number() over (partition by message_key order by logged_at, _row_number, _batch_id) as place
    from followed
    where event = 'sender' and message_key not in (select attempts.message_key from attempts)
)

select
    placed.message_key,
    placed.recipient,
    placed.host,
    placed.queue_id,
    coalesce(handed_in.accepted_at, senders.queued_at) as accepted_at,
    placed.logged_at as last_attempt_at,
    handed_in.submitted_by,
    senders.sender,
    senders.size_bytes,
    placed.delivery_status,
    case
        when senders.message_key is not null
            then senders.sender is null or senders.sender like 'double-bounce@%'
    end as is_notice,
    placed._batch_id,
    placed._source_file,
    placed._row_number,
    placed._exported_at
from placed
left join handed_in on placed.message_key = handed_in.message_key
left join senders on placed.message_key = senders.message_key
where placed.place = 1
