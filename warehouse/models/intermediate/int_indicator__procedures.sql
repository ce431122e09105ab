-- Shares of the procedures of an agency, by agency and period (766 lines 3.1, 3.2, 3.4, 3.5; domain.md §1.2). Each
-- procedure counts once in a period, so months do not add up to a year. The list of procedures names a level, not an
-- agency: an agency's procedures are those of its level in the sectors of which it has ever received a dossier [P].
with used as (
    select
        agency_code,
        procedure_code,
        received_month as month,
        count(*) filter (where channel = 2) as online_count,
        count(*) filter (where online_payment in (1, 2)) as paid_count,
        count(*) filter (where fee_amount > 0) as fee_count
    from {{ ref('fct_dossier') }}
    where is_received
    group by agency_code, procedure_code, received_month
),

sectors as (
    select distinct
        used.agency_code,
        procedures.sector_code
    from used
    inner join {{ ref('dim_procedure') }} as procedures on used.procedure_code = procedures.procedure_code
),

owned as (
    select
        sectors.agency_code,
        procedures.procedure_code,
        procedures.service_level >= 3 as is_online,
        procedures.fee_amount > 0 as has_fee
    from sectors
    inner join {{ ref('dim_agency') }} as agencies on sectors.agency_code = agencies.agency_code
    inner join {{ ref('dim_procedure') }} as procedures
        on sectors.sector_code = procedures.sector_code and agencies.level = procedures.agency_level
),

totals as (
    select
        agency_code,
        count(*) as all_count,
        count(*) filter (where is_online) as online_count,
        count(*) filter (where has_fee) as fee_count
    from owned
    group by agency_code
),

periods as (
    {% for period_type, period_start in [
        ('month', 'month'), ('quarter', quarter_of('month')), ('year', year_of('month'))
    ] -%}
        select
            '{{ period_type }}' as period_type,
            {{ period_start }} as period_start,
            agency_code,
            procedure_code,
            online_count,
            paid_count,
            fee_count
        from used
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

counted as (
    select
        periods.period_type,
        periods.period_start,
        periods.agency_code,
        count(distinct case when owned.is_online and periods.online_count > 0 then owned.procedure_code end)
            as used_count,
        count(distinct case when owned.has_fee and periods.paid_count > 0 then owned.procedure_code end) as paid_count,
        count(distinct case when owned.has_fee and periods.fee_count > 0 then owned.procedure_code end)
            as integrated_count
    from periods
    left join owned
        on periods.agency_code = owned.agency_code and periods.procedure_code = owned.procedure_code
    group by periods.period_type, periods.period_start, periods.agency_code
)

{% set parts = [
    ('PROCEDURE_ONLINE', 'totals.online_count', 'totals.all_count'),
    ('PROCEDURE_ONLINE_USED', 'counted.used_count', 'totals.online_count'),
    ('PROCEDURE_PAID_ONLINE', 'counted.paid_count', 'totals.fee_count'),
    ('PROCEDURE_FEE_INTEGRATED', 'counted.integrated_count', 'totals.fee_count'),
] -%}
{% for indicator_code, numerator, denominator in parts %}
    select
        '{{ indicator_code }}' as indicator_code,
        counted.agency_code,
        counted.period_type,
        counted.period_start,
        {{ numerator }} as numerator,
        {{ denominator }} as denominator
    from counted
    inner join totals on counted.agency_code = totals.agency_code
    {% if not loop.last %}union all{% endif %}
{% endfor %}
