with classes as (
    select 'R_PLAIN' as rule_code, agency_code, resolved_month as month, class_r_plain as class
    from {{ ref('fct_dossier') }}
    where is_resolved
    union all
    select 'R_DATE' as rule_code, agency_code, resolved_month as month, class_r_date as class
    from {{ ref('fct_dossier') }}
    where is_resolved
    union all
    select 'R_TRA' as rule_code, agency_code, resolved_month as month, class_r_tra as class
    from {{ ref('fct_dossier') }}
    where is_resolved
),

resolved as (
    select
        agency_code,
        month,
        rule_code,
        count(*) as resolved_count,
        count(*) filter (where class = 'early') as early_count,
        count(*) filter (where class = 'on_time') as on_time_count,
        count(*) filter (where class = 'late') as late_count,
        count(*) filter (where class not in ('early', 'on_time', 'late')) as unexplained_count,
        count(*) filter (where class = 'no_due_date') as no_due_date_count,
        count(*) filter (where class = 'withdrawn') as withdrawn_count,
        count(*) filter (where class = 'stopped') as stopped_count,
        count(*) filter (where class = 'not_returned') as not_returned_count
    from classes
    group by agency_code, month, rule_code
),

received as (
    select
        agency_code,
        received_month as month,
        rules.rule_code,
        count(*) as received_count
    from {{ ref('fct_dossier') }}
    cross join (select distinct resolved.rule_code from resolved) as rules
    where is_received
    group by agency_code, received_month, rules.rule_code
)

select
    coalesce(resolved.agency_code, received.agency_code) as agency_code,
    coalesce(agencies.agency_name, resolved.agency_code, received.agency_code) as agency_name,
    coalesce(resolved.month, received.month) as month,
    coalesce(resolved.rule_code, received.rule_code) as rule_code,
    coalesce(received.received_count, 0) as received_count,
    coalesce(resolved.resolved_count, 0) as resolved_count,
    coalesce(resolved.early_count, 0) as early_count,
    coalesce(resolved.on_time_count, 0) as on_time_count,
    coalesce(resolved.late_count, 0) as late_count,
    coalesce(resolved.unexplained_count, 0) as unexplained_count,
    coalesce(resolved.no_due_date_count, 0) as unexplained_no_due_date_count,
    coalesce(resolved.withdrawn_count, 0) as unexplained_withdrawn_count,
    coalesce(resolved.stopped_count, 0) as unexplained_stopped_count,
    coalesce(resolved.not_returned_count, 0) as unexplained_not_returned_count,
    {{ as_of() }} as as_of
from resolved
full outer join received
    on
        resolved.agency_code = received.agency_code
        and resolved.month = received.month
        and resolved.rule_code = received.rule_code
left join {{ ref('dim_agency') }} as agencies
    on coalesce(resolved.agency_code, received.agency_code) = agencies.agency_code
