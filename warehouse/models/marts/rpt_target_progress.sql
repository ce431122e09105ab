-- Each target against the newest whole month of its indicator at that level; where fewer is better, so is a fall.
with levels as (
    select
        indicators.indicator_code,
        agencies.level,
        indicators.period_start as month,
        sum(indicators.numerator) as numerator,
        sum(indicators.denominator) as denominator
    from {{ ref('rpt_indicator') }} as indicators
    inner join {{ ref('dim_agency') }} as agencies on indicators.agency_code = agencies.agency_code
    where indicators.period_type = 'month' and indicators.numerator is not null
    group by indicators.indicator_code, agencies.level, indicators.period_start
),

with_all as (
    select * from levels
    union all
    select
        indicator_code,
        'all' as level,
        month,
        sum(numerator) as numerator,
        sum(denominator) as denominator
    from levels
    group by indicator_code, month
),

placed as (
    select
        *,
        row_number() over (
            partition by indicator_code, level
            order by case when month + interval '1' month <= {{ as_of() }} then 0 else 1 end, month desc
        ) as place
    from with_all
    where denominator > 0
),

newest as (
    select * from placed
    where place = 1
),

compared as (
    select
        targets.indicator_code,
        targets.level,
        targets.target_on,
        targets.source,
        targets.certainty,
        newest.month,
        cast(newest.numerator as bigint) as numerator,
        cast(newest.denominator as bigint) as denominator,
        cast(newest.numerator as double) / newest.denominator as value,
        targets.target,
        greatest({{ months_between('newest.month', 'targets.target_on') }}, 0) as months_left,
        case when indicators.better = 'lower' then -1 else 1 end as direction
    from {{ ref('int_indicator__targets') }} as targets
    inner join {{ ref('dim_indicator') }} as indicators on targets.indicator_code = indicators.indicator_code
    inner join newest on targets.indicator_code = newest.indicator_code and targets.level = newest.level
)

select
    indicator_code,
    level,
    target_on,
    source,
    certainty,
    month,
    numerator,
    denominator,
    value,
    target,
    target - value as gap,
    cast(months_left as integer) as months_left,
    cast(
        case
            when direction * value >= direction * target then 0
            when months_left > 0 then (target - value) / months_left
        end as double
    ) as needed_monthly_gain,
    {{ as_of() }} as as_of
from compared
