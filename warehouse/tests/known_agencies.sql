-- Every agency of a fact is on the list of agencies, or rpt_quality says that it is not.
with codes as (
    select distinct agency_code from {{ ref('fct_dossier') }}
    union
    select distinct agency_code from {{ ref('fct_document') }}
    union
    select distinct agency_code from {{ ref('fct_work_file') }}
)

select codes.agency_code
from codes
left join {{ ref('dim_agency') }} as agencies on codes.agency_code = agencies.agency_code
left join {{ ref('rpt_quality') }} as quality
    on codes.agency_code = quality.agency_code and quality.rule_code = 'unknown_agency'
where agencies.agency_code is null and quality.agency_code is null
