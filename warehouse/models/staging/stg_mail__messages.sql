-- One row per message and recipient, whatever the product. A message that passes two of them (a gateway of Postfix
-- before Exchange, Zimbra's mailboxes behind its Postfix) is one: the last of them tells what became of it.
{{ config(materialized='view') }}

with told as (
    select
        'postfix' as product,
        1 as turn,
        messages.*
    from {{ ref('stg_mail__postfix_messages') }} as messages

    union all

    select
        'exchange' as product,
        1 as turn,
        messages.*
    from {{ ref('stg_mail__exchange_messages') }} as messages

    union all

    -- Zimbra's mailbox.log tells who wrote a message in the web client, and what reached a mailbox.
    select
        'zimbra' as product,
        2 as turn,
        message_id as message_key,
        case when event = 'delivery' then mailbox end as recipient,
        null as host,
        null as queue_id,
        case when event = 'submission' then logged_at end as accepted_at,
        case when event = 'delivery' then logged_at end as last_attempt_at,
        case when event = 'submission' then mailbox end as submitted_by,
        case when event = 'submission' then mailbox else sender end as sender,
        size_bytes,
        case when event = 'delivery' then 'sent' end as delivery_status,
        event = 'delivery' and sender is null as is_notice,
        _batch_id,
        _source_file,
        _row_number,
        _exported_at
    from {{ ref('stg_mail__zimbra_mailbox') }}
    where event in ('delivery', 'submission') and message_id is not null
),

joined as (
    select
        product,
        message_key,
        recipient,
        host,
        queue_id,
        min(accepted_at) over (partition by message_key) as accepted_at,
        last_attempt_at,
        coalesce(submitted_by, min(submitted_by) over (partition by message_key)) as submitted_by,
        coalesce(sender, min(sender) over (partition by message_key)) as sender,
        coalesce(size_bytes, min(size_bytes) over (partition by message_key)) as size_bytes,
        delivery_status,
        _batch_id,
        _source_file,
        _row_number,
        _exported_at,
        -- Without a sender here, but with one where another product saw it, it is no notice.
        is_notice and (sender is not null or min(sender) over (partition by message_key) is null) as is_notice,
        count(recipient) over (partition by message_key) as recipients_told,
        row_number() over (
            partition by message_key, recipient
            order by turn asc, last_attempt_at desc nulls last, product asc, _row_number desc, _batch_id desc
        ) as place
    from told
)

select
    product,
    message_key,
    recipient,
    host,
    queue_id,
    accepted_at,
    last_attempt_at,
    submitted_by,
    sender,
    size_bytes,
    delivery_status,
    is_notice,
    _batch_id,
    _source_file,
    _row_number,
    _exported_at
from joined
where place = 1 and (recipient is not null or recipients_told = 0)
