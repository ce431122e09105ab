-- Dossiers that are open when a month ends, or at the newest export in a month that is not over: in due, late, due
-- within a day, by the default rule; and the two lines of the 766 index that judge open and resolved ones together, by
-- R_766 (domain.md §1.2, rows 2.1 and 5.4). What is resolved adds up over months; what is open is a stock.
with resolution as (
    select
        agency_code,
        month,
        rule_code,
        resolved_count,
        early_count + on_time_count as on_time_count,
        open_in_due_count,
        open_late_count,
        open_in_due_count + open_late_count + open_no_due_date_count as open_count
    from {{ ref('rpt_dossier_resolution') }}
    -- A stock that has run out is told once.
    where open_in_due_count + open_late_count + open_no_due_date_count + carried_over_count + resolved_count > 0
),

dossiers as (
    select
        agency_code,
        received_at,
        due_at,
        resolved_month,
        {{ month_of('due_at') }} as due_month,
        satisfaction,
        {{ as_of() }} as known_at
    from {{ ref('fct_dossier') }}
    where is_received
),

-- A month that is over ends with the first moment of the next one.
nearly_due as (
    select
        agency_code,
        cast(due_month - interval '1' month as date) as month
    from dossiers
    where
        due_at < due_month + interval '24' hour
        and received_at < due_month
        and (resolved_month is null or resolved_month >= due_month)
        and due_month <= {{ month_of('known_at') }}

    union all

    select
        agency_code,
        {{ month_of('known_at') }} as month
    from dossiers
    where resolved_month is null and due_at >= known_at and due_at < known_at + interval '24' hour
),

due_soon as (
    select
        agency_code,
        month,
        count(*) as due_soon_count
    from nearly_due
    group by agency_code, month
),

displeased as (
    select
        agency_code,
        resolved_month as month,
        count(*) as displeased_count
    from dossiers
    where resolved_month is not null and satisfaction = 'KHÔNG HÀI LÒNG'
    group by agency_code, resolved_month
),

described as (
    select
        resolution.*,
        coalesce(due_soon.due_soon_count, 0) as due_soon_count,
        coalesce(displeased.displeased_count, 0) as displeased_count
    from resolution
    left join due_soon on resolution.agency_code = due_soon.agency_code and resolution.month = due_soon.month
    left join displeased on resolution.agency_code = displeased.agency_code and resolution.month = displeased.month
)

{% set default, index = default_rule(), 'R_766' -%}
{% set parts = [
    ('DOSSIER_OPEN_IN_TIME', default, '0', '0', 'open_in_due_count'),
    ('DOSSIER_OPEN_LATE', default, '0', '0', 'open_late_count'),
    ('DOSSIER_OPEN_DUE_24H', default, '0', '0', 'due_soon_count'),
    ('DOSSIER_HANDLED_766', index, 'on_time_count', 'resolved_count', 'open_in_due_count'),
    ('DOSSIER_SATISFACTION_766', index, 'on_time_count - displeased_count', 'resolved_count', 'open_in_due_count'),
] -%}
{% for indicator_code, rule_code, numerator, denominator, stock_numerator in parts %}
    select
        '{{ indicator_code }}' as indicator_code,
        agency_code,
        month,
        cast({{ numerator }} as bigint) as numerator,
        cast({{ denominator }} as bigint) as denominator,
        cast({{ stock_numerator }} as bigint) as stock_numerator,
        cast(open_count as bigint) as stock_denominator
    from described
    where rule_code = '{{ rule_code }}'
    {% if not loop.last %}union all{% endif %}
{% endfor %}
