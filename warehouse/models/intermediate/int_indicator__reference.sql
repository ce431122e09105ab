-- Figures that come as figures: the yearly survey, the PAR index with its rank. The survey tells a
-- share and no numerator; a rank that was not published is empty (domain.md §0.8), rpt_par_index has the reason given.
select
    'SURVEY_SATISFACTION' as indicator_code,
    agency_code,
    'year' as period_type,
    {{ first_of_year('year') }} as period_start,
    cast(null as bigint) as numerator,
    cast(respondent_count as bigint) as denominator,
    satisfaction as value,
    na_reason
from {{ ref('rpt_survey') }}

union all

select
    'PAR_SCORE' as indicator_code,
    agency_code,
    'year' as period_type,
    {{ first_of_year('year') }} as period_start,
    cast(null as bigint) as numerator,
    cast(null as bigint) as denominator,
    cast(score as double) as value,
    case when score is null then 'not_published' end as na_reason
from {{ ref('rpt_par_index') }}

union all

select
    'PAR_RANK' as indicator_code,
    agency_code,
    'year' as period_type,
    {{ first_of_year('year') }} as period_start,
    cast(rank as bigint) as numerator,
    cast(ranked_count as bigint) as denominator,
    cast(rank as double) as value,
    case when rank is null then 'not_published' end as na_reason
from {{ ref('rpt_par_index') }}
