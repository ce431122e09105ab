-- vi: Tỷ lệ hồ sơ trực tuyến trong tháng trọn vẹn mới nhất cách từng chỉ tiêu bao nhiêu?
-- en: How far is the share of dossiers filed on line from each of its targets in the newest whole month?
-- asked by: lãnh đạo tỉnh; the leaders of the province
select
    level,
    month,
    numerator as online,
    denominator as received,
    round(value, 4) as share,
    target,
    target_on,
    round(gap, 4) as gap
from rpt_target_progress
where indicator_code = 'DOSSIER_ONLINE' and agency_code = 'all'
order by level, target_on;
