-- vi: Bao nhiêu hộp thư công vụ được dùng trong tháng mới nhất, theo cấp? Nhóm bị ẩn được đếm, không hiện số.
-- en: How many official mailboxes were in use in the newest month, by level? Hidden groups are counted, not shown.
-- asked by: Sở Thông tin và Truyền thông; the department of information and communications
select
    a.level,
    m.month,
    count(*) as agencies,
    count(*) filter (where m.is_suppressed) as hidden_agencies,
    sum(m.account_count) filter (where not m.is_suppressed) as mailboxes_shown,
    sum(m.active_count) as active,
    round(sum(m.active_count) / sum(m.account_count) filter (where not m.is_suppressed), 4) as share
from fct_mailbox_month as m
inner join dim_agency as a on m.agency_code = a.agency_code
where m.month = (select max(months.month) from fct_mailbox_month as months)
group by a.level, m.month
order by a.level;
