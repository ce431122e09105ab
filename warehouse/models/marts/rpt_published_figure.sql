-- Each published figure beside the one that the marts compute, under every rule of "on time": which definition a
-- published figure matches is found, not assumed (domain.md §0.2). Nothing is computed for a period that the data
-- do not cover from its first month to its last.
with covered as (
    select
        min(month) as first_month,
        max(month) as last_month
    from {{ ref('rpt_dossier_resolution') }}
),

dossiers as (
    select
        figures.figure_code,
        resolution.rule_code,
        sum(
            case figures.measure
                when 'received' then resolution.received_count
                when 'resolved' then resolution.resolved_count
                when 'early' then resolution.early_count
                when 'on_time' then resolution.on_time_count
                when 'late' then resolution.late_count
            end
        ) as computed_value,
        sum(case when figures.measure = 'resolved' then resolution.unexplained_count end) as unexplained_count
    from {{ ref('published_figures') }} as figures
    inner join {{ ref('rpt_dossier_resolution') }} as resolution
        on
            (figures.scope = 'province' or (figures.scope = 'agency' and figures.agency_code = resolution.agency_code))
            and resolution.month between figures.period_from and figures.period_to
    cross join covered
    where
        figures.measure in ('received', 'resolved', 'early', 'on_time', 'late')
        and figures.period_from = {{ month_of('figures.period_from') }}
        and {{ month_of("figures.period_to + interval '1' day") }} > {{ month_of('figures.period_to') }}
        and covered.first_month <= figures.period_from
        and covered.last_month >= {{ month_of('figures.period_to') }}
    group by figures.figure_code, resolution.rule_code
),

others as (
    select
        figures.figure_code,
        'none' as rule_code,
        case figures.measure
            when 'satisfaction' then surveys.satisfaction * 100
            when 'satisfaction_threshold' then surveys.threshold * 100
            when 'par_score' then ranks.score
            when 'par_rank' then ranks.rank
            when 'par_rank_lost' then -ranks.change_since_first
        end as computed_value,
        cast(null as bigint) as unexplained_count
    from {{ ref('published_figures') }} as figures
    left join {{ ref('rpt_survey') }} as surveys
        on
            figures.agency_code = surveys.agency_code
            and surveys.year = extract(year from figures.period_to)
    left join {{ ref('rpt_par_index') }} as ranks
        on
            figures.agency_code = ranks.agency_code
            and ranks.year = extract(year from figures.period_to)
    where figures.measure in ('satisfaction', 'satisfaction_threshold', 'par_score', 'par_rank', 'par_rank_lost')
),

computed as (
    select * from dossiers
    union all
    select * from others
    where computed_value is not null
)

select
    figures.figure_code,
    coalesce(computed.rule_code, 'none') as rule_code,
    figures.figure_row,
    figures.source,
    figures.agency_code,
    figures.subject_vi,
    figures.subject_en,
    figures.measure,
    figures.period_from,
    figures.period_to,
    figures.unit,
    figures.value as published_value,
    cast(computed.computed_value as decimal(18, 4)) as computed_value,
    cast(computed.computed_value as decimal(18, 4)) - figures.value as difference,
    cast(computed.computed_value as decimal(18, 4)) = figures.value as is_equal,
    cast(computed.unexplained_count as bigint) as unexplained_count,
    case
        when figures.value is null then figures.na_reason
        when figures.scope = 'elsewhere' then 'not_ours'
        when computed.figure_code is null then 'no_data'
    end as na_reason,
    {{ as_of() }} as as_of
from {{ ref('published_figures') }} as figures
left join computed on figures.figure_code = computed.figure_code
