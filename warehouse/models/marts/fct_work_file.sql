-- The current version of each work file (hồ sơ công việc). One with nothing in it is not on line throughout.
{{ config(
    materialized='incremental', incremental_strategy='delete+insert', unique_key=['source_agency_code', 'work_file_code']
) }}

with touched as (
    {{ newest_versions(
        ref('stg_idesk__work_files'),
        ['agency_code', 'work_file_code'],
        where_touched(ref('stg_idesk__work_files'), ['agency_code', 'work_file_code'])
    ) }}
)

select
    touched.work_file_code,
    coalesce(codes.agency_code, touched.agency_code) as agency_code,
    touched.agency_code as source_agency_code,
    touched.book_year,
    touched.planned as is_planned,
    touched.opened_on,
    touched.due_on,
    touched.closed_on,
    touched.opened_in_system as is_opened_in_system,
    touched.step_count,
    touched.online_step_count,
    touched.document_count,
    touched.online_document_count,
    coalesce(
        touched.step_count = touched.online_step_count
        and touched.document_count = touched.online_document_count
        and touched.step_count + touched.document_count > 0,
        false
    ) as is_online_throughout,
    {{ is_secret('touched.secrecy') }} as is_secret,
    touched._exported_at as as_of,
    touched._batch_id as batch_id,
    touched._source_file as source_file,
    touched._row_number as row_number
from touched
left join {{ ref('int_agency__codes') }} as codes on touched.agency_code = codes.any_code
