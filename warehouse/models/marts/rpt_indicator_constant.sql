-- Every indicator by agency and period in constant geography: figures of agencies that ended stand with those that took
-- them over, shared by weight, so that a series goes on over mergers and splits (decision 0015). Months are shared out
-- and then added up to quarters and years. What is counted once in a period, and a rank, cannot be shared; what is
-- partly hidden is hidden.
with months as (
    {{ in_constant_geography(ref('int_indicator__months'), ref('bridge_agency_geography'), 'month') }}
),

shared as (
    select
        indicator_code,
        successor_code as agency_code,
        month,
        {% for column in ('numerator', 'denominator', 'stock_numerator', 'stock_denominator') -%}
            sum({{ column }} * weight) as {{ column }},
        {% endfor -%}
        max(case when is_moved then 1 else 0 end) as moved,
        max(case when weight < 1 then 1 else 0 end) as estimated,
        max(na_reason) as na_reason
    from months
    group by indicator_code, successor_code, month
),

given as (
    select
        figures.indicator_code,
        figures.agency_code,
        figures.period_type,
        figures.period_start,
        figures.numerator,
        figures.denominator,
        figures.value,
        figures.na_reason,
        indicators.na_reason as not_fed
    from {{ ref('rpt_indicator') }} as figures
    inner join {{ ref('dim_indicator') }} as indicators on figures.indicator_code = indicators.indicator_code
    where indicators.over_time = 'own' or indicators.na_reason is not null
),

moved as (
    {{ in_constant_geography('given', ref('bridge_agency_geography'), 'period_start') }}
),

-- An agency's own figure stands, and one that only changed its name keeps its figure.
kept as (
    select
        indicator_code,
        successor_code as agency_code,
        period_type,
        period_start,
        min(numerator) as numerator,
        min(denominator) as denominator,
        min(value) as value,
        max(case when is_moved then 1 else 0 end) as moved,
        case
            when max(not_fed) is not null then max(not_fed)
            when count(*) = 1 and min(weight) = 1 and min(case when is_moved and not only_renamed then 0 else 1 end) = 1
                then max(na_reason)
            else 'not_additive'
        end as na_reason
    from moved
    group by indicator_code, successor_code, period_type, period_start
),

periods as (
    {{ indicator_periods('shared', flags=['moved', 'estimated']) }}
),

counted as (
    select
        indicator_code,
        agency_code,
        period_type,
        period_start,
        case when numerator < 0 then 0 else cast(numerator as double) end as numerator,
        cast(denominator as double) as denominator,
        cast(null as double) as value,
        moved,
        estimated,
        na_reason
    from periods

    union all

    select
        indicator_code,
        agency_code,
        period_type,
        period_start,
        cast(numerator as double) as numerator,
        cast(denominator as double) as denominator,
        value,
        moved,
        0 as estimated,
        na_reason
    from kept
)

select
    counted.indicator_code,
    counted.agency_code,
    counted.period_type,
    counted.period_start,
    {{ period_end('counted.period_type', 'counted.period_start') }} as period_end,
    indicators.unit,
    case when counted.na_reason is null then counted.numerator end as numerator,
    case when counted.na_reason is null then counted.denominator end as denominator,
    {{ indicator_value() }} as value,
    {{ indicator_na_reason() }} as na_reason,
    counted.moved = 1 as is_moved,
    counted.estimated = 1 as is_estimated,
    {{ geography_date() }} as geography_date,
    {{ as_of() }} as as_of
from counted
inner join {{ ref('dim_indicator') }} as indicators on counted.indicator_code = indicators.indicator_code
