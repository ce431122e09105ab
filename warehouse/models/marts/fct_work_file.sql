{{ config(
    materialized='incremental', incremental_strategy='delete+insert', unique_key=['source_agency_code', 'work_file_code']
) }}

with current_versions as (
    select *
    from {{ ref('stg_idesk__work_files') }}
    {% if is_incremental() %}
        where (agency_code, work_file_code) in (
            select
                touched.agency_code,
                touched.work_file_code
            from {{ ref('stg_idesk__work_files') }} as touched
            where {{ pending('touched._batch_id') }}
        )
    {% endif %}
    qualify row_number() over (
        partition by agency_code, work_file_code
        order by _exported_at desc, updated_at desc nulls last, _row_number desc, _batch_id desc
    ) = 1
)

select
    versions.work_file_code,
    coalesce(codes.agency_code, versions.agency_code) as agency_code,
    versions.agency_code as source_agency_code,
    versions.book_year,
    versions.planned as is_planned,
    versions.opened_on,
    versions.due_on,
    versions.closed_on,
    versions.opened_in_system as is_opened_in_system,
    versions.step_count,
    versions.online_step_count,
    versions.document_count,
    versions.online_document_count,
    coalesce(
        versions.step_count = versions.online_step_count and versions.document_count = versions.online_document_count,
        false
    ) as is_online_throughout,
    coalesce(versions.secrecy, 'Thường') <> 'Thường' as is_secret,
    versions._exported_at as as_of,
    versions._batch_id as batch_id,
    versions._source_file as source_file,
    versions._row_number as row_number
from current_versions as versions
left join {{ ref('int_agency__codes') }} as codes on versions.agency_code = codes.any_code
