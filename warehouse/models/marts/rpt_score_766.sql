-- Lines of the 766 index by agency and period: the sheet's points, pro rata below the threshold, never a constant; or
-- why there are none (domain.md §1.2). Then the groups and the whole, of the lines that could be scored: how many
-- points those could bring at most stands beside, for what is not fed is not 0.
with measured as (
    select
        indicator_code,
        agency_code,
        period_type,
        period_start,
        value,
        na_reason
    from {{ ref('rpt_indicator') }}
),

-- An agency is scored in a period in which it had dossiers.
scored as (
    select distinct
        agency_code,
        period_type,
        period_start
    from measured
    where indicator_code = 'DOSSIER_HANDLED_766'
),

factored as (
    select
        scored.agency_code,
        scored.period_type,
        scored.period_start,
        lines.line,
        lines.group_number,
        lines.max_points,
        lines.full_at,
        case when lines.factor_code is null then measured.value else measured.value * factors.value end as value,
        case
            when lines.na_reason is not null then lines.na_reason
            when indicators.na_reason is not null then indicators.na_reason
            when measured.value is null then coalesce(measured.na_reason, 'no_data')
            when lines.factor_code is not null and factors.value is null then 'no_sync_rate'
        end as na_reason
    from scored
    cross join {{ ref('score_766_lines') }} as lines
    left join {{ ref('dim_indicator') }} as indicators on lines.indicator_code = indicators.indicator_code
    left join measured
        on
            scored.agency_code = measured.agency_code
            and scored.period_type = measured.period_type
            and scored.period_start = measured.period_start
            and lines.indicator_code = measured.indicator_code
    left join measured as factors
        on
            scored.agency_code = factors.agency_code
            and scored.period_type = factors.period_type
            and scored.period_start = factors.period_start
            and lines.factor_code = factors.indicator_code
),

pointed as (
    select
        *,
        case when na_reason is null then max_points * least(value / full_at, 1) end as points
    from factored
),

totals as (
    select
        agency_code,
        period_type,
        period_start,
        group_number,
        sum(max_points) as max_points,
        sum(case when points is not null then max_points else 0 end) as scored_max_points,
        -- Decimal, so that the sum does not depend on the order.
        cast(sum(cast(points as decimal(18, 9))) as double) as points
    from pointed
    group by
        grouping sets (
            (agency_code, period_type, period_start, group_number),
            (agency_code, period_type, period_start)
        )
),

told as (
    select
        agency_code,
        period_type,
        period_start,
        'line' as line_kind,
        line,
        group_number,
        max_points,
        case when points is not null then max_points else 0 end as scored_max_points,
        value,
        points,
        na_reason
    from pointed

    union all

    select
        agency_code,
        period_type,
        period_start,
        case when group_number is null then 'total' else 'group' end as line_kind,
        coalesce(cast(group_number as varchar), 'total') as line,
        group_number,
        max_points,
        scored_max_points,
        cast(null as double) as value,
        points,
        case when points is null then 'no_line_scored' end as na_reason
    from totals
)

select
    told.agency_code,
    told.period_type,
    told.period_start,
    cast(extract(year from told.period_start) as integer) as year,
    told.line_kind,
    told.line,
    told.group_number,
    coalesce(lines.name_vi, groups.name_vi, 'Tổng điểm') as name_vi,
    coalesce(lines.name_en, groups.name_en, 'All points') as name_en,
    told.max_points,
    told.scored_max_points,
    lines.certainty,
    told.value,
    told.points,
    told.na_reason,
    {{ as_of() }} as as_of
from told
left join {{ ref('score_766_lines') }} as lines on told.line = lines.line
left join {{ ref('score_766_groups') }} as groups on told.group_number = groups.group_number
