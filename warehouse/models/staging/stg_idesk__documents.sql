-- Both registers as one: a document has a direction, an agency, a year and a number.
select
    'incoming' as direction,
    agency_code,
    {{ as_integer('book_year') }} as book_year,
    arrival_number as document_number,
    document_symbol,
    document_type,
    {{ as_date('arrived_on') }} as registered_on,
    {{ as_timestamp('registered_at') }} as registered_at,
    {{ as_date('issued_on') }} as issued_on,
    secrecy,
    priority,
    {{ as_boolean('received_electronically') }} as is_electronic,
    cast(null as boolean) as is_signed_by_person,
    cast(null as boolean) as is_signed_by_agency,
    cast(null as integer) as paper_copies,
    {{ as_boolean('needs_action') }} as needs_action,
    {{ as_date('due_on') }} as due_on,
    {{ as_timestamp('assigned_at') }} as assigned_at,
    {{ as_timestamp('closed_at') }} as closed_at,
    {{ as_boolean('handled_in_system') }} as is_handled_in_system,
    work_file_code,
    {{ as_timestamp('updated_at') }} as updated_at,
    {{ lineage() }}
from {{ source('raw', 'idesk__incoming') }}

union all

select
    'outgoing' as direction,
    agency_code,
    {{ as_integer('book_year') }} as book_year,
    document_symbol as document_number,
    document_symbol,
    document_type,
    {{ as_date('issued_on') }} as registered_on,
    {{ as_timestamp('sent_at') }} as registered_at,
    {{ as_date('issued_on') }} as issued_on,
    secrecy,
    priority,
    {{ as_boolean('sent_electronically') }} as is_electronic,
    {{ as_boolean('signed_by_person') }} as is_signed_by_person,
    {{ as_boolean('signed_by_agency') }} as is_signed_by_agency,
    {{ as_integer('paper_copies') }} as paper_copies,
    cast(null as boolean) as needs_action,
    cast(null as date) as due_on,
    cast(null as timestamp) as assigned_at,
    cast(null as timestamp) as closed_at,
    cast(null as boolean) as is_handled_in_system,
    work_file_code,
    {{ as_timestamp('updated_at') }} as updated_at,
    {{ lineage() }}
from {{ source('raw', 'idesk__outgoing') }}
