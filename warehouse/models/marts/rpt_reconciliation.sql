-- Our figures against those of others, by agency, period and measure; both totals stand here, whoever is right.
-- national_portal: dossier by dossier, two-sided, by month of reception. form06: the sheet's lines that name an agency.
with portal as (
    select
        agency_code,
        month,
        count(*) filter (where is_ours) as our_count,
        count(*) filter (where is_portals) as their_count,
        count(*) filter (where is_ours and is_portals) as both_count,
        count(*) filter (where is_ours and not is_portals) as only_ours_count,
        count(*) filter (where is_portals and not is_ours) as only_theirs_count,
        {{ median_of('lag_hours') }} as median_lag_hours
    from {{ ref('int_reconciliation__portal') }}
    group by agency_code, month
),

ours as (
    select
        sheets.agency_code,
        sheets.unit_name,
        sheets.period_from,
        sheets.period_to,
        {% for flow in ['received_online', 'received_direct', 'resolved_early', 'resolved_on_time', 'resolved_late'] -%}
            coalesce(sum(
                case when flows.flow = '{{ flow }}' and flows.day >= sheets.period_from then flows.dossier_count end
            ), 0) as {{ flow }},
        {% endfor -%}
        coalesce(sum(
            case when flows.flow like 'resolved_%' and flows.day >= sheets.period_from then flows.dossier_count end
        ), 0) as resolved_total,
        coalesce(sum(
            case
                when flows.day >= sheets.period_from then 0
                when flows.flow like 'received_%' then flows.dossier_count
                when flows.flow like 'resolved_%' then -flows.dossier_count
            end
        ), 0) as carried_over,
        coalesce(sum(
            case
                when flows.flow like 'received_%' then flows.dossier_count
                when flows.flow like 'resolved_%' then -flows.dossier_count
            end
        ), 0) as pending_total,
        coalesce(sum(case when flows.flow = 'pending_late' then flows.dossier_count end), 0) as pending_late
    from {{ ref('int_form06__sheets') }} as sheets
    left join {{ ref('int_dossier__day_flows') }} as flows
        on sheets.agency_code = flows.agency_code and sheets.period_to >= flows.day
    where sheets.agency_code is not null
    group by sheets.agency_code, sheets.unit_name, sheets.period_from, sheets.period_to
),

sheets as (
    {% set measures = [
        ('received', 'received_total', 'ours.received_online + ours.received_direct + ours.carried_over'),
        ('received_online', 'received_online', 'ours.received_online'),
        ('received_direct', 'received_direct', 'ours.received_direct'),
        ('carried_over', 'carried_over', 'ours.carried_over'),
        ('resolved', 'resolved_total', 'ours.resolved_total'),
        ('resolved_early', 'resolved_early', 'ours.resolved_early'),
        ('resolved_on_time', 'resolved_on_time', 'ours.resolved_on_time'),
        ('resolved_late', 'resolved_late', 'ours.resolved_late'),
        ('pending', 'pending_total', 'ours.pending_total'),
        ('pending_in_time', 'pending_in_time', 'ours.pending_total - ours.pending_late'),
        ('pending_late', 'pending_late', 'ours.pending_late'),
    ] -%}
    {% for measure, theirs, our in measures -%}
        select
            told.agency_code,
            '{{ measure }}' as measure,
            told.period_from,
            told.period_to,
            {{ our }} as our_count,
            told.{{ theirs }} as their_count
        from {{ ref('int_form06__sheets') }} as told
        inner join ours
            on
                told.unit_name = ours.unit_name
                and told.period_from = ours.period_from
                and told.period_to = ours.period_to
        where told.{{ theirs }} is not null
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

-- One agency may stand under several spellings of its name: then the sheet tells of it several times.
compared as (
    select
        'national_portal' as compared_with,
        agency_code,
        'received' as measure,
        month as period_start,
        cast(month + interval '1' month - interval '1' day as date) as period_end,
        our_count,
        their_count,
        both_count,
        only_ours_count,
        only_theirs_count,
        median_lag_hours
    from portal

    union all

    select
        'form06' as compared_with,
        agency_code,
        measure,
        period_from as period_start,
        period_to as period_end,
        max(our_count) as our_count,
        sum(their_count) as their_count,
        null as both_count,
        null as only_ours_count,
        null as only_theirs_count,
        null as median_lag_hours
    from sheets
    group by agency_code, measure, period_from, period_to
)

select
    compared_with,
    agency_code,
    measure,
    period_start,
    period_end,
    cast(our_count as bigint) as our_count,
    cast(their_count as bigint) as their_count,
    cast(our_count - their_count as bigint) as difference,
    cast(both_count as bigint) as both_count,
    cast(only_ours_count as bigint) as only_ours_count,
    cast(only_theirs_count as bigint) as only_theirs_count,
    cast(median_lag_hours as double) as median_lag_hours,
    {{ as_of() }} as as_of
from compared
