-- Personal accounts of staff on post and their use, by agency and month. Before suppression of small groups.
with accounts as (
    -- An account list tells of the month that has just ended when it was made.
    select
        account,
        {{ month_of("_exported_at - interval '1 day'") }} as month,
        status
    from {{ ref('stg_mail__accounts') }}
    qualify row_number() over (
        partition by account, {{ month_of("_exported_at - interval '1 day'") }}
        order by _exported_at desc, _row_number desc
    ) = 1
),

staff as (
    select
        mail_address,
        agency_code,
        on_post_from,
        on_post_to
    from {{ ref('stg_reference__staff') }}
    where
        mail_address is not null
        and _exported_at = (select max(newest._exported_at) from {{ ref('stg_reference__staff') }} as newest)
),

matched as (
    select
        coalesce(codes.agency_code, staff.agency_code) as agency_code,
        accounts.month,
        accounts.account,
        coalesce(uses.login_count, 0) as login_count,
        coalesce(uses.send_count, 0) as send_count
    from accounts
    inner join staff
        on
            accounts.account = staff.mail_address
            and coalesce(staff.on_post_from, date '1900-01-01') < accounts.month + interval '1 month'
            and coalesce(staff.on_post_to, date '2999-12-31') >= accounts.month
    left join {{ ref('int_agency__codes') }} as codes on staff.agency_code = codes.any_code
    left join {{ ref('int_mail__account_months') }} as uses
        on accounts.account = uses.account and accounts.month = uses.month
    where accounts.status = 'active'
)

select
    agency_code,
    month,
    count(distinct account) as account_count,
    count(distinct account) filter (where login_count + send_count > 0) as active_count,
    count(distinct account) filter (where send_count > 0) as sender_count,
    sum(login_count) as login_count
from matched
group by agency_code, month
