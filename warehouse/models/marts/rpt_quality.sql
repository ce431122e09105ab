-- Rows by agency, stream, month of export and rule. 'row_loaded' counts what was taken in; 'unknown_agency' counts
-- rows taken in under a code that the list of agencies does not know. A text that is no code is not shown: it could
-- be anything.
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

with_unknown as (
    select * from counted

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
from with_unknown
group by agency_code, source, stream, month, rule_code, severity, is_known_agency
