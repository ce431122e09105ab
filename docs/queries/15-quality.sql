-- vi: Nguồn nào có nhiều dòng lỗi nhất, theo quy tắc nào, trên bao nhiêu dòng?
-- en: Which streams bring most rows at fault, by which rule, out of how many rows?
-- asked by: kỹ sư dữ liệu, đơn vị có số liệu; data engineers, agencies that own data
with loaded as (
    select
        source,
        stream,
        sum(row_count) as loaded
    from rpt_quality
    where rule_code = 'row_loaded'
    group by source, stream
)

select
    q.source,
    q.stream,
    q.rule_code,
    q.severity,
    sum(q.row_count) as at_fault,
    any_value(l.loaded) as loaded,
    round(1000 * sum(q.row_count) / any_value(l.loaded), 1) as per_thousand
from rpt_quality as q
inner join loaded as l on q.source = l.source and q.stream = l.stream
where q.rule_code <> 'row_loaded'
group by q.source, q.stream, q.rule_code, q.severity
order by at_fault desc, q.source asc, q.stream asc, q.rule_code asc;
