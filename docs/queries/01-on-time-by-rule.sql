-- vi: Tỷ lệ đúng hạn của tỉnh là bao nhiêu theo từng định nghĩa, và bao nhiêu hồ sơ không thuộc loại nào?
-- en: What is the province's share of dossiers on time by each definition, and how many fall into no class?
-- asked by: đoàn kiểm tra CCHC; the inspection team
select
    rule_code,
    sum(resolved_count) as resolved,
    sum(early_count) as early,
    sum(on_time_count) as on_time,
    sum(late_count) as late,
    sum(unexplained_count) as unexplained,
    round(sum(early_count + on_time_count) / sum(resolved_count), 4) as timely_share
from rpt_dossier_resolution
group by rule_code
order by timely_share desc, rule_code asc;
