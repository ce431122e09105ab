-- vi: Thủ tục nào giải quyết chậm nhất so với thời hạn luật định (ngày làm việc, trừ thời gian chờ bổ sung)?
-- en: Which procedures take longest against what the law allows (working days of 8 hours, waits left out)?
-- asked by: lãnh đạo sở; heads of departments
with counted as (
    select
        procedure_code,
        count(*) as resolved,
        quantile_cont(working_minutes / 480, [0.5, 0.9]) as days
    from fct_dossier
    where working_minutes is not null
    group by procedure_code
    having count(*) >= 5
)

select
    c.procedure_code,
    p.procedure_name,
    c.resolved,
    round(c.days[1], 2) as median_days,
    round(c.days[2], 2) as days_of_nine_in_ten,
    p.statutory_days,
    round(c.days[1] / p.statutory_days, 3) as used_share
from counted as c
inner join dim_procedure as p on c.procedure_code = p.procedure_code
where p.day_unit = 'Ngày làm việc' and p.statutory_days > 0
order by used_share desc, c.procedure_code asc;
