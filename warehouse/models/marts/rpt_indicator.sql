with monthly as (
    select indicator_code, agency_code, month, numerator, denominator from {{ ref('int_indicator__dossiers') }}
    union all
    select indicator_code, agency_code, month, numerator, denominator from {{ ref('int_indicator__documents') }}
    union all
    select 'MAIL_ACTIVE' as indicator_code, agency_code, month, active_count, account_count
    from {{ ref('int_mail__agency_months') }}
),

periods as (
    select
        indicator_code,
        agency_code,
        'month' as period_type,
        month as period_start,
        cast(month + interval '1 month' - interval '1 day' as date) as period_end,
        numerator,
        denominator
    from monthly

    union all

    select
        indicator_code,
        agency_code,
        'year' as period_type,
        cast(date_trunc('year', month) as date) as period_start,
        cast(date_trunc('year', month) + interval '1 year' - interval '1 day' as date) as period_end,
        sum(numerator) as numerator,
        sum(denominator) as denominator
    from monthly
    group by indicator_code, agency_code, date_trunc('year', month)
),

judged as (
    select
        *,
        case
            when indicator_code = 'MAIL_ACTIVE' and denominator < {{ var('min_group') }} then 'small_group'
            when denominator = 0 then 'no_denominator'
        end as na_reason
    from periods
),

targeted as (
    select
        judged.indicator_code,
        judged.agency_code,
        judged.period_type,
        judged.period_start,
        targets.target,
        row_number() over (
            partition by judged.indicator_code, judged.agency_code, judged.period_type, judged.period_start
            order by
                case when targets.target_on >= judged.period_start then 0 else 1 end,
                abs(date_diff('day', judged.period_start, targets.target_on)), targets.source
        ) as place
    from judged
    left join {{ ref('dim_agency') }} as agencies on judged.agency_code = agencies.agency_code
    inner join {{ ref('int_indicator__targets') }} as targets
        on judged.indicator_code = targets.indicator_code and targets.level in (agencies.level, 'all')
)

select
    judged.indicator_code,
    judged.agency_code,
    judged.period_type,
    judged.period_start,
    judged.period_end,
    case when judged.na_reason is distinct from 'small_group' then cast(judged.numerator as bigint) end as numerator,
    case when judged.na_reason is distinct from 'small_group' then cast(judged.denominator as bigint) end
        as denominator,
    case when judged.na_reason is null then cast(judged.numerator as double) / judged.denominator end as value,
    cast(targeted.target as double) as target,
    case
        when judged.na_reason is null
            then cast(targeted.target as double) - cast(judged.numerator as double) / judged.denominator
    end as gap,
    judged.na_reason,
    {{ as_of() }} as as_of
from judged
left join targeted
    on
        judged.indicator_code = targeted.indicator_code
        and judged.agency_code = targeted.agency_code
        and judged.period_type = targeted.period_type
        and judged.period_start = targeted.period_start
        and targeted.place = 1
