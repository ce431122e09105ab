-- vi: Văn bản đi: bao nhiêu gửi điện tử, có chữ ký số cá nhân, cơ quan, và điện tử hoàn toàn, theo đơn vị?
-- en: Outgoing documents: how many went out electronically, signed by a person, by the agency, wholly, by agency?
-- asked by: Văn phòng UBND tỉnh; the office of the People's Committee
select
    d.agency_code,
    any_value(a.agency_name) as agency_name,
    count(*) as outgoing,
    count(*) filter (where d.is_electronic) as electronic,
    count(*) filter (where d.is_electronic and d.is_signed_by_person) as signed_by_person,
    count(*) filter (where d.is_electronic and d.is_signed_by_agency) as signed_by_agency,
    count(*) filter (where d.is_fully_electronic) as wholly,
    round(count(*) filter (where d.is_fully_electronic) / count(*), 4) as wholly_share
from fct_document as d
left join dim_agency as a on d.agency_code = a.agency_code
where d.direction = 'outgoing' and not d.is_secret
group by d.agency_code
order by wholly_share, d.agency_code;
