-- vi: Hồ sơ đang giải quyết: bao nhiêu đã quá hạn, đến hạn trong ba ngày tới, chưa đến hạn, không có hẹn trả?
-- en: Open dossiers: how many are late, due within three days, due later, or without a due date?
-- asked by: bộ phận một cửa; the one-stop office
with now as (
    select max(as_of) as known_at from fct_dossier
)

select
    d.agency_code,
    count(*) as open_dossiers,
    count(*) filter (where d.due_at < now.known_at) as late,
    count(*) filter (where d.due_at >= now.known_at and d.due_at < now.known_at + interval 3 day) as due_in_3_days,
    count(*) filter (where d.due_at >= now.known_at + interval 3 day) as due_later,
    count(*) filter (where d.due_at is null) as no_due_date
from fct_dossier as d
cross join now
where d.is_received and not d.is_resolved
group by d.agency_code
order by late desc, due_in_3_days desc, d.agency_code asc;
