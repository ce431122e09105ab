-- vi: Văn bản đi: bao nhiêu gửi điện tử, có chữ ký số cá nhân, cơ quan, và điện tử hoàn toàn, theo đơn vị?
-- en: Outgoing documents: how many went out electronically, signed by a person, by the agency, wholly, by agency?
-- asked by: Văn phòng UBND tỉnh; the office of the People's Committee
with counted as (
    select
        agency_code,
        count(*) as outgoing,
        count(*) filter (where is_electronic) as electronic,
        count(*) filter (where is_electronic and is_signed_by_person) as signed_by_person,
        count(*) filter (where is_electronic and is_signed_by_agency) as signed_by_agency,
        count(*) filter (where is_fully_electronic) as wholly
    from fct_document
    where direction = 'outgoing' and not is_secret
    group by agency_code
)

select
    c.agency_code,
    a.agency_name,
    c.outgoing,
    c.electronic,
    c.signed_by_person,
    c.signed_by_agency,
    c.wholly,
    round(c.wholly / c.outgoing, 4) as wholly_share
from counted as c
left join dim_agency as a on c.agency_code = a.agency_code
order by wholly_share asc, c.agency_code asc;
