-- Every indicator by agency, month, quarter and year. No value without a denominator, and none of a group so small that
-- it would tell of persons: longer periods take only the months that are shown, so that none can be found by
-- subtraction. What no stream feeds stands here by year with the reason. A quarter and a year add up what happened and
-- take their newest stock.
with months as (
    select * from {{ ref('int_indicator__months') }}
),

periods as (
    select
        indicator_code,
        agency_code,
        period_type,
        period_start,
        numerator,
        denominator,
        cast(null as double) as value,
        na_reason
    from ({{ indicator_periods('months') }}) as added

    union all

    select
        indicator_code,
        agency_code,
        period_type,
        period_start,
        numerator,
        denominator,
        cast(null as double) as value,
        cast(null as varchar) as na_reason
    from {{ ref('int_indicator__procedures') }}

    union all

    select
        indicator_code,
        agency_code,
        period_type,
        period_start,
        numerator,
        denominator,
        value,
        na_reason
    from {{ ref('int_indicator__reference') }}

    union all

    select
        indicators.indicator_code,
        years.agency_code,
        'year' as period_type,
        years.period_start,
        cast(null as bigint) as numerator,
        cast(null as bigint) as denominator,
        cast(null as double) as value,
        indicators.na_reason
    from (select distinct agency_code, {{ year_of('month') }} as period_start from months) as years
    cross join {{ ref('dim_indicator') }} as indicators
    where indicators.na_reason is not null
),

-- Two rates taken from the whole may leave less than nothing (766, line 5.4).
counted as (
    select
        indicator_code,
        agency_code,
        period_type,
        period_start,
        case when numerator < 0 then 0 else cast(numerator as bigint) end as numerator,
        cast(denominator as bigint) as denominator,
        value,
        na_reason
    from periods
),

judged as (
    select
        counted.indicator_code,
        counted.agency_code,
        counted.period_type,
        counted.period_start,
        indicators.unit,
        case when counted.na_reason is null then counted.numerator end as numerator,
        case when counted.na_reason is null then counted.denominator end as denominator,
        {{ indicator_value() }} as value,
        {{ indicator_na_reason() }} as na_reason
    from counted
    inner join {{ ref('dim_indicator') }} as indicators on counted.indicator_code = indicators.indicator_code
),

asked as (
    select distinct
        judged.indicator_code,
        agencies.level,
        judged.period_start
    from judged
    inner join {{ ref('dim_agency') }} as agencies on judged.agency_code = agencies.agency_code
),

-- The target that lies ahead of the period, else the last one that was set.
targeted as (
    select
        asked.indicator_code,
        asked.level,
        asked.period_start,
        targets.target,
        row_number() over (
            partition by asked.indicator_code, asked.level, asked.period_start
            order by
                case when targets.target_on >= asked.period_start then 0 else 1 end,
                abs({{ days_between('asked.period_start', 'targets.target_on') }}),
                case when targets.level = asked.level then 0 else 1 end,
                targets.source
        ) as place
    from asked
    inner join {{ ref('int_indicator__targets') }} as targets
        on asked.indicator_code = targets.indicator_code and targets.level in (asked.level, 'all')
)

select
    judged.indicator_code,
    judged.agency_code,
    judged.period_type,
    judged.period_start,
    {{ period_end('judged.period_type', 'judged.period_start') }} as period_end,
    judged.unit,
    judged.numerator,
    judged.denominator,
    judged.value,
    targeted.target,
    targeted.target - judged.value as gap,
    judged.na_reason,
    {{ as_of() }} as as_of
from judged
left join {{ ref('dim_agency') }} as agencies on judged.agency_code = agencies.agency_code
left join targeted
    on
        judged.indicator_code = targeted.indicator_code
        and agencies.level = targeted.level
        and judged.period_start = targeted.period_start
        and targeted.place = 1
