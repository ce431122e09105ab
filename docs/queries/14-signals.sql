-- vi: Dấu hiệu nào ở đơn vị nào cao hơn hẳn mặt bằng chung của tỉnh? Dấu hiệu không phải là kết luận vi phạm.
-- en: Which signals stand out in which agency against the province's base rate? A signal is not an accusation.
-- asked by: đoàn kiểm tra CCHC; the inspection team
with province as (
    select
        signal_code,
        sum(affected_count) / sum(base_count) as base_rate
    from rpt_signals
    group by signal_code
)

select
    s.signal_code,
    s.agency_code,
    sum(s.affected_count) as affected,
    sum(s.base_count) as could_be,
    round(sum(s.affected_count) / sum(s.base_count), 4) as share,
    round(any_value(p.base_rate), 4) as base_rate,
    round(sum(s.affected_count) / sum(s.base_count) / any_value(p.base_rate), 1) as times_base_rate
from rpt_signals as s
inner join province as p on s.signal_code = p.signal_code
group by s.signal_code, s.agency_code
having sum(s.base_count) >= 5 and sum(s.affected_count) / sum(s.base_count) > any_value(p.base_rate)
order by times_base_rate desc, affected desc, s.signal_code asc, s.agency_code asc;
