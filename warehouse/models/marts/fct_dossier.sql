-- The current version of each dossier with its class under every rule of "on time" (domain.md §2.7).
{{ config(materialized='incremental', incremental_strategy='delete+insert', unique_key='dossier_code') }}

with touched as (
    select
        *,
        row_number() over (partition by dossier_code order by {{ newest_first() }}) as place
    from {{ ref('stg_igate__dossiers') }}
    {{ where_touched(ref('stg_igate__dossiers'), ['dossier_code']) }}
),

histories as (
    select
        dossier_code,
        count(distinct due_at) as due_date_count
    from {{ ref('stg_igate__dossiers') }}
    {{ where_touched(ref('stg_igate__dossiers'), ['dossier_code']) }}
    group by dossier_code
),

described as (
    select
        touched.*,
        histories.due_date_count,
        coalesce(codes.agency_code, touched.agency_code) as current_agency_code,
        touched.status_code not in (1, 3) as is_received,
        touched.ended_at is not null and touched.status_code in (7, 8, 9, 10) as is_resolved,
        cast(touched.ended_at as date) as ended_on,
        cast(touched.due_at as date) as due_on
    from touched
    inner join histories on touched.dossier_code = histories.dossier_code
    left join {{ ref('int_agency__codes') }} as codes on touched.agency_code = codes.any_code
    where touched.place = 1
)

select
    dossier_code,
    current_agency_code as agency_code,
    {{ procedure_stem('procedure_code') }} as procedure_code,
    sector_code,
    service_level,
    channel,
    status_code,
    submitted_at,
    received_at,
    due_at,
    ended_at,
    returned_at,
    return_method,
    online_payment,
    fee_amount,
    supplement_count,
    due_date_count,
    coalesce(component_digitised, false) as is_digitised,
    coalesce(component_reused, false) as is_reused,
    has_result_link as has_electronic_result,
    coalesce(apology_sent, false) as has_apology,
    satisfaction,
    vneid_verified as is_verified,
    component_from_repository as uses_repository,
    is_received,
    is_resolved,
    {{ month_of('received_at') }} as received_month,
    case when is_resolved then {{ month_of('ended_at') }} end as resolved_month,
    {{ class_r_plain() }} as class_r_plain,
    {{ class_r_date() }} as class_r_date,
    {{ class_r_tra() }} as class_r_tra,
    _exported_at as as_of,
    _batch_id as batch_id,
    _source_file as source_file,
    _row_number as row_number
from described
