-- How often an account was used in a month, by batch: logins, and messages handed in under the account's name.
-- Pseudonyms; never published. A night adds its own rows and looks at nothing else. Zimbra writes of a login in two
-- logs, which may both be exported: those of mailbox.log stand apart.
{{ config(materialized='incremental', incremental_strategy='delete+insert', unique_key='_batch_id') }}

with uses as (
    select
        account,
        {{ month_of(as_timestamp('logged_at')) }} as month,
        _batch_id,
        count(*) as login_count,
        0 as mailbox_login_count,
        0 as send_count
    from {{ source('raw', 'mail__zimbra_audit') }}
    where {{ is_human_login() }}
    group by account, {{ month_of(as_timestamp('logged_at')) }}, _batch_id

    union all

    select
        account,
        {{ month_of(as_timestamp('logged_at')) }} as month,
        _batch_id,
        0 as login_count,
        count(*) as mailbox_login_count,
        0 as send_count
    from {{ source('raw', 'mail__zimbra_mailbox') }}
    where {{ is_human_login("event = 'login'") }}
    group by account, {{ month_of(as_timestamp('logged_at')) }}, _batch_id

    union all

    select
        account,
        {{ month_of(as_timestamp('logged_at')) }} as month,
        _batch_id,
        count(*) as login_count,
        0 as mailbox_login_count,
        0 as send_count
    from {{ source('raw', 'mail__dovecot') }}
    where event = 'login' and account is not null
    group by account, {{ month_of(as_timestamp('logged_at')) }}, _batch_id

    union all

    select
        sasl_username as account,
        {{ month_of(as_timestamp('logged_at')) }} as month,
        _batch_id,
        0 as login_count,
        0 as mailbox_login_count,
        count(*) as send_count
    from {{ source('raw', 'mail__postfix') }}
    where event = 'client' and sasl_username is not null
    group by sasl_username, {{ month_of(as_timestamp('logged_at')) }}, _batch_id

    union all

    -- What is written in Zimbra's web client reaches Postfix without a login.
    select
        mailbox as account,
        {{ month_of(as_timestamp('logged_at')) }} as month,
        _batch_id,
        0 as login_count,
        0 as mailbox_login_count,
        count(*) as send_count
    from {{ source('raw', 'mail__zimbra_mailbox') }}
    where
        event = 'submission'
        and mailbox is not null
        and acting_admin is null
        and not {{ is_system_account('mailbox') }}
    group by mailbox, {{ month_of(as_timestamp('logged_at')) }}, _batch_id

    union all

    -- Several of Exchange's servers write of one message that a mailbox hands in.
    select
        sender as account,
        {{ month_of(as_timestamp('occurred_at')) }} as month,
        _batch_id,
        0 as login_count,
        0 as mailbox_login_count,
        count(distinct message_id) as send_count
    from {{ source('raw', 'mail__exchange_tracking') }}
    where
        component = 'STOREDRIVER'
        and event in ('RECEIVE', 'SUBMIT')
        and sender is not null
        and sender not like 'microsoftexchange%@%'
        and not {{ is_exchange_own('sender') }}
    group by sender, {{ month_of(as_timestamp('occurred_at')) }}, _batch_id
)

select
    account,
    month,
    _batch_id,
    cast(sum(login_count) as bigint) as login_count,
    cast(sum(mailbox_login_count) as bigint) as mailbox_login_count,
    cast(sum(send_count) as bigint) as send_count
from uses
group by account, month, _batch_id
