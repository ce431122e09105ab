-- The share of dossiers that are on time, by rule and by what it is a share of (domain.md §2.7). A rule that looks at
-- open dossiers too does so in HANDLED; there what is not late counts as on time for R_GL, as its system writes.
with counts as (
    select
        *,
        early_count + on_time_count as timely_count,
        received_count + carried_over_count as handled_count
    from {{ ref('rpt_dossier_resolution') }}
),

{% set parts = {
    'RESOLVED': ['timely_count', 'resolved_count'],
    'CLASSED': ['timely_count', 'timely_count + late_count'],
    'RECEIVED': ['timely_count', 'received_count'],
    'HANDLED': [
        "case when rule_code = 'R_GL' then handled_count - late_count - open_late_count"
        ~ " else timely_count + open_in_due_count end",
        'handled_count',
    ],
} -%}
rates as (
    {% for denominator_code in dossier_denominators() -%}
        select
            agency_code,
            agency_name,
            month,
            rule_code,
            '{{ denominator_code }}' as denominator_code,
            {{ parts[denominator_code][0] }} as numerator,
            {{ parts[denominator_code][1] }} as denominator
        from counts
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
)

select
    agency_code,
    agency_name,
    month,
    rule_code,
    denominator_code,
    cast(numerator as bigint) as numerator,
    cast(denominator as bigint) as denominator,
    case when denominator > 0 then cast(numerator as double) / denominator end as value,
    case when denominator = 0 then 'no_denominator' end as na_reason,
    rule_code = '{{ default_rule() }}' and denominator_code = '{{ default_denominator() }}' as is_default,
    {{ as_of() }} as as_of
from rates
