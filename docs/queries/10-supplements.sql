-- vi: Thủ tục nào hay phải yêu cầu bổ sung, và bao nhiêu hồ sơ bị yêu cầu quá một lần?
-- en: Which procedures ask for supplements most often, and how many dossiers were asked more than once?
-- asked by: Văn phòng UBND tỉnh (kiểm soát TTHC); those who control procedures
select
    d.procedure_code,
    any_value(p.procedure_name) as procedure_name,
    count(*) as received,
    count(*) filter (where d.request_count > 0) as asked,
    count(*) filter (where d.request_count > 1) as asked_again,
    round(count(*) filter (where d.request_count > 0) / count(*), 4) as asked_share
from fct_dossier as d
left join dim_procedure as p on d.procedure_code = p.procedure_code
where d.is_received
group by d.procedure_code
having count(*) filter (where d.request_count > 0) > 0
order by asked_share desc, d.procedure_code asc;
