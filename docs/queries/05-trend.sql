-- vi: Tỷ lệ hồ sơ trực tuyến của toàn tỉnh thay đổi thế nào qua từng tháng?
-- en: How has the province's share of dossiers filed on line moved from month to month?
-- asked by: lãnh đạo tỉnh, phòng phân tích; leaders, analysts
select
    period_start as month,
    sum(numerator) as online,
    sum(denominator) as received,
    round(sum(numerator) / sum(denominator), 4) as share,
    round(
        sum(numerator) / sum(denominator) - lag(sum(numerator) / sum(denominator)) over (order by period_start), 4
    ) as change
from rpt_indicator
where indicator_code = 'DOSSIER_ONLINE' and period_type = 'month' and value is not null
group by period_start
order by month;
