-- Lines of the 766 index by agency and year: the sheet's points pro rata below the threshold, or why there are none.
with measured as (
    select
        indicator_code,
        agency_code,
        period_start,
        value,
        na_reason
    from {{ ref('rpt_indicator') }}
    where period_type = 'year'
),

years as (
    select distinct
        agency_code,
        period_start
    from measured
    where indicator_code = 'DOSSIER_ONLINE'
)

select
    years.agency_code,
    cast(extract(year from years.period_start) as integer) as year,
    lines.line,
    lines.name_vi,
    lines.name_en,
    lines.max_points,
    lines.certainty,
    measured.value,
    case
        when measured.value >= lines.full_at then lines.max_points
        else lines.max_points * measured.value / lines.full_at
    end as points,
    case
        when lines.indicator_code is null then 'not_fed'
        when measured.value is null then coalesce(measured.na_reason, 'no_denominator')
    end as na_reason,
    {{ as_of() }} as as_of
from years
cross join {{ ref('score_766_lines') }} as lines
left join measured
    on
        years.agency_code = measured.agency_code
        and years.period_start = measured.period_start
        and lines.indicator_code = measured.indicator_code
