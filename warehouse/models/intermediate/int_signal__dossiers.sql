-- Rows that bear a fingerprint, and the rows that could, by agency and month. A signal is not an accusation.
with resolved as (
    select
        agency_code,
        resolved_month as month,
        count(*) as base_count,
        count(*) filter (where ended_at = due_at) as end_equals_due_count
    from {{ ref('fct_dossier') }}
    where is_resolved
    group by agency_code, resolved_month
),

received as (
    select
        agency_code,
        received_month as month,
        count(*) as base_count,
        count(*) filter (where due_at is null) as no_due_date_count,
        count(*) filter (where supplement_count > 1) as supplement_repeated_count,
        count(*) filter (where due_date_count > 1) as due_moved_count
    from {{ ref('fct_dossier') }}
    where is_received
    group by agency_code, received_month
),

steps as (
    select
        agency_code,
        {{ month_of('processed_at') }} as month,
        count(*) as base_count,
        count(*) filter (where duration_hours < 2 / 60.0) as short_count
    from {{ ref('fct_dossier_step') }}
    where processed_at is not null and status_code in (4, 9)
    group by agency_code, {{ month_of('processed_at') }}
)

{% set parts = [
    ('END_EQUALS_DUE', 'resolved', 'end_equals_due_count'),
    ('NO_DUE_DATE', 'received', 'no_due_date_count'),
    ('SUPPLEMENT_REPEATED', 'received', 'supplement_repeated_count'),
    ('DUE_MOVED', 'received', 'due_moved_count'),
    ('STEP_UNDER_2_MINUTES', 'steps', 'short_count'),
] -%}
{% for signal_code, relation, affected in parts %}
    select
        '{{ signal_code }}' as signal_code,
        agency_code,
        month,
        {{ affected }} as affected_count,
        base_count
    from {{ relation }}
    {% if not loop.last %}union all{% endif %}
{% endfor %}
