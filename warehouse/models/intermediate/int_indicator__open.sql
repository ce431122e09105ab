-- Dossiers that were open at the end of each month, or at the newest export in the month of that, by due date; and the
-- two lines of the 766 index that judge open and finished ones together (domain.md §1.2, rows 2.1 and 5.4). A dossier
-- is one more when it is received, one less when it ends, and one late more when it passes its due time in between:
-- the running sum is what was open, and each dossier is looked at a few times, not once a month.
with known as (
    select max(as_of) as last_at
    from {{ ref('fct_dossier') }}
),

dossiers as (
    select
        dossiers.agency_code,
        dossiers.received_at,
        dossiers.due_at,
        case when dossiers.due_at is not null then greatest(dossiers.received_at, dossiers.due_at) end as late_at,
        case when dossiers.is_resolved then dossiers.ended_at end as ended_at,
        coalesce(dossiers.supplement_count, 0) <= 1 as is_within_766,
        dossiers.satisfaction,
        known.last_at
    from {{ ref('fct_dossier') }} as dossiers
    cross join known
    -- One that is done but tells no end is not known to be open.
    where dossiers.is_received and (dossiers.is_resolved or dossiers.status_code in (2, 4, 5, 6))
),

late as (
    select *
    from dossiers
    where late_at < last_at and (ended_at is null or {{ month_of('ended_at') }} > {{ month_of('late_at') }})
),

events as (
    select
        agency_code,
        {{ month_of('received_at') }} as month,
        1 as open_change,
        case when due_at is null then 1 else 0 end as undated_change,
        0 as late_change,
        case when due_at is not null and is_within_766 then 1 else 0 end as in_time_change,
        0 as finished_count,
        0 as finished_in_time_count,
        0 as displeased_count
    from dossiers

    union all

    select
        agency_code,
        {{ month_of('ended_at') }} as month,
        -1 as open_change,
        case when due_at is null then -1 else 0 end as undated_change,
        0 as late_change,
        case when due_at is not null and is_within_766 then -1 else 0 end as in_time_change,
        1 as finished_count,
        case when ended_at <= due_at and is_within_766 then 1 else 0 end as finished_in_time_count,
        case when satisfaction = 'KHÔNG HÀI LÒNG' then 1 else 0 end as displeased_count
    from dossiers
    where ended_at is not null

    union all

    select
        agency_code,
        {{ month_of('late_at') }} as month,
        0 as open_change,
        0 as undated_change,
        1 as late_change,
        case when is_within_766 then -1 else 0 end as in_time_change,
        0 as finished_count,
        0 as finished_in_time_count,
        0 as displeased_count
    from late

    union all

    select
        agency_code,
        {{ month_of('ended_at') }} as month,
        0 as open_change,
        0 as undated_change,
        -1 as late_change,
        case when is_within_766 then 1 else 0 end as in_time_change,
        0 as finished_count,
        0 as finished_in_time_count,
        0 as displeased_count
    from late
    where ended_at is not null
),

changed as (
    select
        agency_code,
        month,
        sum(open_change) as open_change,
        sum(undated_change) as undated_change,
        sum(late_change) as late_change,
        sum(in_time_change) as in_time_change,
        sum(finished_count) as finished_count,
        sum(finished_in_time_count) as finished_in_time_count,
        sum(displeased_count) as displeased_count
    from events
    group by agency_code, month
),

spine as (
    select
        firsts.agency_code,
        months.month
    from (select distinct month from changed) as months
    inner join (select agency_code, min(month) as first_month from changed group by agency_code) as firsts
        on months.month >= firsts.first_month
    cross join known
    where months.month <= {{ month_of('known.last_at') }}
),

standing as (
    select
        spine.agency_code,
        spine.month,
        coalesce(changed.finished_count, 0) as finished_count,
        coalesce(changed.finished_in_time_count, 0) as finished_in_time_count,
        coalesce(changed.displeased_count, 0) as displeased_count,
        {% for name in ('open', 'undated', 'late', 'in_time') -%}
            sum(changed.{{ name }}_change) over (
                partition by spine.agency_code order by spine.month rows between unbounded preceding and current row
            ) as {{ name }}_count{{ '' if loop.last else ',' }}
        {% endfor %}
    from spine
    left join changed on spine.agency_code = changed.agency_code and spine.month = changed.month
),

nearly_due as (
    -- The end of a whole month is the first moment of the next one.
    select
        agency_code,
        cast({{ month_of('due_at') }} - interval '1' month as date) as month
    from dossiers
    where
        due_at < {{ month_of('due_at') }} + interval '24' hour
        and received_at < {{ month_of('due_at') }}
        and (ended_at is null or ended_at >= {{ month_of('due_at') }})
        and {{ month_of('due_at') }} <= {{ month_of('last_at') }}

    union all

    select
        agency_code,
        {{ month_of('last_at') }} as month
    from dossiers
    where ended_at is null and due_at >= last_at and due_at < last_at + interval '24' hour
),

nearly_due_counted as (
    select
        agency_code,
        month,
        count(*) as due_soon_count
    from nearly_due
    group by agency_code, month
),

described as (
    select
        standing.*,
        coalesce(nearly_due_counted.due_soon_count, 0) as due_soon_count,
        coalesce(
            lag(standing.open_count) over (partition by standing.agency_code order by standing.month), 0
        ) as open_before_count
    from standing
    left join nearly_due_counted
        on standing.agency_code = nearly_due_counted.agency_code and standing.month = nearly_due_counted.month
)

{% set parts = [
    ('DOSSIER_OPEN_IN_TIME', '0', '0', 'open_count - undated_count - late_count', 'open_count'),
    ('DOSSIER_OPEN_LATE', '0', '0', 'late_count', 'open_count'),
    ('DOSSIER_OPEN_DUE_24H', '0', '0', 'due_soon_count', 'open_count'),
    ('DOSSIER_HANDLED_766', 'finished_in_time_count', 'finished_count', 'in_time_count', 'open_count'),
    ('DOSSIER_SATISFACTION_766', 'finished_in_time_count - displeased_count', 'finished_count', 'in_time_count',
        'open_count'),
] -%}
{% for indicator_code, numerator, denominator, stock_numerator, stock_denominator in parts %}
    select
        '{{ indicator_code }}' as indicator_code,
        agency_code,
        month,
        cast({{ numerator }} as bigint) as numerator,
        cast({{ denominator }} as bigint) as denominator,
        cast({{ stock_numerator }} as bigint) as stock_numerator,
        cast({{ stock_denominator }} as bigint) as stock_denominator
    from described
    -- A stock that has run out is told once.
    where open_count > 0 or open_before_count > 0 or finished_count > 0
    {% if not loop.last %}union all{% endif %}
{% endfor %}
