-- How often an account was used in a month, by batch: logins, and messages handed in under the account's name.
-- Pseudonyms; never published. A night adds its own rows and looks at nothing else.
{{ config(materialized='incremental', incremental_strategy='delete+insert', unique_key='_batch_id') }}

with uses as (
    select
        account,
        {{ month_of(as_timestamp('logged_at')) }} as month,
        _batch_id,
        count(*) as login_count,
        0 as send_count
    from {{ source('raw', 'mail__zimbra_audit') }}
    where {{ is_human_login() }}
    group by account, {{ month_of(as_timestamp('logged_at')) }}, _batch_id

    union all

    select
        sasl_username as account,
        {{ month_of(as_timestamp('logged_at')) }} as month,
        _batch_id,
        0 as login_count,
        count(*) as send_count
    from {{ source('raw', 'mail__postfix') }}
    where event = 'client' and sasl_username is not null
    group by sasl_username, {{ month_of(as_timestamp('logged_at')) }}, _batch_id
)

select
    account,
    month,
    _batch_id,
    cast(sum(login_count) as bigint) as login_count,
    cast(sum(send_count) as bigint) as send_count
from uses
group by account, month, _batch_id
