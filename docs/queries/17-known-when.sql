-- vi: Số của từng tháng được biết đến khi nào: bao nhiêu hồ sơ còn được cập nhật sau khi tháng đã chốt 5 ngày?
-- en: When did each month's figures become known: how many dossiers were still updated 5 days after it had ended?
-- asked by: đoàn kiểm tra CCHC; the inspection team
select
    resolved_month as month,
    count(*) as resolved,
    min(as_of) as first_known_at,
    max(as_of) as last_known_at,
    count(*) filter (where as_of >= resolved_month + interval 1 month + interval 5 day) as told_after_closing
from fct_dossier
where is_resolved
group by resolved_month
order by month;
