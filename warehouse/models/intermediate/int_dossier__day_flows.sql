-- What happened to the dossiers of an agency on a day, so that any period can be summed: received, resolved by class
-- (the rule that form 06 prints, var form06_rule), and open ones that became late or ceased to be so. The form counts
-- open dossiers that wait for supplements, a payment or were stopped as in time.
with moved as (
    select
        agency_code,
        cast(received_at as date) as received_on,
        case when is_resolved then cast(ended_at as date) end as ended_on,
        cast(due_at as date) as due_on,
        coalesce(channel, 1) = 2 as is_online,
        not is_resolved and status_code in (5, 6, 8) as is_paused,
        class_{{ var('form06_rule') | lower }} as class,
        count(*) as dossier_count
    from {{ ref('fct_dossier') }}
    where is_received and exists (select 1 from {{ ref('stg_igate__form06') }})
    group by
        agency_code,
        cast(received_at as date),
        case when is_resolved then cast(ended_at as date) end,
        cast(due_at as date),
        coalesce(channel, 1) = 2,
        not is_resolved and status_code in (5, 6, 8),
        class_{{ var('form06_rule') | lower }}
),

flows as (
    select
        agency_code,
        received_on as day,
        case when is_online then 'received_online' else 'received_direct' end as flow,
        dossier_count
    from moved

    union all

    select
        agency_code,
        ended_on as day,
        case when class in ('early', 'on_time', 'late') then 'resolved_' || class else 'resolved_unexplained' end
            as flow,
        dossier_count
    from moved
    where ended_on is not null

    union all

    select
        agency_code,
        greatest(cast(due_on + interval '1' day as date), received_on) as day,
        'pending_late' as flow,
        dossier_count
    from moved
    where due_on is not null and not is_paused and (ended_on is null or ended_on > due_on)

    union all

    select
        agency_code,
        ended_on as day,
        'pending_late' as flow,
        -dossier_count as dossier_count
    from moved
    where ended_on > due_on
)

select
    agency_code,
    day,
    flow,
    cast(sum(dossier_count) as bigint) as dossier_count
from flows
group by agency_code, day, flow
