-- The current version of each dossier with its class under every rule of "on time" (domain.md §2.7).
{{ config(materialized='incremental', incremental_strategy='delete+insert', unique_key='dossier_code') }}

with touched as (
    {{ newest_versions(
        ref('stg_igate__dossiers'),
        ['dossier_code'],
        where_dossier_touched(ref('stg_igate__dossiers'), ref('stg_igate__steps'))
    ) }}
),

-- How many due dates a dossier has had; one of a single version has what that one says.
histories as (
    select
        dossier_code,
        count(distinct due_at) as due_date_count
    from {{ ref('stg_igate__dossiers') }}
    where
        dossier_code in (
            {{ keys_of_several(
                ref('stg_igate__dossiers'),
                ['dossier_code'],
                where_dossier_touched(ref('stg_igate__dossiers'), ref('stg_igate__steps'))
            ) }}
        )
    group by dossier_code
),

described as (
    select
        touched.*,
        coalesce(histories.due_date_count, case when touched.due_at is null then 0 else 1 end) as due_date_count,
        coalesce(codes.agency_code, touched.agency_code) as current_agency_code,
        {{ is_received() }} as is_received,
        {{ is_resolved() }} as is_resolved,
        cast(touched.ended_at as date) as ended_on,
        cast(touched.due_at as date) as due_on,
        clocks.judged_end_at,
        clocks.request_count,
        clocks.waiting_from,
        clocks.waiting_until,
        clocks.is_waiting,
        clocks.due_recomputed_at,
        clocks.due_na_reason,
        coalesce(touched.due_at, clocks.due_recomputed_at) as due_766_at,
        clocks.paused_minutes,
        clocks.working_minutes,
        clocks.reception_minutes
    from touched
    left join histories on touched.dossier_code = histories.dossier_code
    left join {{ ref('int_dossier__clock') }} as clocks on touched.dossier_code = clocks.dossier_code
    left join {{ ref('int_agency__codes') }} as codes on touched.agency_code = codes.any_code
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
    due_recomputed_at,
    due_na_reason,
    {{ days_between('cast(due_recomputed_at as date)', 'due_on') }} as due_difference_days,
    ended_at,
    judged_end_at,
    returned_at,
    return_method,
    online_payment,
    fee_amount,
    supplement_count,
    request_count,
    waiting_from,
    waiting_until,
    is_waiting,
    paused_minutes,
    working_minutes,
    reception_minutes,
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
    {{ class_r_766() }} as class_r_766,
    {{ class_r_gl() }} as class_r_gl,
    {{ class_r_strict() }} as class_r_strict,
    _exported_at as as_of,
    _batch_id as batch_id,
    _source_file as source_file,
    _row_number as row_number
from described
