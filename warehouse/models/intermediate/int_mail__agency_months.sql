-- Personal accounts of staff on post and their use, by agency and month. Before suppression of small groups; is_small
-- tells where it must be: STAFF_MAIL speaks of the same people, so neither may show what the other hides, nor both
-- together what they differ by.
with lists as (
    select
        account,
        mail_domain,
        status,
        {{ month_of_list() }} as month,
        row_number() over (
            partition by account, {{ month_of_list() }} order by _exported_at desc, _row_number desc, _batch_id desc
        ) as place
    from {{ ref('stg_mail__accounts') }}
),

accounts as (
    select
        account,
        mail_domain,
        month
    from lists
    where place = 1 and status = 'active'
),

staff as (
    select distinct
        mail_address,
        agency_code,
        coalesce(on_post_from, date '1900-01-01') as on_post_from,
        coalesce(on_post_to, date '2999-12-31') as on_post_to
    from {{ ref('stg_reference__staff') }}
    where mail_address is not null and {{ of_newest_list(ref('stg_reference__staff')) }}
),

owners as (
    -- Who holds two posts counts where the newer one is.
    select
        accounts.account,
        accounts.month,
        staff.agency_code,
        row_number() over (
            partition by accounts.account, accounts.month order by staff.on_post_from desc, staff.agency_code asc
        ) as place
    from accounts
    inner join staff
        on
            accounts.account = staff.mail_address
            and accounts.month + interval '1' month > staff.on_post_from
            and accounts.month <= staff.on_post_to
),

domains as (
    select
        mail_domain,
        min(agency_code) as agency_code
    from {{ ref('dim_agency') }}
    where mail_domain is not null
    group by mail_domain
),

uses as (
    select
        account,
        month,
        greatest(sum(login_count), coalesce(sum(mailbox_login_count), 0)) as login_count,
        sum(send_count) as send_count
    from {{ ref('int_mail__account_months') }}
    group by account, month
),

described as (
    select
        coalesce(codes.agency_code, owners.agency_code, domains.agency_code) as agency_code,
        accounts.month,
        owners.account is not null as is_on_post,
        coalesce(uses.login_count, 0) as login_count,
        coalesce(uses.send_count, 0) as send_count
    from accounts
    left join owners on accounts.account = owners.account and accounts.month = owners.month and owners.place = 1
    left join {{ ref('int_agency__codes') }} as codes on owners.agency_code = codes.any_code
    left join domains on accounts.mail_domain = domains.mail_domain
    left join uses on accounts.account = uses.account and accounts.month = uses.month
),

counted as (
    select
        agency_code,
        month,
        count(*) filter (where is_on_post) as account_count,
        count(*) filter (where is_on_post and login_count + send_count > 0) as active_count,
        count(*) filter (where is_on_post and send_count > 0) as sender_count,
        cast(coalesce(sum(login_count) filter (where is_on_post), 0) as bigint) as login_count,
        count(*) filter (where not is_on_post) as other_account_count
    from described
    where agency_code is not null
    group by agency_code, month
)

select
    counted.agency_code,
    counted.month,
    counted.account_count,
    counted.active_count,
    counted.sender_count,
    counted.login_count,
    counted.other_account_count,
    counted.account_count > 0 and (
        {{ is_small_group('counted.active_count', 'counted.account_count') }}
        or coalesce({{ is_small_group('staff.active_count', 'staff.staff_count') }}, false)
        or coalesce({{ is_small_difference('counted.active_count', 'staff.active_count') }}, false)
    ) as is_small
from counted
left join {{ ref('int_staff__agency_months') }} as staff
    on staff.system = 'mail' and counted.agency_code = staff.agency_code and counted.month = staff.month
