-- vi: Hồ sơ công việc xử lý trên môi trường mạng theo ba cách tính A, B, C: mỗi cấp đạt bao nhiêu?
-- en: Work files handled in the network environment by the three definitions A, B and C: where does each level stand?
-- asked by: lãnh đạo tỉnh; the leaders of the province
select
    i.indicator_code,
    a.level,
    sum(i.numerator) as online,
    sum(i.denominator) as all_of_them,
    round(sum(i.numerator) / sum(i.denominator), 4) as share
from rpt_indicator as i
inner join dim_agency as a on i.agency_code = a.agency_code
where
    i.indicator_code in ('WORK_FILE_A', 'WORK_FILE_B', 'WORK_FILE_C')
    and i.period_type = 'month'
    and i.value is not null
group by i.indicator_code, a.level
order by i.indicator_code, a.level;
