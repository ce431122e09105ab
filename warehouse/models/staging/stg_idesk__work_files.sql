select
    work_file_code,
    agency_code,
    {{ as_integer('book_year') }} as book_year,
    {{ as_boolean('planned') }} as planned,
    {{ as_date('opened_on') }} as opened_on,
    {{ as_date('due_on') }} as due_on,
    {{ as_date('closed_on') }} as closed_on,
    {{ as_boolean('opened_in_system') }} as opened_in_system,
    {{ as_integer('step_count') }} as step_count,
    {{ as_integer('online_step_count') }} as online_step_count,
    {{ as_integer('document_count') }} as document_count,
    {{ as_integer('online_document_count') }} as online_document_count,
    secrecy,
    {{ as_timestamp('updated_at') }} as updated_at,
    {{ lineage() }}
from {{ source('raw', 'idesk__work_files') }}
