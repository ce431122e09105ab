-- vi: Mức độ hài lòng và xếp hạng CCHC của từng sở, huyện qua các năm?
-- en: Satisfaction and rank of the PAR index of departments and districts over the years?
-- asked by: lãnh đạo tỉnh, Sở Nội vụ; leaders, the department of home affairs
select
    coalesce(p.agency_code, s.agency_code) as agency_code,
    coalesce(p.year, s.year) as year,
    round(s.satisfaction, 4) as satisfaction,
    s.respondent_count,
    s.is_reached,
    p.score,
    p.rank,
    p.ranked_count,
    p.change_since_previous,
    p.na_reason as no_rank_because
from rpt_par_index as p
full join rpt_survey as s on p.agency_code = s.agency_code and p.year = s.year
order by agency_code, year;
