-- Each target against the newest whole month of its indicator, for the level it holds for and for each agency of that
-- level: what is missing, what it takes a month, the pace of the last months, and when the line through them arrives.
-- Where fewer is better, so is a fall. "Not on this trend" is an answer (docs/decisions/0012).
with compared as (
    select
        targets.indicator_code,
        targets.level,
        series.agency_code,
        series.level as series_level,
        targets.target_on,
        targets.source,
        targets.certainty,
        series.period_type,
        series.period_start as month,
        series.numerator,
        series.denominator,
        series.value,
        targets.target,
        greatest({{ months_between('series.period_start', 'targets.target_on') }}, 0) as months_left,
        case when indicators.better = 'lower' then -1 else 1 end as direction
    from {{ ref('int_indicator__targets') }} as targets
    inner join {{ ref('dim_indicator') }} as indicators on targets.indicator_code = indicators.indicator_code
    inner join {{ ref('int_target__series') }} as series
        on
            targets.indicator_code = series.indicator_code
            and series.place = 1
            and (
                targets.level = series.level
                or (targets.level = 'all' and series.agency_code <> 'all')
            )
),

arrivals as (
    select
        compared.indicator_code,
        compared.level,
        compared.agency_code,
        compared.target_on,
        compared.source,
        max(forecast.month_count) as month_count,
        max(forecast.pace) as pace,
        max(forecast.pace_low) as pace_low,
        max(forecast.pace_high) as pace_high,
        min(
            case
                when compared.direction * forecast.fitted >= compared.direction * compared.target then forecast.month
            end
        ) as arrives_in,
        min(
            case
                when compared.direction = 1 and forecast.high >= compared.target then forecast.month
                when compared.direction = -1 and forecast.low <= compared.target then forecast.month
            end
        ) as earliest_in,
        min(
            case
                when compared.direction = 1 and forecast.low >= compared.target then forecast.month
                when compared.direction = -1 and forecast.high <= compared.target then forecast.month
            end
        ) as latest_in
    from compared
    inner join {{ ref('int_target__forecast') }} as forecast
        on
            compared.indicator_code = forecast.indicator_code
            and compared.series_level = forecast.level
            and compared.agency_code = forecast.agency_code
    group by
        compared.indicator_code, compared.level, compared.agency_code, compared.target_on, compared.source
),

judged as (
    select
        compared.*,
        arrivals.month_count,
        arrivals.pace,
        arrivals.pace_low,
        arrivals.pace_high,
        arrivals.arrives_in,
        arrivals.earliest_in,
        arrivals.latest_in,
        case
            when compared.direction * compared.value >= compared.direction * compared.target then 'reached'
            when arrivals.month_count is null then 'too_few_months'
            when arrivals.arrives_in is null or compared.direction * arrivals.pace <= 0 then 'not_on_this_trend'
            when arrivals.pace_low <= 0 and arrivals.pace_high >= 0 then 'no_clear_trend'
            when arrivals.arrives_in <= compared.target_on then 'in_time'
            else 'too_late'
        end as outlook
    from compared
    left join arrivals
        on
            compared.indicator_code = arrivals.indicator_code
            and compared.level = arrivals.level
            and compared.agency_code = arrivals.agency_code
            and compared.target_on = arrivals.target_on
            and compared.source = arrivals.source
)

select
    indicator_code,
    level,
    agency_code,
    target_on,
    source,
    certainty,
    period_type,
    month,
    numerator,
    denominator,
    value,
    target,
    target - value as gap,
    cast(months_left as integer) as months_left,
    cast(
        case
            when outlook = 'reached' then 0
            when months_left > 0 then (target - value) / months_left
        end as double
    ) as needed_monthly_gain,
    month_count,
    pace,
    pace_low,
    pace_high,
    outlook,
    case when outlook in ('in_time', 'too_late') then arrives_in end as arrives_in,
    case when outlook in ('in_time', 'too_late') then earliest_in end as earliest_in,
    case when outlook in ('in_time', 'too_late') then latest_in end as latest_in,
    {{ as_of() }} as as_of
from judged
