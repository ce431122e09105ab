-- Rows by agency, stream, month of export and rule. 'row_loaded' counts what was taken in; 'unknown_agency' counts
-- rows taken in under a code that the list of agencies does not know; 'ended_without_successor' an agency of the newest
-- list that has ended while no succession that holds says who took its figures over. A text that is no code is not
-- shown: it could be anything.
with counted as (
    select
        findings.source,
        findings.stream,
        case
            when codes.agency_code is not null then codes.agency_code
            when {{ is_agency_code('findings.agency_code') }} then findings.agency_code
            else 'unknown'
        end as agency_code,
        codes.agency_code is not null as is_known_agency,
        {{ month_of('findings._exported_at') }} as month,
        findings.rule_code,
        findings.severity,
        findings.row_count
    from {{ ref('stg_audit__findings') }} as findings
    left join {{ ref('int_agency__codes') }} as codes on findings.agency_code = codes.any_code
),

ended as (
    select distinct
        'reference' as source,
        'agencies' as stream,
        agencies.agency_code,
        true as is_known_agency,
        (select {{ month_of('max(lists._exported_at)') }} from {{ ref('stg_reference__agencies') }} as lists) as month,
        'ended_without_successor' as rule_code,
        'warn' as severity,
        1 as row_count
    from {{ ref('dim_agency') }} as agencies
    left join {{ ref('dim_agency_succession') }} as successions
        on
            agencies.agency_code = successions.from_code
            and successions.is_applied
            and agencies.agency_code <> successions.to_code
            and successions.valid_on > coalesce(agencies.valid_from, date '0001-01-01')
    where agencies.valid_to < cast({{ as_of() }} as date) and successions.from_code is null
),

with_more as (
    select * from counted

    union all

    select * from ended

    union all

    select
        source,
        stream,
        agency_code,
        is_known_agency,
        month,
        'unknown_agency' as rule_code,
        'warn' as severity,
        row_count
    from counted
    where rule_code = 'row_loaded' and not is_known_agency and agency_code <> 'unknown'
)

select
    agency_code,
    source,
    stream,
    month,
    rule_code,
    severity,
    cast(sum(row_count) as bigint) as row_count,
    is_known_agency,
    {{ as_of() }} as as_of
from with_more
group by agency_code, source, stream, month, rule_code, severity, is_known_agency
