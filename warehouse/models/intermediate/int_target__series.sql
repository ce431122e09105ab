-- The course of every indicator that has a target: whole periods, newest first, for each agency, each level and all.
-- A level takes its hidden small groups in, or it would be the share of those that happen to be shown; where what is
-- hidden could be found by subtraction and is itself small, or one agency's alone, the level is not told, and neither
-- is the province. Where a figure has no numerator (a survey) a level is the mean by denominator. A period that has not
-- ended is taken only if there is no other.
with wanted as (
    select distinct indicator_code from {{ ref('int_indicator__targets') }}
),

figures as (
    select
        indicators.indicator_code,
        agencies.level,
        indicators.agency_code,
        indicators.period_type,
        indicators.period_start,
        indicators.period_end,
        indicators.numerator,
        indicators.denominator,
        -- Decimal, so that the sum does not depend on the order.
        cast(coalesce(indicators.numerator, indicators.value * indicators.denominator) as decimal(24, 6)) as weighted
    from {{ ref('rpt_indicator') }} as indicators
    inner join wanted on indicators.indicator_code = wanted.indicator_code
    inner join {{ ref('dim_agency') }} as agencies on indicators.agency_code = agencies.agency_code
    where indicators.unit = 'share' and indicators.value is not null and indicators.denominator > 0
),

-- Months where there are any, else years.
kinds as (
    select
        indicator_code,
        min(period_type) as period_type
    from figures
    group by indicator_code
),

chosen as (
    select figures.*
    from figures
    inner join kinds on figures.indicator_code = kinds.indicator_code and figures.period_type = kinds.period_type
),

hidden as (
    select
        months.indicator_code,
        agencies.level,
        months.month,
        count(*) as agency_count,
        sum(months.numerator) as numerator,
        sum(months.denominator) as denominator
    from {{ ref('int_indicator__months') }} as months
    inner join wanted on months.indicator_code = wanted.indicator_code
    inner join {{ ref('dim_agency') }} as agencies on months.agency_code = agencies.agency_code
    where months.na_reason = 'small_group'
    group by months.indicator_code, agencies.level, months.month
),

shown as (
    select
        indicator_code,
        level,
        period_type,
        period_start,
        period_end,
        sum(numerator) as numerator,
        sum(denominator) as denominator,
        sum(weighted) as weighted
    from chosen
    group by indicator_code, level, period_type, period_start, period_end
),

levels as (
    select
        coalesce(shown.indicator_code, hidden.indicator_code) as indicator_code,
        coalesce(shown.level, hidden.level) as level,
        coalesce(shown.period_type, 'month') as period_type,
        coalesce(shown.period_start, hidden.month) as period_start,
        coalesce(shown.period_end, cast(hidden.month + interval '1' month - interval '1' day as date)) as period_end,
        -- Of a survey there is no numerator to add up.
        case
            when hidden.agency_count is null then shown.numerator
            else coalesce(shown.numerator, 0) + hidden.numerator
        end as numerator,
        coalesce(shown.denominator, 0) + coalesce(hidden.denominator, 0) as denominator,
        coalesce(shown.weighted, 0) + coalesce(hidden.numerator, 0) as weighted,
        case
            when hidden.agency_count is null then 0
            when hidden.agency_count < 2 or {{ is_small_group('hidden.numerator', 'hidden.denominator') }} then 1
            else 0
        end as is_told_by_subtraction
    from shown
    full outer join hidden
        on
            shown.period_type = 'month'
            and shown.indicator_code = hidden.indicator_code
            and shown.level = hidden.level
            and shown.period_start = hidden.month
),

summed as (
    select
        indicator_code,
        level,
        agency_code,
        period_type,
        period_start,
        period_end,
        numerator,
        denominator,
        weighted
    from chosen

    union all

    select
        indicator_code,
        coalesce(level, 'all') as level,
        'all' as agency_code,
        period_type,
        period_start,
        period_end,
        sum(numerator) as numerator,
        sum(denominator) as denominator,
        sum(weighted) as weighted
    from levels
    group by
        grouping sets (
            (indicator_code, level, period_type, period_start, period_end),
            (indicator_code, period_type, period_start, period_end)
        )
    having max(is_told_by_subtraction) = 0
),

placed as (
    select
        *,
        period_end + interval '1' day <= {{ as_of() }} as is_whole,
        row_number() over (
            partition by indicator_code, level, agency_code
            order by
                case when period_end + interval '1' day <= {{ as_of() }} then 0 else 1 end,
                period_start desc
        ) as place
    from summed
)

select
    indicator_code,
    level,
    agency_code,
    period_type,
    period_start,
    cast(numerator as bigint) as numerator,
    cast(denominator as bigint) as denominator,
    cast(weighted as double) / cast(denominator as bigint) as value,
    cast(place as integer) as place
from placed
where place = 1 or is_whole
