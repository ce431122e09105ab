-- Dossiers by agency, month and rule: received, resolved by class and cause, and those open when the month ends.
-- received + carried over = resolved + open, and each sum has its remainder beside it.
with changes as (
    select * from {{ ref('int_dossier__month_changes') }}
),

-- Every month from an agency's first to the last of all has a row, so that what stays open is carried over.
spans as (
    select
        agency_code,
        rule_code,
        min(month) as first_month
    from changes
    group by agency_code, rule_code
),

last_month as (
    select least(max(month), {{ month_of(as_of()) }}) as month
    from changes
    where received_count > 0 or resolved_count > 0
),

months as (
    select distinct days.month
    from {{ ref('dim_date') }} as days
    inner join last_month on days.month <= last_month.month
),

filled as (
    -- What falls due after the last month does not make a row of its own.
    select changes.*
    from changes
    inner join last_month
        on changes.month <= last_month.month or changes.received_count + changes.resolved_count > 0

    union all

    select
        spans.agency_code,
        months.month,
        spans.rule_code,
        null as class,
        0 as received_count,
        0 as resolved_count,
        0 as open_change,
        0 as late_change,
        0 as undated_change
    from spans
    inner join months on spans.first_month <= months.month
),

summed as (
    select
        agency_code,
        month,
        rule_code,
        sum(received_count) as received_count,
        sum(resolved_count) as resolved_count,
        {% for class in ['early', 'on_time', 'late'] + unexplained_causes() -%}
            sum(case when class = '{{ class }}' then resolved_count else 0 end) as {{ class }}_count,
        {% endfor -%}
        sum(open_change) as open_change,
        sum(late_change) as late_change,
        sum(undated_change) as undated_change
    from filled
    group by agency_code, month, rule_code
),

cumulated as (
    select
        *,
        sum(open_change) over (partition by agency_code, rule_code order by month) as open_count,
        sum(late_change) over (partition by agency_code, rule_code order by month) as open_late_count,
        sum(undated_change) over (partition by agency_code, rule_code order by month) as open_no_due_date_count
    from summed
)

select
    cumulated.agency_code,
    coalesce(agencies.agency_name, cumulated.agency_code) as agency_name,
    cumulated.month,
    cumulated.rule_code,
    cast(cumulated.received_count as bigint) as received_count,
    cast(cumulated.open_count - cumulated.open_change as bigint) as carried_over_count,
    cast(cumulated.resolved_count as bigint) as resolved_count,
    cast(cumulated.early_count as bigint) as early_count,
    cast(cumulated.on_time_count as bigint) as on_time_count,
    cast(cumulated.late_count as bigint) as late_count,
    cast(
        cumulated.resolved_count - cumulated.early_count - cumulated.on_time_count - cumulated.late_count as bigint
    ) as unexplained_count,
    {% for cause in unexplained_causes() -%}
        cast(cumulated.{{ cause }}_count as bigint) as unexplained_{{ cause }}_count,
    {% endfor -%}
    cast(
        cumulated.open_count - cumulated.open_late_count - cumulated.open_no_due_date_count as bigint
    ) as open_in_due_count,
    cast(cumulated.open_late_count as bigint) as open_late_count,
    cast(cumulated.open_no_due_date_count as bigint) as open_no_due_date_count,
    {{ as_of() }} as as_of
from cumulated
left join {{ ref('dim_agency') }} as agencies on cumulated.agency_code = agencies.agency_code
