-- vi: Thủ tục nào hay phải yêu cầu bổ sung, và bao nhiêu hồ sơ bị yêu cầu quá một lần?
-- en: Which procedures ask for supplements most often, and how many dossiers were asked more than once?
-- asked by: Văn phòng UBND tỉnh (kiểm soát TTHC); those who control procedures
with counted as (
    select
        procedure_code,
        count(*) as received,
        count(*) filter (where request_count > 0) as asked,
        count(*) filter (where request_count > 1) as asked_again
    from fct_dossier
    where is_received
    group by procedure_code
)

select
    c.procedure_code,
    p.procedure_name,
    c.received,
    c.asked,
    c.asked_again,
    round(c.asked / c.received, 4) as asked_share
from counted as c
left join dim_procedure as p on c.procedure_code = p.procedure_code
where c.asked > 0
order by asked_share desc, c.procedure_code asc;
