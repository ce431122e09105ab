{{ config(materialized='incremental', incremental_strategy='delete+insert', unique_key=['dossier_code', 'step_number']) }}

with current_versions as (
    select *
    from {{ ref('stg_igate__steps') }}
    {% if is_incremental() %}
        where dossier_code in (
            select touched.dossier_code
            from {{ ref('stg_igate__steps') }} as touched
            where {{ pending('touched._batch_id') }}
        )
    {% endif %}
    qualify row_number() over (
        partition by dossier_code, step_number order by _exported_at desc, _row_number desc, _batch_id desc
    ) = 1
)

select
    versions.dossier_code,
    versions.step_number,
    coalesce(codes.agency_code, {{ agency_of_dossier('versions.dossier_code') }}) as agency_code,
    versions.status_code,
    versions.started_at,
    versions.processed_at,
    versions.due_at,
    {{ hours_between('versions.started_at', 'versions.processed_at') }} as duration_hours,
    versions._exported_at as as_of,
    versions._batch_id as batch_id,
    versions._source_file as source_file,
    versions._row_number as row_number
from current_versions as versions
left join {{ ref('int_agency__codes') }} as codes
    on {{ agency_of_dossier('versions.dossier_code') }} = codes.any_code
