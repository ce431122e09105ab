-- Each dossier that we have received, or that the national portal lists, with both sides beside each other. Empty until
-- the portal's list has been brought; what was received after its newest list cannot be on it.
with ours as (
    select
        dossier_code,
        agency_code,
        received_at,
        received_month as month,
        batch_id,
        source_file,
        row_number
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
        _batch_id,
        _source_file,
        _row_number,
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
        {{ month_of('coalesce(placed.received_at, placed.synced_at)') }} as month,
        placed._batch_id as batch_id,
        placed._source_file as source_file,
        placed._row_number as row_number
    from placed
    left join {{ ref('int_agency__codes') }} as codes on placed.agency_code = codes.any_code
    where placed.place = 1
),

lists as (
    select count(*) as row_count
    from portal
)

select
    coalesce(ours.dossier_code, portal.dossier_code) as dossier_code,
    coalesce(ours.agency_code, portal.agency_code) as agency_code,
    coalesce(ours.month, portal.month) as month,
    ours.dossier_code is not null as is_ours,
    portal.dossier_code is not null as is_portals,
    ours.received_at,
    portal.synced_at,
    cast({{ hours_between('ours.received_at', 'portal.synced_at') }} as double) as lag_hours,
    coalesce(ours.batch_id, portal.batch_id) as batch_id,
    coalesce(ours.source_file, portal.source_file) as source_file,
    coalesce(ours.row_number, portal.row_number) as row_number
from ours
full outer join portal on ours.dossier_code = portal.dossier_code
cross join lists
where lists.row_count > 0 and coalesce(ours.month, portal.month) is not null
