{{ config(
    materialized='incremental', incremental_strategy='delete+insert',
    unique_key=['direction', 'source_agency_code', 'book_year', 'document_number']
) }}

with current_versions as (
    select *
    from {{ ref('stg_idesk__documents') }}
    {% if is_incremental() %}
        where (direction, agency_code, book_year, document_number) in (
            select
                touched.direction,
                touched.agency_code,
                touched.book_year,
                touched.document_number
            from {{ ref('stg_idesk__documents') }} as touched
            where {{ pending('touched._batch_id') }}
        )
    {% endif %}
    qualify row_number() over (
        partition by direction, agency_code, book_year, document_number
        order by _exported_at desc, updated_at desc nulls last, _row_number desc, _batch_id desc
    ) = 1
)

select
    versions.direction,
    coalesce(codes.agency_code, versions.agency_code) as agency_code,
    versions.agency_code as source_agency_code,
    versions.book_year,
    versions.document_number,
    versions.document_symbol,
    versions.document_type,
    versions.registered_on,
    versions.issued_on,
    versions.priority,
    coalesce(versions.secrecy, 'Thường') <> 'Thường' as is_secret,
    coalesce(versions.is_electronic, false) as is_electronic,
    coalesce(versions.is_signed_by_person, false) as is_signed_by_person,
    coalesce(versions.is_signed_by_agency, false) as is_signed_by_agency,
    coalesce(
        versions.direction = 'outgoing' and versions.is_electronic and versions.is_signed_by_person
        and versions.is_signed_by_agency and coalesce(versions.paper_copies, 0) = 0, false
    ) as is_fully_electronic,
    coalesce(versions.needs_action, false) as needs_action,
    versions.due_on,
    versions.assigned_at,
    versions.closed_at,
    coalesce(
        versions.assigned_at is not null and versions.closed_at is not null and versions.is_handled_in_system, false
    ) as is_handled_online,
    versions.work_file_code,
    versions._exported_at as as_of,
    versions._batch_id as batch_id,
    versions._source_file as source_file,
    versions._row_number as row_number
from current_versions as versions
left join {{ ref('int_agency__codes') }} as codes on versions.agency_code = codes.any_code
