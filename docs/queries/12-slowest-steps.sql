-- vi: Trong tháng qua, hồ sơ nằm lâu nhất ở bước nào (giờ đồng hồ), bao nhiêu bước trễ hạn của chính nó?
-- en: In the past month, in which step did dossiers lie longest (hours), and how many steps were late?
-- asked by: bộ phận một cửa; the one-stop office
with newest as (
    select max(as_of) as known_at from rpt_source_freshness
),

counted as (
    select
        s.status_code,
        count(*) as steps,
        count(*) filter (where s.processed_at is null) as still_open,
        quantile_cont(s.duration_hours, [0.5, 0.9]) as hours,
        count(*) filter (where s.processed_at > s.due_at) as late
    from fct_dossier_step as s
    inner join newest on s.started_at >= newest.known_at - interval 1 month
    group by s.status_code
)

select
    status_code,
    steps,
    still_open,
    round(hours[1], 2) as median_hours,
    round(hours[2], 2) as hours_of_nine_in_ten,
    late
from counted
order by median_hours desc, status_code asc;
