select
    unit_name,
    {{ as_date('period_from') }} as period_from,
    {{ as_date('period_to') }} as period_to,
    sheet_name,
    {{ as_integer('received_total') }} as received_total,
    {{ as_integer('received_online') }} as received_online,
    {{ as_integer('received_direct') }} as received_direct,
    {{ as_integer('carried_over') }} as carried_over,
    {{ as_integer('resolved_total') }} as resolved_total,
    {{ as_integer('resolved_early') }} as resolved_early,
    {{ as_integer('resolved_on_time') }} as resolved_on_time,
    {{ as_integer('resolved_late') }} as resolved_late,
    {{ as_integer('pending_total') }} as pending_total,
    {{ as_integer('pending_in_time') }} as pending_in_time,
    {{ as_integer('pending_late') }} as pending_late,
    {{ lineage() }}
from {{ source('raw', 'igate__form06') }}
