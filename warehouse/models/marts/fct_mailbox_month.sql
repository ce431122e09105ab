-- Use of official mail by agency and month, never by person; groups under var min_group show no use.
select
    agency_code,
    month,
    account_count,
    case when account_count >= {{ var('min_group') }} then active_count end as active_count,
    case when account_count >= {{ var('min_group') }} then sender_count end as sender_count,
    case when account_count >= {{ var('min_group') }} then login_count end as login_count,
    other_account_count,
    account_count < {{ var('min_group') }} as is_suppressed,
    {{ as_of() }} as as_of
from {{ ref('int_mail__agency_months') }}
