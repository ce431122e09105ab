-- vi: Điểm bộ chỉ số 766 của từng đơn vị trong năm mới nhất, trên số điểm chấm được?
-- en: Points of the 766 index by agency in the newest year, out of those that could be scored?
-- asked by: lãnh đạo tỉnh, Văn phòng UBND tỉnh; leaders, the office of the People's Committee
with newest as (
    select max(year) as year
    from rpt_score_766
    where period_type = 'year'
)

select
    s.agency_code,
    a.agency_name,
    s.year,
    round(s.points, 2) as points,
    s.scored_max_points,
    s.max_points,
    round(s.points / s.scored_max_points, 4) as share_of_scored
from rpt_score_766 as s
inner join newest on s.year = newest.year
inner join dim_agency as a on s.agency_code = a.agency_code
where
    s.period_type = 'year'
    and s.line_kind = 'total'
    and s.points is not null
order by share_of_scored desc, s.agency_code asc;
