-- vi: Số liệu của tỉnh và Cổng DVCQG khác nhau ở đâu, hai chiều, và đồng bộ chậm bao lâu?
-- en: Where do our figures and the national portal's differ, both ways, and how late is the synchronisation?
-- asked by: Sở Thông tin và Truyền thông; the department of information and communications
select
    agency_code,
    sum(our_count) as ours,
    sum(their_count) as theirs,
    sum(difference) as difference,
    sum(both_count) as both_sides,
    sum(only_ours_count) as only_ours,
    sum(only_theirs_count) as only_theirs,
    round(max(median_lag_hours), 2) as longest_median_lag_hours
from rpt_reconciliation
where compared_with = 'national_portal'
group by agency_code
order by only_ours + only_theirs desc, agency_code asc;
