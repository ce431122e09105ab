-- The current version of each dossier with its class under every rule of "on time" (domain.md §2.7).
{{ config(materialized='incremental', incremental_strategy='delete+insert', unique_key='dossier_code') }}

with current_versions as (
    select *
    from {{ ref('stg_igate__dossiers') }}
    {% if is_incremental() %}
        where dossier_code in (
            select touched.dossier_code
            from {{ ref('stg_igate__dossiers') }} as touched
            where {{ pending('touched._batch_id') }}
        )
    {% endif %}
    qualify row_number() over (
        partition by dossier_code order by _exported_at desc, updated_at desc nulls last, _row_number desc, _batch_id desc
    ) = 1
),

described as (
    select
        versions.*,
        coalesce(codes.agency_code, versions.agency_code) as current_agency_code,
        status_code not in (1, 3) as is_received,
        ended_at is not null and status_code in (7, 8, 9, 10) as is_resolved,
        cast(ended_at as date) as ended_on,
        cast(due_at as date) as due_on
    from current_versions as versions
    left join {{ ref('int_agency__codes') }} as codes on versions.agency_code = codes.any_code
)

select
    dossier_code,
    current_agency_code as agency_code,
    left(procedure_code, 8) as procedure_code,
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
    component_digitised as is_digitised,
    component_reused as is_reused,
    result_link is not null as has_electronic_result,
    apology_sent as has_apology,
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
