-- Every monthly figure in one form. numerator and denominator are of what happened in the month and add up;
-- stock_numerator and stock_denominator are of what stood at its end and do not. na_reason: why nothing may be shown.
{{ config(materialized='view') }}

{% for relation in ('int_indicator__dossiers', 'int_indicator__documents', 'int_indicator__services') -%}
    select
        indicator_code,
        agency_code,
        month,
        cast(numerator as bigint) as numerator,
        cast(denominator as bigint) as denominator,
        cast(0 as bigint) as stock_numerator,
        cast(0 as bigint) as stock_denominator,
        cast(null as varchar) as na_reason
    from {{ ref(relation) }}

    union all

{% endfor -%}
select
    indicator_code,
    agency_code,
    month,
    numerator,
    denominator,
    stock_numerator,
    stock_denominator,
    cast(null as varchar) as na_reason
from {{ ref('int_indicator__open') }}

union all

select
    'WEBSITE_POSTS' as indicator_code,
    agency_code,
    month,
    cast(post_count as bigint) as numerator,
    cast(null as bigint) as denominator,
    cast(0 as bigint) as stock_numerator,
    cast(0 as bigint) as stock_denominator,
    cast(null as varchar) as na_reason
from {{ ref('rpt_website_posts') }}

union all

select
    'PAR_INITIATIVES' as indicator_code,
    agency_code,
    month,
    count(*) as numerator,
    cast(null as bigint) as denominator,
    cast(0 as bigint) as stock_numerator,
    cast(0 as bigint) as stock_denominator,
    cast(null as varchar) as na_reason
from {{ ref('rpt_initiative') }}
group by agency_code, month

union all

select
    'MAIL_ACTIVE' as indicator_code,
    agency_code,
    month,
    active_count as numerator,
    account_count as denominator,
    cast(0 as bigint) as stock_numerator,
    cast(0 as bigint) as stock_denominator,
    case when is_small then 'small_group' end as na_reason
from {{ ref('int_mail__agency_months') }}

union all

select
    case staff.system
        when 'igate' then 'STAFF_IGATE'
        when 'idesk' then 'STAFF_IDESK'
        else 'STAFF_MAIL'
    end as indicator_code,
    staff.agency_code,
    staff.month,
    staff.active_count as numerator,
    staff.staff_count as denominator,
    cast(0 as bigint) as stock_numerator,
    cast(0 as bigint) as stock_denominator,
    case
        when staff.staff_count < {{ var('min_group') }} then 'small_group'
        when staff.na_reason is not null then staff.na_reason
        when {{ is_small_group('staff.active_count', 'staff.staff_count') }} or mail.is_small then 'small_group'
    end as na_reason
from {{ ref('int_staff__agency_months') }} as staff
left join {{ ref('int_mail__agency_months') }} as mail
    on case when staff.system = 'mail' then staff.agency_code end = mail.agency_code and staff.month = mail.month
