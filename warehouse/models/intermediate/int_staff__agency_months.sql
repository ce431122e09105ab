-- Staff on post and those with activity in a system, by system, agency and month. Before suppression; never published.
-- A month is looked at if the system told of anything in it. People of one name in one agency cannot be told apart:
-- they count once as active, so the share is never too high.
with staff as (
    select
        coalesce(codes.agency_code, staff.agency_code) as agency_code,
        staff.person,
        staff.mail_address,
        coalesce(staff.on_post_from, date '1900-01-01') as on_post_from,
        coalesce(staff.on_post_to, date '2999-12-31') as on_post_to
    from {{ ref('stg_reference__staff') }} as staff
    left join {{ ref('int_agency__codes') }} as codes on staff.agency_code = codes.any_code
    where {{ of_newest_list(ref('stg_reference__staff')) }}
),

activity as (
    select distinct
        activity.system,
        coalesce(codes.agency_code, activity.agency_code) as agency_code,
        activity.person,
        activity.month
    from {{ ref('int_staff__activity') }} as activity
    left join {{ ref('int_agency__codes') }} as codes on activity.agency_code = codes.any_code
    where activity.month is not null
),

-- The system stands in the join as a column: DuckDB goes through all pairs for a condition on one side.
mail as (
    select
        'mail' as system,
        account,
        month
    from {{ ref('int_mail__account_months') }}
    where month is not null
    group by account, month
),

system_months as (
    select distinct
        system,
        month
    from activity

    union all

    select distinct
        'mail' as system,
        month
    from mail
),

on_post as (
    select
        system_months.system,
        system_months.month,
        staff.agency_code,
        staff.person,
        staff.mail_address
    from system_months
    inner join staff
        on
            system_months.month + interval '1' month > staff.on_post_from
            and system_months.month <= staff.on_post_to
),

matched as (
    select
        on_post.system,
        on_post.month,
        on_post.agency_code,
        count(*) as staff_count,
        case
            when on_post.system = 'mail'
                then count(distinct case when mail.account is not null then on_post.mail_address end)
            else count(distinct case when activity.person is not null then on_post.person end)
        end as active_count
    from on_post
    left join activity
        on
            on_post.system = activity.system
            and on_post.month = activity.month
            and on_post.agency_code = activity.agency_code
            and on_post.person = activity.person
    left join mail
        on on_post.system = mail.system and on_post.month = mail.month and on_post.mail_address = mail.account
    group by on_post.system, on_post.month, on_post.agency_code
),

tells as (
    select
        system,
        month,
        agency_code,
        count(person) as person_count
    from activity
    group by system, month, agency_code
)

select
    matched.system,
    matched.agency_code,
    matched.month,
    matched.staff_count,
    matched.active_count,
    case
        when tells.person_count = 0 then 'no_person_key'
        when tells.person_count > 0 and matched.active_count = 0 then 'no_person_match'
    end as na_reason
from matched
left join tells
    on
        matched.system = tells.system
        and matched.month = tells.month
        and matched.agency_code = tells.agency_code
