-- Rows that bear a fingerprint, and the rows that could, by agency and month (domain.md §0.4, §5). A signal is not an
-- accusation. The same conditions choose the rows of rpt_signal_evidence.
with resolved as (
    select
        agency_code,
        resolved_month as month,
        count(*) as base_count,
        count(*) filter (where is_end_at_due) as end_equals_due_count
    from {{ ref('int_dossier__history') }}
    where is_resolved
    group by agency_code, resolved_month
),

logged as (
    select
        agency_code,
        resolved_month as month,
        count(*) as base_count,
        count(*) filter (where is_end_before_last_step) as end_before_last_step_count
    from {{ ref('int_dossier__history') }}
    where is_resolved and last_step_at is not null
    group by agency_code, resolved_month
),

received as (
    select
        agency_code,
        received_month as month,
        count(*) as base_count,
        count(*) filter (where is_undated) as no_due_date_count,
        count(*) filter (where is_supplement_repeated) as supplement_repeated_count,
        count(*) filter (where supplement_near_due_at is not null) as supplement_near_due_count,
        count(*) filter (where is_due_moved) as due_moved_count,
        count(*) filter (where is_end_changed_after_close) as end_changed_count,
        count(*) filter (where is_back_dated) as back_dated_count,
        count(*) filter (where is_refusal_reversed) as refusal_reversed_count
    from {{ ref('int_dossier__history') }}
    where is_received
    group by agency_code, received_month
),

refused as (
    select
        agency_code,
        received_month as month,
        count(*) as base_count,
        count(*) filter (where is_refused_without_documents) as no_documents_count
    from {{ ref('int_dossier__history') }}
    where status_code = 3
    group by agency_code, received_month
),

results as (
    select
        history.agency_code,
        history.resolved_month as month,
        count(*) as base_count,
        count(*) filter (where history.is_without_file) as without_file_count
    from {{ ref('int_dossier__history') }} as history
    inner join {{ ref('dim_procedure') }} as procedures on history.procedure_code = procedures.procedure_code
    where history.is_resolved and history.status_code in (9, 10) and procedures.needs_result
    group by history.agency_code, history.resolved_month
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
),

refusals as (
    select
        agency_code,
        month,
        count(*) as base_count,
        count(*) filter (where is_reversed) as reversed_count
    from {{ ref('int_dossier__refusals') }}
    group by agency_code, month
),

counters as (
    select
        agency_code,
        {{ month_of('code_on') }} as month,
        count(*) as base_count,
        count(*) filter (where missing_count > 0) as gap_count
    from {{ ref('int_dossier__counters') }}
    group by agency_code, {{ month_of('code_on') }}
),

portal as (
    select
        agency_code,
        month,
        count(*) as base_count,
        count(*) filter (where not is_portals) as missing_count
    from {{ ref('int_reconciliation__portal') }}
    where is_ours
    group by agency_code, month
),

listed as (
    select
        agency_code,
        month,
        count(*) as base_count,
        count(*) filter (where not is_ours) as unknown_count
    from {{ ref('int_reconciliation__portal') }}
    where is_portals
    group by agency_code, month
),

synced as (
    select
        agency_code,
        month,
        count(*) as base_count,
        count(*) filter (where lag_hours > {{ var('portal_late_hours') }}) as late_count
    from {{ ref('int_reconciliation__portal') }}
    where is_ours and is_portals
    group by agency_code, month
)

{% set parts = [
    ('END_EQUALS_DUE', 'resolved', 'end_equals_due_count'),
    ('END_BEFORE_LAST_STEP', 'logged', 'end_before_last_step_count'),
    ('NO_DUE_DATE', 'received', 'no_due_date_count'),
    ('SUPPLEMENT_REPEATED', 'received', 'supplement_repeated_count'),
    ('SUPPLEMENT_NEAR_DUE', 'received', 'supplement_near_due_count'),
    ('DUE_MOVED', 'received', 'due_moved_count'),
    ('END_CHANGED_AFTER_CLOSE', 'received', 'end_changed_count'),
    ('BACK_DATED', 'received', 'back_dated_count'),
    ('REFUSAL_REVERSED', 'received', 'refusal_reversed_count'),
    ('REFUSED_WITHOUT_DOCUMENTS', 'refused', 'no_documents_count'),
    ('RESULT_WITHOUT_FILE', 'results', 'without_file_count'),
    ('STEP_UNDER_2_MINUTES', 'steps', 'short_count'),
    ('STEP_REFUSAL_REVERSED', 'refusals', 'reversed_count'),
    ('COUNTER_GAP', 'counters', 'gap_count'),
    ('NEVER_ON_PORTAL', 'portal', 'missing_count'),
    ('ONLY_ON_PORTAL', 'listed', 'unknown_count'),
    ('PORTAL_LATE', 'synced', 'late_count'),
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
