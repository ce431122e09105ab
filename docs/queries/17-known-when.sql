-- vi: Số của từng tháng được biết đến khi nào: bao nhiêu hồ sơ còn được cập nhật sau khi tháng đã chốt 5 ngày?
-- en: When did each month's figures become known: how many dossiers were still updated 5 days after it had ended?
-- asked by: đoàn kiểm tra CCHC; the inspection team
with exports as (
    select
        resolved_month as month,
        as_of,
        count(*) as resolved
    from fct_dossier
    where is_resolved
    group by resolved_month, as_of
)

select
    month,
    sum(resolved) as resolved,
    min(as_of) as first_known_at,
    max(as_of) as last_known_at,
    coalesce(sum(resolved) filter (where as_of >= month + interval 1 month + interval 5 day), 0) as told_after_closing
from exports
group by month
order by month;
