-- No month of officials at work tells of fewer than min_group people, or leaves as few over; a year, and a level against
-- a target, add up what is shown, so that nothing hidden can be found by subtraction (domain.md §1.6).
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

levels as (
    select
        progress.indicator_code,
        progress.level as agency_code,
        progress.month as period_start
    from {{ ref('rpt_target_progress') }} as progress
    left join {{ ref('dim_agency') }} as agencies on progress.level in (agencies.level, 'all')
    left join shown
        on
            progress.indicator_code = shown.indicator_code
            and progress.month = shown.period_start
            and agencies.agency_code = shown.agency_code
    where progress.agency_code = 'all' and progress.indicator_code in ('STAFF_IGATE', 'STAFF_IDESK', 'STAFF_MAIL')
    group by
        progress.indicator_code, progress.level, progress.month, progress.target_on, progress.source, progress.numerator
    having progress.numerator is distinct from sum(shown.numerator)
)

select * from too_small
union all
select * from years
union all
select * from levels
