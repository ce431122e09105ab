-- vi: Chỉ tiêu nào đã đạt, chỉ tiêu nào sẽ đạt, khi nào, theo đường thẳng qua các tháng gần đây?
-- en: Which targets are reached, which will be, and when, by the straight line through the last months?
-- asked by: lãnh đạo tỉnh; the leaders of the province
select
    t.indicator_code,
    i.name_vi,
    t.level,
    t.target_on,
    round(t.value, 4) as value,
    t.target,
    t.outlook,
    t.arrives_in,
    t.earliest_in,
    t.latest_in,
    t.certainty
from rpt_target_progress as t
inner join dim_indicator as i on t.indicator_code = i.indicator_code
where t.agency_code = 'all'
order by t.indicator_code, t.level, t.target_on, t.source;
