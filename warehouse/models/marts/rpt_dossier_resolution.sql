-- Dossiers resolved by class and cause, by agency, month of the end and rule; those received in the month beside.
with counted as (
    select
        agency_code,
        resolved_month as month,
        class_r_plain,
        class_r_date,
        class_r_tra,
        count(*) as dossier_count
    from {{ ref('fct_dossier') }}
    where is_resolved
    group by agency_code, resolved_month, class_r_plain, class_r_date, class_r_tra
),

classes as (
    {% for rule_code, column in dossier_rules().items() -%}
        select
            '{{ rule_code }}' as rule_code,
            agency_code,
            month,
            {{ column }} as class,
            dossier_count
        from counted
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

received as (
    select
        agency_code,
        received_month as month,
        count(*) as received_count
    from {{ ref('fct_dossier') }}
    where is_received
    group by agency_code, received_month
),

parts as (
    select
        agency_code,
        month,
        rule_code,
        0 as received_count,
        class,
        dossier_count
    from classes

    union all

    {% for rule_code in dossier_rules() -%}
        select
            agency_code,
            month,
            '{{ rule_code }}' as rule_code,
            received_count,
            null as class,
            0 as dossier_count
        from received
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

summed as (
    select
        agency_code,
        month,
        rule_code,
        sum(received_count) as received_count,
        sum(dossier_count) as resolved_count,
        sum(case when class = 'early' then dossier_count else 0 end) as early_count,
        sum(case when class = 'on_time' then dossier_count else 0 end) as on_time_count,
        sum(case when class = 'late' then dossier_count else 0 end) as late_count,
        sum(case when class not in ('early', 'on_time', 'late') then dossier_count else 0 end) as unexplained_count,
        sum(case when class = 'no_due_date' then dossier_count else 0 end) as no_due_date_count,
        sum(case when class = 'withdrawn' then dossier_count else 0 end) as withdrawn_count,
        sum(case when class = 'stopped' then dossier_count else 0 end) as stopped_count,
        sum(case when class = 'not_returned' then dossier_count else 0 end) as not_returned_count
    from parts
    group by agency_code, month, rule_code
)

select
    summed.agency_code,
    coalesce(agencies.agency_name, summed.agency_code) as agency_name,
    summed.month,
    summed.rule_code,
    cast(summed.received_count as bigint) as received_count,
    cast(summed.resolved_count as bigint) as resolved_count,
    cast(summed.early_count as bigint) as early_count,
    cast(summed.on_time_count as bigint) as on_time_count,
    cast(summed.late_count as bigint) as late_count,
    cast(summed.unexplained_count as bigint) as unexplained_count,
    cast(summed.no_due_date_count as bigint) as unexplained_no_due_date_count,
    cast(summed.withdrawn_count as bigint) as unexplained_withdrawn_count,
    cast(summed.stopped_count as bigint) as unexplained_stopped_count,
    cast(summed.not_returned_count as bigint) as unexplained_not_returned_count,
    {{ as_of() }} as as_of
from summed
left join {{ ref('dim_agency') }} as agencies on summed.agency_code = agencies.agency_code
