-- Status messages about documents that were sent. Senders' clocks repeat themselves: the order is that of the code.
select
    sender_agency_code,
    response_document_id as document_id,
    response_agency_code as document_agency_code,
    response_symbol as document_symbol,
    {{ as_date('response_promulgated_on') }} as promulgated_on,
    status_code,
    status_code in ('01', '02', '03', '04', '05', '06') as is_processing_state,
    case
        when status_code in ('01', '02', '03', '04', '05', '06') then {{ as_integer('status_code') }}
    end as status_order,
    {{ as_timestamp('happened_at') }} as happened_at,
    repairs,
    {{ lineage() }}
from {{ source('raw', 'idesk__edxml') }}
where kind = 'status'
