-- vi: Ở bước nào hồ sơ nằm lâu nhất (giờ đồng hồ), và bao nhiêu bước trễ hạn của chính bước đó?
-- en: In which step do dossiers lie longest (hours by the clock), and how many steps missed their own due time?
-- asked by: bộ phận một cửa; the one-stop office
select
    status_code,
    count(*) as steps,
    count(*) filter (where processed_at is null) as still_open,
    round(median(duration_hours), 2) as median_hours,
    round(quantile_cont(duration_hours, 0.9), 2) as hours_of_nine_in_ten,
    count(*) filter (where processed_at > due_at) as late
from fct_dossier_step
group by status_code
order by median_hours desc, status_code asc;
