-- The rows behind rpt_signals, of the newest months (var evidence_months): which dossier, what was seen, in which line
-- of which file. Nothing of a person. A signal is not an accusation.
{% set seen = [
    ('END_EQUALS_DUE', 'resolved_month', 'is_resolved and is_end_at_due', 'ended_at', 'due_at', 'null'),
    ('END_BEFORE_LAST_STEP', 'resolved_month', 'is_end_before_last_step', 'ended_at', 'last_step_at', 'null'),
    ('NO_DUE_DATE', 'received_month', 'is_received and is_undated', 'received_at', 'null', 'null'),
    (
        'SUPPLEMENT_REPEATED', 'received_month', 'is_received and is_supplement_repeated',
        'received_at', 'null', 'supplement_count',
    ),
    (
        'SUPPLEMENT_NEAR_DUE', 'received_month', 'is_received and supplement_near_due_at is not null',
        'supplement_near_due_at', 'due_at', 'null',
    ),
    ('DUE_MOVED', 'received_month', 'is_received and is_due_moved', 'due_at', 'null', 'due_date_count'),
    (
        'END_CHANGED_AFTER_CLOSE', 'received_month', 'is_received and is_end_changed_after_close',
        'ended_at', 'ended_at_before', 'null',
    ),
    (
        'BACK_DATED', 'received_month', 'is_received and is_back_dated',
        'received_at', 'cast(code_on as timestamp)', 'null',
    ),
    ('REFUSAL_REVERSED', 'received_month', 'is_received and is_refusal_reversed', 'received_at', 'null', 'null'),
    (
        'REFUSED_WITHOUT_DOCUMENTS', 'received_month', 'status_code = 3 and is_refused_without_documents',
        'received_at', 'null', 'null',
    ),
    (
        'RESULT_WITHOUT_FILE', 'resolved_month',
        'is_resolved and is_without_file and procedure_code in '
        ~ '(select procedure_code from ' ~ ref('dim_procedure') ~ ' where needs_result)',
        'ended_at', 'null', 'null',
    ),
] -%}
with dossiers as (
    {% for signal_code, month, condition, observed, compared, amount in seen -%}
        select
            '{{ signal_code }}' as signal_code,
            agency_code,
            {{ month }} as month,
            dossier_code,
            cast(null as bigint) as step_number,
            {{ observed }} as observed_at,
            cast({{ compared }} as timestamp) as compared_at,
            cast({{ amount }} as double) as amount,
            batch_id,
            source_file,
            row_number
        from {{ ref('int_dossier__history') }}
        where {{ condition }}
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

steps as (
    select
        'STEP_UNDER_2_MINUTES' as signal_code,
        agency_code,
        {{ month_of('processed_at') }} as month,
        dossier_code,
        step_number,
        processed_at as observed_at,
        started_at as compared_at,
        duration_hours as amount,
        batch_id,
        source_file,
        row_number
    from {{ ref('fct_dossier_step') }}
    where processed_at is not null and status_code in (4, 9) and duration_hours < 2 / 60.0

    union all

    select
        'STEP_REFUSAL_REVERSED' as signal_code,
        agency_code,
        month,
        dossier_code,
        step_number,
        next_started_at as observed_at,
        started_at as compared_at,
        cast(null as double) as amount,
        batch_id,
        source_file,
        row_number
    from {{ ref('int_dossier__refusals') }}
    where is_reversed
),

-- The dossier that bears the day's last number stands for the day.
gaps as (
    select
        'COUNTER_GAP' as signal_code,
        counters.agency_code,
        {{ month_of('counters.code_on') }} as month,
        history.dossier_code,
        cast(null as bigint) as step_number,
        cast(counters.code_on as timestamp) as observed_at,
        cast(null as timestamp) as compared_at,
        cast(counters.missing_count as double) as amount,
        history.batch_id,
        history.source_file,
        history.row_number
    from {{ ref('int_dossier__counters') }} as counters
    inner join {{ ref('int_dossier__history') }} as history
        on
            counters.agency_code = history.code_agency_code
            and counters.code_on = history.code_on
            and counters.last_number = history.code_number
    where counters.missing_count > 0
),

portal as (
    select
        case
            when not is_portals then 'NEVER_ON_PORTAL'
            when not is_ours then 'ONLY_ON_PORTAL'
            else 'PORTAL_LATE'
        end as signal_code,
        agency_code,
        month,
        dossier_code,
        cast(null as bigint) as step_number,
        synced_at as observed_at,
        received_at as compared_at,
        lag_hours as amount,
        batch_id,
        source_file,
        row_number
    from {{ ref('int_reconciliation__portal') }}
    where not is_portals or not is_ours or lag_hours > {{ var('portal_late_hours') }}
),

found as (
    select * from dossiers
    union all
    select * from steps
    union all
    select * from gaps
    union all
    select * from portal
)

select
    signal_code,
    agency_code,
    month,
    dossier_code,
    step_number,
    observed_at,
    compared_at,
    amount,
    {{ as_of() }} as as_of,
    batch_id,
    source_file,
    row_number
from found
where month >= {{ month_of(as_of()) }} - interval '{{ var("evidence_months") }}' month
