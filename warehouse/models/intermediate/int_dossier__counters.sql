-- The daily counters in the codes of dossiers, by agency and day: numbers missing between the first and the last seen.
-- A counter may start above 1 (domain.md §2.1), so what lies before the first is not counted.
select
    code_agency_code as agency_code,
    code_on,
    count(distinct code_number) as number_count,
    max(code_number) - min(code_number) + 1 - count(distinct code_number) as missing_count,
    max(code_number) as last_number
from {{ ref('int_dossier__history') }}
where code_on is not null and code_number is not null
group by code_agency_code, code_on
