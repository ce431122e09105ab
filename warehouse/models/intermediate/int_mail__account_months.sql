-- How often an account was used in a month, by batch: logins, and messages handed in under the account's name.
-- Pseudonyms; never published. A night adds its own rows and looks at nothing else. Zimbra writes of a login in two
-- logs, which may both be exported: those of mailbox.log stand apart.
{{ config(materialized='incremental', incremental_strategy='delete+insert', unique_key='_batch_id') }}

with uses as (
    {{ account_uses(
        source('raw', 'mail__zimbra_audit'), 'account', 'logged_at', 'login_count', is_human_login()
    ) }}

    union all

    {{ account_uses(
        source('raw', 'mail__zimbra_mailbox'), 'account', 'logged_at', 'mailbox_login_count',
        is_human_login("event = 'login'")
    ) }}

    union all

    {{ account_uses(
        source('raw', 'mail__dovecot'), 'account', 'logged_at', 'login_count',
        "event = 'login' and account is not null"
    ) }}

    union all

    {{ account_uses(
        source('raw', 'mail__postfix'), 'sasl_username', 'logged_at', 'send_count',
        "event = 'client' and sasl_username is not null"
    ) }}

    union all

    -- What is written in Zimbra's web client reaches Postfix without a login.
    {{ account_uses(
        source('raw', 'mail__zimbra_mailbox'), 'mailbox', 'logged_at', 'send_count',
        "event = 'submission' and mailbox is not null and acting_admin is null and not " ~ is_system_account('mailbox')
    ) }}

    union all

    -- Several of Exchange's servers write of one message that a mailbox hands in.
    {{ account_uses(
        source('raw', 'mail__exchange_tracking'), 'sender', 'occurred_at', 'send_count',
        "component = 'STOREDRIVER' and event in ('RECEIVE', 'SUBMIT') and sender is not null"
        ~ " and sender not like 'microsoftexchange%@%' and not " ~ is_exchange_own('sender'),
        what='distinct message_id'
    ) }}
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
