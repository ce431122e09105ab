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
    select * from {{ ref('rpt_dossier_resolution') }}
    where rule_code = '{{ var("default_rule") }}' and resolved_count > 0
)

select 'DOSSIER_ONLINE' as indicator_code, agency_code, month, online_count as numerator, received_count as denominator
from received
union all
select 'DOSSIER_POSTAL', agency_code, month, postal_count, received_count from received
union all
select 'DOSSIER_POSTAL_RETURN', agency_code, month, postal_count, returned_count from returned
union all
select 'DOSSIER_EARLY', agency_code, month, early_count, resolved_count from resolution
union all
select 'DOSSIER_ON_TIME', agency_code, month, on_time_count, resolved_count from resolution
union all
select 'DOSSIER_LATE', agency_code, month, late_count, resolved_count from resolution
union all
select 'DOSSIER_UNEXPLAINED', agency_code, month, unexplained_count, resolved_count from resolution
