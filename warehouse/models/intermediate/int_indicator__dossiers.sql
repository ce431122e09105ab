-- Numerators and denominators of the iGate indicators, by agency and month.
with received as (
    select
        agency_code,
        received_month as month,
        count(*) as received_count,
        count(*) filter (where channel = 2) as online_count,
        count(*) filter (where channel = 3) as postal_count
    from {{ ref('fct_dossier') }}
    where is_received
    group by agency_code, received_month
),

returned as (
    select
        agency_code,
        {{ month_of('returned_at') }} as month,
        count(*) as returned_count,
        count(*) filter (where return_method = 1) as postal_count
    from {{ ref('fct_dossier') }}
    where returned_at is not null and status_code = 10
    group by agency_code, {{ month_of('returned_at') }}
),

resolution as (
    select
        agency_code,
        month,
        resolved_count,
        early_count,
        on_time_count,
        late_count,
        unexplained_count
    from {{ ref('rpt_dossier_resolution') }}
    where rule_code = '{{ default_rule() }}' and resolved_count > 0
)

{% set parts = [
    ('DOSSIER_ONLINE', 'received', 'online_count', 'received_count'),
    ('DOSSIER_POSTAL', 'received', 'postal_count', 'received_count'),
    ('DOSSIER_POSTAL_RETURN', 'returned', 'postal_count', 'returned_count'),
    ('DOSSIER_EARLY', 'resolution', 'early_count', 'resolved_count'),
    ('DOSSIER_ON_TIME', 'resolution', 'on_time_count', 'resolved_count'),
    ('DOSSIER_LATE', 'resolution', 'late_count', 'resolved_count'),
    ('DOSSIER_UNEXPLAINED', 'resolution', 'unexplained_count', 'resolved_count'),
] -%}
{{ indicator_rows(parts) }}
