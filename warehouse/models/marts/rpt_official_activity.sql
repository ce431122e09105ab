-- Use of the systems by officials at each level of agencies and in the province, by month. The small groups that
-- rpt_indicator hides are in it: the sum of what is shown there would be that of agencies where all or none are active.
-- Where what is hidden could be found by subtraction, and is one agency's or itself small, nothing is told
-- (domain.md §1.6).
with figures as (
    select
        months.indicator_code,
        agencies.level,
        months.month,
        months.numerator,
        months.denominator,
        months.na_reason is not null as is_hidden
    from {{ ref('int_indicator__months') }} as months
    inner join {{ ref('dim_agency') }} as agencies on months.agency_code = agencies.agency_code
    where
        months.indicator_code in ('MAIL_ACTIVE', 'STAFF_IGATE', 'STAFF_IDESK', 'STAFF_MAIL')
        and months.denominator > 0
        and coalesce(months.na_reason, 'small_group') = 'small_group'
),

levels as (
    select
        indicator_code,
        level,
        month,
        count(*) as agency_count,
        count(*) filter (where is_hidden) as hidden_agency_count,
        sum(numerator) as numerator,
        sum(denominator) as denominator,
        coalesce(sum(numerator) filter (where is_hidden), 0) as hidden_numerator,
        coalesce(sum(denominator) filter (where is_hidden), 0) as hidden_denominator
    from figures
    group by indicator_code, level, month
),

judged as (
    select
        *,
        case
            when {{ is_small_group('numerator', 'denominator') }} then 1
            when hidden_agency_count = 0 then 0
            when hidden_agency_count = 1 or {{ is_small_group('hidden_numerator', 'hidden_denominator') }} then 1
            else 0
        end as is_small
    from levels
),

summed as (
    select
        indicator_code,
        coalesce(level, 'all') as level,
        month,
        sum(agency_count) as agency_count,
        sum(hidden_agency_count) as hidden_agency_count,
        sum(numerator) as numerator,
        sum(denominator) as denominator,
        max(is_small) as is_small
    from judged
    group by grouping sets ((indicator_code, level, month), (indicator_code, month))
)

select
    indicator_code,
    level,
    month,
    cast(agency_count as bigint) as agency_count,
    cast(hidden_agency_count as bigint) as hidden_agency_count,
    case when is_small = 0 then cast(numerator as bigint) end as numerator,
    case when is_small = 0 then cast(denominator as bigint) end as denominator,
    case when is_small = 0 then cast(numerator as double) / cast(denominator as double) end as value,
    case when is_small = 1 then 'small_group' end as na_reason,
    {{ as_of() }} as as_of
from summed
