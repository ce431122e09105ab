-- Rows that bear a fingerprint, and the rows that could, by agency and month. A signal is not an accusation.
with due_dates as (
    select dossier_code, count(distinct due_at) as due_count
    from {{ ref('stg_igate__dossiers') }}
    group by dossier_code
)

select
    'END_EQUALS_DUE' as signal_code, agency_code, resolved_month as month, count(*) filter (where ended_at = due_at)
        as affected_count, count(*) as base_count
from {{ ref('fct_dossier') }}
where is_resolved
group by agency_code, resolved_month
union all
select 'NO_DUE_DATE', agency_code, received_month, count(*) filter (where due_at is null), count(*)
from {{ ref('fct_dossier') }}
where is_received
group by agency_code, received_month
union all
select 'SUPPLEMENT_REPEATED', agency_code, received_month, count(*) filter (where supplement_count > 1), count(*)
from {{ ref('fct_dossier') }}
where is_received
group by agency_code, received_month
union all
select 'DUE_MOVED', dossiers.agency_code, dossiers.received_month, count(*) filter (where due_dates.due_count > 1),
    count(*)
from {{ ref('fct_dossier') }} as dossiers
inner join due_dates on dossiers.dossier_code = due_dates.dossier_code
where dossiers.is_received
group by dossiers.agency_code, dossiers.received_month
union all
select 'STEP_UNDER_2_MINUTES', agency_code, {{ month_of('processed_at') }},
    count(*) filter (where duration_hours < 2 / 60.0), count(*)
from {{ ref('fct_dossier_step') }}
where processed_at is not null and status_code in (4, 9)
group by agency_code, {{ month_of('processed_at') }}
