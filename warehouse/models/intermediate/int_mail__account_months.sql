-- Accounts that a person used in a month: a login, or a message handed in under the account's name.
-- Pseudonyms; never published. A night takes up again the months it touches.
{{ config(materialized='incremental', incremental_strategy='delete+insert', unique_key='month') }}

with uses as (
    select
        account,
        {{ month_of('logged_at') }} as month,
        1 as logins,
        0 as sends
    from {{ ref('stg_mail__logins') }}
    where is_human_use and account is not null
    {% if is_incremental() %}
        and logged_at >= (
            select min(date_trunc('month', touched.logged_at))
            from {{ ref('stg_mail__logins') }} as touched
            where {{ pending('touched._batch_id') }}
        )
    {% endif %}

    union all

    select
        sasl_username as account,
        {{ month_of('logged_at') }} as month,
        0 as logins,
        1 as sends
    from {{ ref('stg_mail__postfix_events') }}
    where event = 'client' and sasl_username is not null
    {% if is_incremental() %}
        and logged_at >= (
            select min(date_trunc('month', touched.logged_at))
            from {{ ref('stg_mail__postfix_events') }} as touched
            where {{ pending('touched._batch_id') }}
        )
    {% endif %}
)

select
    account,
    month,
    sum(logins) as login_count,
    sum(sends) as send_count
from uses
group by account, month
