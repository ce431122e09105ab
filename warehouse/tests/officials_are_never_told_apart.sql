-- No month of officials at work tells of fewer than min_group people, or leaves as few over, nor do mailboxes and staff
-- of one agency held against each other; a quarter and a year add up what is shown, and what a level has beyond the
-- agencies that are shown is no small group either (domain.md §1.6).
with officials as (
    select *
    from {{ ref('rpt_indicator') }}
    where indicator_code in ('MAIL_ACTIVE', 'STAFF_IGATE', 'STAFF_IDESK', 'STAFF_MAIL')
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
    where denominator > 0 and {{ is_small_group('numerator', 'denominator') }}
),

pairs as (
    select
        mail.indicator_code,
        mail.agency_code,
        mail.period_start
    from officials as mail
    inner join officials as staff
        on
            mail.indicator_code = 'MAIL_ACTIVE'
            and staff.indicator_code = 'STAFF_MAIL'
            and mail.period_type = 'month'
            and staff.period_type = 'month'
            and mail.agency_code = staff.agency_code
            and mail.period_start = staff.period_start
    where
        (mail.numerator is not null and staff.na_reason = 'small_group')
        or (staff.numerator is not null and mail.na_reason = 'small_group')
        or {{ is_small_difference('mail.numerator', 'staff.numerator') }}
),

longer as (
    select
        told.indicator_code,
        told.agency_code,
        told.period_start
    from officials as told
    left join shown
        on
            told.indicator_code = shown.indicator_code
            and told.agency_code = shown.agency_code
            and shown.period_start between told.period_start and told.period_end
    where told.period_type in ('quarter', 'year')
    group by
        told.indicator_code, told.agency_code, told.period_type, told.period_start, told.numerator, told.denominator
    having
        told.numerator is distinct from sum(shown.numerator)
        or told.denominator is distinct from sum(shown.denominator)
),

series as (
    select
        indicator_code,
        level,
        period_start,
        numerator,
        denominator
    from {{ ref('int_target__series') }}
    where agency_code = 'all' and indicator_code in (select officials.indicator_code from officials)

    union all

    select
        indicator_code,
        level,
        month as period_start,
        numerator,
        denominator
    from {{ ref('rpt_official_activity') }}
    where numerator is not null
),

beyond as (
    select
        series.indicator_code,
        series.level as agency_code,
        series.period_start,
        series.numerator - coalesce(sum(shown.numerator), 0) as numerator,
        series.denominator - coalesce(sum(shown.denominator), 0) as denominator
    from series
    left join {{ ref('dim_agency') }} as agencies on series.level in (agencies.level, 'all')
    left join shown
        on
            series.indicator_code = shown.indicator_code
            and series.period_start = shown.period_start
            and agencies.agency_code = shown.agency_code
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
select * from pairs
union all
select * from longer
union all
select * from levels
