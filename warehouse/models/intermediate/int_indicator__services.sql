-- Numerators and denominators of on-line services, payment, digitisation and results, by agency and month: of what was
-- received by the month of reception, of what was resolved by the month of the end (domain.md §1.2, §6). A procedure
-- that is not on the list counts as one that ends in a paper.
with described as (
    select
        dossiers.*,
        coalesce(dossiers.service_level, procedures.service_level) as offered_level,
        coalesce(procedures.needs_result, true) as needs_result,
        coalesce(procedures.fee_amount, dossiers.fee_amount, 0) > 0
        and coalesce(dossiers.fee_amount, 1) > 0 as has_fee
    from {{ ref('fct_dossier') }} as dossiers
    left join {{ ref('dim_procedure') }} as procedures on dossiers.procedure_code = procedures.procedure_code
),

received as (
    select
        agency_code,
        received_month as month,
        count(*) as all_count,
        count(*) filter (where offered_level in (3, 4)) as services_count,
        count(*) filter (where offered_level in (3, 4) and channel = 2) as services_online_count,
        count(*) filter (where offered_level = 3) as partial_count,
        count(*) filter (where offered_level = 3 and channel = 2) as partial_online_count,
        count(*) filter (where offered_level = 4) as full_count,
        count(*) filter (where offered_level = 4 and channel = 2) as full_online_count,
        count(*) filter (where channel = 2 and (not needs_result or has_electronic_result)) as online_766_count,
        count(*) filter (where has_fee) as fee_count,
        count(*) filter (where has_fee and online_payment in (1, 2)) as paid_count,
        count(*) filter (where is_reused) as reused_count,
        count(is_verified) as verified_told_count,
        count(*) filter (where is_verified) as verified_count,
        count(uses_repository) as repository_told_count,
        count(*) filter (where uses_repository) as repository_count,
        count(reception_minutes) filter (where channel = 2) as online_timed_count,
        count(*) filter (
            where channel = 2 and reception_minutes > {{ var('reception_limit_minutes') }}
        ) as received_late_count
    from described
    where is_received
    group by agency_code, received_month
),

resolved as (
    select
        agency_code,
        resolved_month as month,
        count(*) filter (where status_code in (9, 10)) as done_count,
        count(*) filter (
            where status_code in (9, 10) and is_digitised and (not needs_result or has_electronic_result)
        ) as digitised_count,
        count(*) filter (where status_code in (9, 10) and needs_result) as result_count,
        count(*) filter (where status_code in (9, 10) and needs_result and has_electronic_result) as electronic_count,
        count(*) filter (where {{ default_class() }} = 'late') as late_count,
        count(*) filter (where {{ default_class() }} = 'late' and has_apology) as apology_count,
        count(satisfaction) as rated_count,
        count(*) filter (where satisfaction in ('RẤT HÀI LÒNG', 'HÀI LÒNG')) as satisfied_count
    from described
    where is_resolved
    group by agency_code, resolved_month
),

synced as (
    select
        agency_code,
        month,
        count(*) filter (where is_ours and is_portals) as synced_count,
        greatest(count(*) filter (where is_portals), count(*) filter (where is_ours)) as all_count
    from {{ ref('int_reconciliation__portal') }}
    group by agency_code, month
)

{% set parts = [
    ('DOSSIER_ONLINE_SERVICES', 'received', 'services_online_count', 'services_count'),
    ('DOSSIER_ONLINE_PARTIAL', 'received', 'partial_online_count', 'partial_count'),
    ('DOSSIER_ONLINE_FULL', 'received', 'full_online_count', 'full_count'),
    ('DOSSIER_ONLINE_766', 'received', 'online_766_count', 'all_count'),
    ('DOSSIER_PAID_ONLINE', 'received', 'paid_count', 'fee_count'),
    ('DOSSIER_REUSED', 'received', 'reused_count', 'all_count'),
    ('DOSSIER_VNEID', 'received', 'verified_count', 'verified_told_count'),
    ('DOSSIER_REPOSITORY', 'received', 'repository_count', 'repository_told_count'),
    ('DOSSIER_LATE_RECEPTION', 'received', 'received_late_count', 'online_timed_count'),
    ('DOSSIER_DIGITISED', 'resolved', 'digitised_count', 'done_count'),
    ('RESULT_ELECTRONIC', 'resolved', 'electronic_count', 'result_count'),
    ('DOSSIER_APOLOGY', 'resolved', 'apology_count', 'late_count'),
    ('DOSSIER_RATED_SATISFIED', 'resolved', 'satisfied_count', 'rated_count'),
    ('DOSSIER_SYNCED', 'synced', 'synced_count', 'all_count'),
] -%}
{{ indicator_rows(parts, only_with_denominator=true) }}
