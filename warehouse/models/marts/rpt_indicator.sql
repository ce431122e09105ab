-- Every indicator by agency, month and year. No value without a denominator, and none of a group so small that it
-- would tell of persons: a year takes only the months that are shown, so that none can be found by subtraction.
with months as (
    select
        indicator_code,
        agency_code,
        month,
        numerator,
        denominator,
        false as is_small
    from {{ ref('int_indicator__dossiers') }}

    union all

    select
        indicator_code,
        agency_code,
        month,
        numerator,
        denominator,
        false as is_small
    from {{ ref('int_indicator__documents') }}

    union all

    select
        'MAIL_ACTIVE' as indicator_code,
        agency_code,
        month,
        active_count as numerator,
        account_count as denominator,
        account_count between 1 and {{ var('min_group') }} - 1 as is_small
    from {{ ref('int_mail__agency_months') }}
),

periods as (
    select
        indicator_code,
        agency_code,
        'month' as period_type,
        month as period_start,
        cast(month + interval '1' month - interval '1' day as date) as period_end,
        numerator,
        denominator,
        is_small
    from months

    union all

    select
        indicator_code,
        agency_code,
        'year' as period_type,
        {{ year_of('month') }} as period_start,
        cast({{ year_of('month') }} + interval '1' year - interval '1' day as date) as period_end,
        sum(case when is_small then 0 else numerator end) as numerator,
        sum(case when is_small then 0 else denominator end) as denominator,
        min(case when is_small then 1 else 0 end) = 1 as is_small
    from months
    group by indicator_code, agency_code, {{ year_of('month') }}
),

judged as (
    select
        indicator_code,
        agency_code,
        period_type,
        period_start,
        period_end,
        case when not is_small then cast(numerator as bigint) end as numerator,
        case when not is_small then cast(denominator as bigint) end as denominator,
        case when not is_small and denominator > 0 then cast(numerator as double) / denominator end as value,
        case when is_small then 'small_group' when denominator = 0 then 'no_denominator' end as na_reason
    from periods
),

-- The target that lies ahead of the period, else the last one that was set.
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
                abs({{ days_between('judged.period_start', 'targets.target_on') }}),
                case when targets.level = agencies.level then 0 else 1 end,
                targets.source
        ) as place
    from judged
    inner join {{ ref('dim_agency') }} as agencies on judged.agency_code = agencies.agency_code
    inner join {{ ref('int_indicator__targets') }} as targets
        on judged.indicator_code = targets.indicator_code and targets.level in (agencies.level, 'all')
)

select
    judged.indicator_code,
    judged.agency_code,
    judged.period_type,
    judged.period_start,
    judged.period_end,
    judged.numerator,
    judged.denominator,
    judged.value,
    targeted.target,
    targeted.target - judged.value as gap,
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
