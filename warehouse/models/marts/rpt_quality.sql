-- Rows by agency, stream, month of export and rule. Rule 'row_loaded' counts the rows that were taken in.
with counted as (
    select source, stream, agency_code, {{ month_of('_exported_at') }} as month, rule_code, severity, row_count
    from {{ ref('stg_audit__findings') }}
)

select
    coalesce(codes.agency_code, counted.agency_code, 'unknown') as agency_code,
    counted.source,
    counted.stream,
    counted.month,
    counted.rule_code,
    counted.severity,
    cast(sum(counted.row_count) as bigint) as row_count,
    codes.agency_code is not null as is_known_agency,
    {{ as_of() }} as as_of
from counted
left join {{ ref('int_agency__codes') }} as codes on counted.agency_code = codes.any_code
group by
    coalesce(codes.agency_code, counted.agency_code, 'unknown'), counted.source, counted.stream, counted.month,
    counted.rule_code, counted.severity, codes.agency_code is not null
