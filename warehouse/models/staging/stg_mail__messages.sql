-- One row per message and recipient, put together from the lines of its queue id. The lines of one message may
-- lie in two files, so a night takes up again the queue ids it touches, with a bounded look back.
{{ config(unique_key=['host', 'queue_id', 'recipient']) }}

with scope as (
    select events.*
    from {{ ref('stg_mail__postfix_events') }} as events
    where
        events.queue_id is not null
        {% if is_incremental() %}
            and (events.host, events.queue_id) in (
                select
                    touched.host,
                    touched.queue_id
                from {{ ref('stg_mail__postfix_events') }} as touched
                where {{ pending('touched._batch_id') }}
            )
            and events.logged_at >= (
                select min(first.logged_at) - interval '{{ var("mail_look_back_days") }} days'
                from {{ ref('stg_mail__postfix_events') }} as first
                where {{ pending('first._batch_id') }}
            )
        {% endif %}
),

heads as (
    select
        host,
        queue_id,
        min(logged_at) as accepted_at,
        max(message_id) as message_id,
        max(sasl_username) as submitted_by,
        max(sender) as sender,
        max(size_bytes) as size_bytes
    from scope
    where event in ('client', 'message_id', 'sender')
    group by host, queue_id
),

deliveries as (
    select
        host,
        queue_id,
        coalesce(recipient, '') as recipient,
        max(logged_at) as last_attempt_at,
        arg_max(delivery_status, (logged_at, _row_number)) as delivery_status,
        arg_max(queued_as, (logged_at, _row_number)) as queued_as,
        arg_max(relay, (logged_at, _row_number)) as relay,
        arg_max(_batch_id, (logged_at, _row_number)) as _batch_id,
        arg_max(_source_file, (logged_at, _row_number)) as _source_file,
        arg_max(_row_number, (logged_at, _row_number)) as _row_number,
        max(_exported_at) as _exported_at
    from scope
    where event = 'delivery'
    group by host, queue_id, coalesce(recipient, '')
)

select
    deliveries.host,
    deliveries.queue_id,
    deliveries.recipient,
    heads.message_id,
    heads.accepted_at,
    deliveries.last_attempt_at,
    heads.submitted_by,
    heads.sender,
    heads.size_bytes,
    deliveries.delivery_status,
    -- A hand-over to the content filter is no delivery: the message goes on under another queue id.
    deliveries.queued_as is not null and deliveries.relay like '127.0.0.1%' as is_hop,
    heads.sender is null as is_notice,
    deliveries._batch_id,
    deliveries._source_file,
    deliveries._row_number,
    deliveries._exported_at
from deliveries
left join heads
    on deliveries.host = heads.host and deliveries.queue_id = heads.queue_id
