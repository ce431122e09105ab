-- vi: Thủ tục nào giải quyết chậm nhất so với thời hạn luật định (ngày làm việc, trừ thời gian chờ bổ sung)?
-- en: Which procedures take longest against what the law allows (working days of 8 hours, waits left out)?
-- asked by: lãnh đạo sở; heads of departments
select
    d.procedure_code,
    any_value(p.procedure_name) as procedure_name,
    count(*) as resolved,
    round(median(d.working_minutes) / 480, 2) as median_days,
    round(quantile_cont(d.working_minutes, 0.9) / 480, 2) as days_of_nine_in_ten,
    any_value(p.statutory_days) as statutory_days,
    round(median(d.working_minutes) / 480 / any_value(p.statutory_days), 3) as used_share
from fct_dossier as d
inner join dim_procedure as p on d.procedure_code = p.procedure_code
where d.working_minutes is not null and p.day_unit = 'Ngày làm việc' and p.statutory_days > 0
group by d.procedure_code
having count(*) >= 5
order by used_share desc, d.procedure_code asc;
