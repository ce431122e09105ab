-- Messages of Exchange, one row per message and recipient: the servers write of each when they take it in, when they
-- pass it on and when it is put into a mailbox, and only the last of these tells what became of it.
{{ config(materialized='view') }}

with events as (
    select *
    from {{ ref('stg_mail__exchange_tracking') }}
    where is_user_mail
),

messages as (
    -- What a mailbox hands in comes from the store; mail from outside comes over SMTP.
    select
        message_id,
        min(occurred_at) filter (where outcome = 'accepted') as accepted_at,
        min(sender) filter (where outcome = 'accepted' and component = 'STOREDRIVER') as submitted_by,
        min(sender) as sender,
        min(size_bytes) as size_bytes
    from events
    group by message_id
),

placed as (
    select
        *,
        row_number() over (
            partition by message_id, recipient
            order by
                outcome <> 'accepted' desc,
                event in ('DELIVER', 'DUPLICATEDELIVER', 'FAIL') desc,
                occurred_at desc,
                _row_number desc,
                _batch_id desc
        ) as place,
        count(recipient) over (partition by message_id) as recipients_told
    from events
)

select
    placed.message_id as message_key,
    placed.recipient,
    placed.server_host as host,
    placed.internal_message_id as queue_id,
    messages.accepted_at,
    case when placed.outcome <> 'accepted' then placed.occurred_at end as last_attempt_at,
    messages.submitted_by,
    messages.sender,
    messages.size_bytes,
    case when placed.outcome <> 'accepted' then placed.outcome end as delivery_status,
    coalesce(messages.sender like 'microsoftexchange%@%', true) as is_notice,
    placed._batch_id,
    placed._source_file,
    placed._row_number,
    placed._exported_at
from placed
inner join messages on placed.message_id = messages.message_id
where placed.place = 1 and (placed.recipient is not null or placed.recipients_told = 0)
