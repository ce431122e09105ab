-- vi: Xếp hạng các xã theo tỷ lệ hồ sơ trực tuyến trong mười hai tháng mới nhất (ít nhất 5 hồ sơ).
-- en: Communes ranked by their share of dossiers filed on line in the newest twelve months (at least 5 dossiers).
-- asked by: Sở Nội vụ; the department of home affairs
with newest as (
    select max(period_start) as month
    from rpt_indicator
    where period_type = 'month' and value is not null
)

select
    rank() over (order by sum(i.numerator) / sum(i.denominator) desc) as place,
    i.agency_code,
    any_value(a.agency_name) as agency_name,
    sum(i.numerator) as online,
    sum(i.denominator) as received,
    round(sum(i.numerator) / sum(i.denominator), 4) as share
from rpt_indicator as i
inner join dim_agency as a on i.agency_code = a.agency_code
cross join newest
where
    i.indicator_code = 'DOSSIER_ONLINE'
    and i.period_type = 'month'
    and i.period_start > newest.month - interval 12 month
    and i.value is not null
    and a.level = 'commune'
group by i.agency_code
having sum(i.denominator) >= 5
order by place, i.agency_code;
