-- Our dossiers against the national portal's list, two-sided, by month of reception; both totals stand here.
-- Empty until the portal's list has been brought; what was received after its newest list cannot be on it.
with ours as (
    select
        dossier_code,
        agency_code,
        received_at,
        received_month as month
    from {{ ref('fct_dossier') }}
    where
        is_received
        and received_at <= (select max(lists._exported_at) from {{ ref('stg_reference__national_portal') }} as lists)
),

placed as (
    select
        dossier_code,
        agency_code,
        received_at,
        synced_at,
        row_number() over (
            partition by dossier_code order by _exported_at desc, _row_number desc, _batch_id desc
        ) as place
    from {{ ref('stg_reference__national_portal') }}
),

portal as (
    select
        placed.dossier_code,
        coalesce(codes.agency_code, placed.agency_code) as agency_code,
        placed.synced_at,
        {{ month_of('coalesce(placed.received_at, placed.synced_at)') }} as month
    from placed
    left join {{ ref('int_agency__codes') }} as codes on placed.agency_code = codes.any_code
    where placed.place = 1
),

paired as (
    select
        coalesce(ours.agency_code, portal.agency_code) as agency_code,
        coalesce(ours.month, portal.month) as month,
        ours.dossier_code is not null as is_ours,
        portal.dossier_code is not null as is_portals,
        {{ hours_between('ours.received_at', 'portal.synced_at') }} as lag_hours
    from ours
    full outer join portal on ours.dossier_code = portal.dossier_code
)

select
    agency_code,
    month,
    count(*) filter (where is_ours) as igate_count,
    count(*) filter (where is_portals) as portal_count,
    count(*) filter (where is_ours and is_portals) as both_count,
    count(*) filter (where is_ours and not is_portals) as only_igate_count,
    count(*) filter (where is_portals and not is_ours) as only_portal_count,
    {{ median_of('lag_hours') }} as median_lag_hours,
    {{ as_of() }} as as_of
from paired
where exists (select 1 from portal) and month is not null
group by agency_code, month
