-- No month of officials at work tells of fewer than min_group people, or leaves as few over; a year adds up what is
-- shown, and what a level has beyond the agencies that are shown is no small group either (domain.md §1.6).
with officials as (
    select *
    from {{ ref('rpt_indicator') }}
    where indicator_code in ('STAFF_IGATE', 'STAFF_IDESK', 'STAFF_MAIL')
),

shown as (
    select * from officials
    where period_type = 'month' and numerator is not null
),

too_small as (
    select
        indicator_code,
        agency_code,
        period_start
    from shown
    where {{ is_small_group('numerator', 'denominator') }}
),

years as (
    select
        told.indicator_code,
        told.agency_code,
        told.period_start
    from officials as told
    left join shown
        on
            told.indicator_code = shown.indicator_code
            and told.agency_code = shown.agency_code
            and told.period_start = {{ year_of('shown.period_start') }}
    where told.period_type = 'year'
    group by told.indicator_code, told.agency_code, told.period_start, told.numerator, told.denominator
    having
        told.numerator is distinct from sum(shown.numerator)
        or told.denominator is distinct from sum(shown.denominator)
),

beyond as (
    select
        series.indicator_code,
        series.level as agency_code,
        series.period_start,
        series.numerator - coalesce(sum(shown.numerator), 0) as numerator,
        series.denominator - coalesce(sum(shown.denominator), 0) as denominator
    from {{ ref('int_target__series') }} as series
    left join {{ ref('dim_agency') }} as agencies on series.level in (agencies.level, 'all')
    left join shown
        on
            series.indicator_code = shown.indicator_code
            and series.period_start = shown.period_start
            and agencies.agency_code = shown.agency_code
    where series.agency_code = 'all' and series.indicator_code in ('STAFF_IGATE', 'STAFF_IDESK', 'STAFF_MAIL')
    group by series.indicator_code, series.level, series.period_start, series.numerator, series.denominator
),

levels as (
    select
        indicator_code,
        agency_code,
        period_start
    from beyond
    where denominator > 0 and {{ is_small_group('numerator', 'denominator') }}
)

select * from too_small
union all
select * from years
union all
select * from levels
