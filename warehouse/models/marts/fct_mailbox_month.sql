-- Use of official mail by agency and month, never by person. Small groups show no use, and neither do parts of a group,
-- or what they leave over, that are small (domain.md §1.6).
with judged as (
    select
        *,
        account_count < {{ var('min_group') }} or is_small as is_suppressed,
        {{ is_small_group('sender_count', 'account_count') }}
        or {{ is_small_difference('active_count', 'sender_count') }} as is_sender_small
    from {{ ref('int_mail__agency_months') }}
)

select
    agency_code,
    month,
    account_count,
    case when not is_suppressed then active_count end as active_count,
    case when not is_suppressed and not is_sender_small then sender_count end as sender_count,
    case when not is_suppressed then login_count end as login_count,
    other_account_count,
    is_suppressed,
    {{ as_of() }} as as_of
from judged
