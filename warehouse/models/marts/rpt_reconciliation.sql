-- Our dossiers against the national portal's list, two-sided, by month of reception; both totals stand here.
with ours as (
    select dossier_code, agency_code, received_at, received_month as month
    from {{ ref('fct_dossier') }}
    where is_received
),

portal as (
    select
        newest.dossier_code,
        coalesce(codes.agency_code, newest.agency_code) as agency_code,
        newest.synced_at,
        {{ month_of('newest.received_at') }} as month
    from (
        select *
        from {{ ref('stg_reference__national_portal') }}
        qualify row_number() over (partition by dossier_code order by _exported_at desc, _row_number desc) = 1
    ) as newest
    left join {{ ref('int_agency__codes') }} as codes on newest.agency_code = codes.any_code
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
    median(lag_hours) as median_lag_hours,
    {{ as_of() }} as as_of
from paired
where exists (select 1 from portal)
group by agency_code, month
