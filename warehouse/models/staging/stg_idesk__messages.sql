-- Documents that came as edXML, a recall or an update among them: those carry the same document_id.
select
    sender_agency_code,
    document_id,
    code_number,
    code_notation,
    {{ as_date('promulgated_on') }} as promulgated_on,
    document_type,
    {{ as_date('due_on') }} as due_on,
    {{ as_integer('priority') }} as priority,
    {{ as_integer('steering_type') }} as steering_type,
    {{ as_integer('business_type') }} as business_type,
    coalesce({{ as_integer('business_type') }} = 0, true) as is_new_document,
    coalesce({{ as_integer('business_type') }} = 1, false) as is_recall,
    response_document_id,
    {{ as_integer('response_count') }} as response_count,
    {{ as_integer('recipient_count') }} as recipient_count,
    {{ as_integer('attachment_count') }} as attachment_count,
    {{ as_boolean('is_signed') }} as is_signed,
    repairs,
    {{ lineage() }}
from {{ source('raw', 'idesk__edxml') }}
where kind = 'document'
