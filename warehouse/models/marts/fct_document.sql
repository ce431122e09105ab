-- The current version of each document in the registers of incoming and outgoing ones.
{{ config(
    materialized='incremental', incremental_strategy='delete+insert',
    unique_key=['direction', 'source_agency_code', 'book_year', 'document_number']
) }}

with touched as (
    {{ newest_versions(
        ref('stg_idesk__documents'),
        ['direction', 'agency_code', 'book_year', 'document_number'],
        where_touched(ref('stg_idesk__documents'), ['direction', 'agency_code', 'book_year', 'document_number'])
    ) }}
)

select
    touched.direction,
    coalesce(codes.agency_code, touched.agency_code) as agency_code,
    touched.agency_code as source_agency_code,
    touched.book_year,
    touched.document_number,
    touched.document_symbol,
    touched.document_type,
    touched.registered_on,
    touched.registered_at,
    touched.issued_on,
    touched.priority,
    {{ is_secret('touched.secrecy') }} as is_secret,
    coalesce(touched.is_electronic, false) as is_electronic,
    coalesce(touched.is_signed_by_person, false) as is_signed_by_person,
    coalesce(touched.is_signed_by_agency, false) as is_signed_by_agency,
    coalesce(
        touched.direction = 'outgoing'
        and touched.is_electronic
        and touched.is_signed_by_person
        and touched.is_signed_by_agency
        and coalesce(touched.paper_copies, 0) = 0,
        false
    ) as is_fully_electronic,
    coalesce(touched.needs_action, false) as needs_action,
    touched.due_on,
    touched.assigned_at,
    touched.closed_at,
    coalesce(
        touched.assigned_at is not null and touched.closed_at is not null and touched.is_handled_in_system, false
    ) as is_handled_online,
    touched.work_file_code,
    touched._exported_at as as_of,
    touched._batch_id as batch_id,
    touched._source_file as source_file,
    touched._row_number as row_number
from touched
left join {{ ref('int_agency__codes') }} as codes on touched.agency_code = codes.any_code
