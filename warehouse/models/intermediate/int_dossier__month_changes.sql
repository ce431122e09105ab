-- What each month changes: dossiers received and resolved, and how many more or fewer are open, late or undated when it
-- ends. Summed up month by month this gives what is open at any month's end, without a row per dossier and month.
with dossiers as (
    select
        *,
        cast(due_at as date) as due_on,
        coalesce(due_at, due_recomputed_at) as due_766_at,
        {{ as_of() }} as known_at
    from {{ ref('fct_dossier') }}
    where is_received
),

-- Due months of dossiers that no month's end finds open and late are left out: groups stay few.
placed as (
    select
        agency_code,
        received_month,
        resolved_month,
        {% for column in dossier_rules().values() -%}
            {{ column }},
        {% endfor -%}
        {{ late_month(plus_days('due_on', 1)) }} as late_by_day,
        case
            when resolved_month is not null or is_waiting or status_code not in (5, 6, 8)
                then {{ late_month(plus_days('due_on', 1)) }}
        end as late_by_day_unless_paused,
        {{ late_month('due_at') }} as late_by_moment,
        case
            when request_count > 1 and (due_766_at is null or waiting_from < due_766_at)
                then {{ late_month('waiting_from') }}
            else {{ late_month('due_766_at') }}
        end as late_766,
        {{ late_month('due_recomputed_at') }} as late_strict,
        {{ month_of('waiting_from') }} as waiting_month,
        case
            when request_count <= 1 and waiting_from <= due_766_at then {{ month_of('waiting_from') }}
        end as waiting_766_month,
        {{ month_of('waiting_until') }} as waiting_until_month,
        due_at is null as is_undated,
        due_766_at is null and request_count <= 1 as is_undated_766,
        due_recomputed_at is null and not is_waiting as is_undated_strict
    from dossiers
),

{% set grouped = ['agency_code', 'received_month', 'resolved_month'] + dossier_rules().values() | list + [
    'late_by_day', 'late_by_day_unless_paused', 'late_by_moment', 'late_766', 'late_strict',
    'waiting_month', 'waiting_766_month', 'waiting_until_month',
    'is_undated', 'is_undated_766', 'is_undated_strict',
] -%}
counted as (
    select
        {% for column in grouped -%}
            {{ column }},
        {% endfor -%}
        count(*) as dossier_count
    from placed
    group by {{ grouped | join(', ') }}
),

ruled as (
    {% for rule_code, column in dossier_rules().items() %}
        {% set late, waiting, undated = open_rules()[rule_code] %}
        select
            '{{ rule_code }}' as rule_code,
            agency_code,
            received_month,
            coalesce(resolved_month, date '9999-12-01') as resolved_month,
            {{ column }} as class,
            case when {{ late }} > received_month then {{ late }} when {{ late }} is not null then received_month end
                as late_month,
            {{ waiting or 'cast(null as date)' }} as waiting_month,
            coalesce(waiting_until_month, date '9999-12-01') as waiting_until_month,
            case when {{ undated }} then dossier_count else 0 end as undated_count,
            dossier_count
        from counted
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

changes as (
    select
        rule_code,
        agency_code,
        received_month as month,
        null as class,
        dossier_count as received_count,
        0 as resolved_count,
        dossier_count as open_change,
        0 as late_change,
        undated_count as undated_change
    from ruled

    union all

    select
        rule_code,
        agency_code,
        resolved_month as month,
        class,
        0 as received_count,
        dossier_count as resolved_count,
        -dossier_count as open_change,
        case when late_month is not null then -dossier_count else 0 end as late_change,
        -undated_count as undated_change
    from ruled

    -- Late from its late month on, but not in the months in which it waits, until it is resolved.
    {% for month, sign in [
        ('late_month', ''),
        ('least(greatest(late_month, waiting_month), resolved_month)', '-'),
        ('least(greatest(late_month, waiting_until_month), resolved_month)', ''),
    ] %}
        union all

        select
            rule_code,
            agency_code,
            {{ month }} as month,
            null as class,
            0 as received_count,
            0 as resolved_count,
            0 as open_change,
            {{ sign }}dossier_count as late_change,
            0 as undated_change
        from ruled
        where late_month is not null{{ '' if loop.first else ' and waiting_month is not null' }}
    {% endfor %}
)

select
    agency_code,
    month,
    rule_code,
    class,
    cast(sum(received_count) as bigint) as received_count,
    cast(sum(resolved_count) as bigint) as resolved_count,
    cast(sum(open_change) as bigint) as open_change,
    cast(sum(late_change) as bigint) as late_change,
    cast(sum(undated_change) as bigint) as undated_change
from changes
where month < date '9999-12-01'
group by agency_code, month, rule_code, class
