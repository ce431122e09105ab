-- Classes and causes add up to what was resolved, every resolved dossier is counted once under each rule, and what came
-- in or was carried over is resolved or open.
with counted as (
    select
        agency_code,
        resolved_month as month,
        count(*) as dossier_count
    from {{ ref('fct_dossier') }}
    where is_resolved
    group by agency_code, resolved_month
)

select
    resolution.agency_code,
    resolution.month,
    resolution.rule_code
from {{ ref('rpt_dossier_resolution') }} as resolution
left join counted on resolution.agency_code = counted.agency_code and resolution.month = counted.month
where
    resolution.resolved_count <> coalesce(counted.dossier_count, 0)
    or resolution.resolved_count
    <> resolution.early_count + resolution.on_time_count + resolution.late_count + resolution.unexplained_count
    or resolution.unexplained_count
    <> resolution.unexplained_no_due_date_count
    + resolution.unexplained_withdrawn_count
    + resolution.unexplained_stopped_count
    + resolution.unexplained_not_returned_count
    + resolution.unexplained_no_limit_count
    + resolution.unexplained_no_calendar_count
    or resolution.received_count + resolution.carried_over_count
    <> resolution.resolved_count
    + resolution.open_in_due_count
    + resolution.open_late_count
    + resolution.open_no_due_date_count
