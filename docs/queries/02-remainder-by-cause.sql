-- vi: Hồ sơ đã giải quyết mà không thuộc loại nào: vì sao, và ở đơn vị nào?
-- en: Resolved dossiers that no class takes: for which causes, and in which agencies?
-- asked by: đoàn kiểm tra CCHC, đơn vị có số liệu; the inspection team, agencies that own data
select
    agency_code,
    agency_name,
    sum(resolved_count) as resolved,
    sum(unexplained_count) as unexplained,
    sum(unexplained_no_due_date_count) as no_due_date,
    sum(unexplained_withdrawn_count) as withdrawn,
    sum(unexplained_stopped_count) as stopped
from rpt_dossier_resolution
where rule_code = 'R_PLAIN'
group by agency_code, agency_name
having sum(unexplained_count) > 0
order by unexplained desc, agency_code asc;
