-- Figures that come as figures: the yearly survey, the PAR index with its rank, posts on websites. Of several exports the
-- newest holds. A rank that was not published is empty and says why (domain.md §0.8).
with surveys as (
    select
        coalesce(codes.agency_code, surveys.agency_code) as agency_code,
        {{ first_of_year('surveys.year') }} as period_start,
        surveys.respondent_count,
        surveys.satisfaction_percent,
        {{ newest_of('surveys', 'surveys.year') }} as place
    from {{ ref('stg_reference__survey') }} as surveys
    left join {{ ref('int_agency__codes') }} as codes on surveys.agency_code = codes.any_code
),

ranks as (
    select
        coalesce(codes.agency_code, ranks.agency_code) as agency_code,
        {{ first_of_year('ranks.year') }} as period_start,
        ranks.score,
        ranks.rank,
        ranks.ranked_count,
        {{ newest_of('ranks', 'ranks.year') }} as place
    from {{ ref('stg_reference__par_index') }} as ranks
    left join {{ ref('int_agency__codes') }} as codes on ranks.agency_code = codes.any_code
),

posts as (
    select
        coalesce(codes.agency_code, posts.agency_code) as agency_code,
        {{ month_of('posts.month') }} as month,
        posts.post_count,
        {{ newest_of('posts', month_of('posts.month')) }} as place
    from {{ ref('stg_reference__website_posts') }} as posts
    left join {{ ref('int_agency__codes') }} as codes on posts.agency_code = codes.any_code
)

select
    'SURVEY_SATISFACTION' as indicator_code,
    agency_code,
    'year' as period_type,
    period_start,
    cast(null as bigint) as numerator,
    cast(respondent_count as bigint) as denominator,
    cast(satisfaction_percent as double) / 100 as value,
    cast(null as varchar) as na_reason
from surveys
where place = 1

union all

select
    'PAR_SCORE' as indicator_code,
    agency_code,
    'year' as period_type,
    period_start,
    cast(null as bigint) as numerator,
    cast(null as bigint) as denominator,
    cast(score as double) as value,
    case when score is null then 'not_published' end as na_reason
from ranks
where place = 1

union all

select
    'PAR_RANK' as indicator_code,
    agency_code,
    'year' as period_type,
    period_start,
    cast(rank as bigint) as numerator,
    cast(ranked_count as bigint) as denominator,
    cast(rank as double) as value,
    case when rank is null then 'not_published' end as na_reason
from ranks
where place = 1

union all

select
    'WEBSITE_POSTS' as indicator_code,
    agency_code,
    'month' as period_type,
    month as period_start,
    cast(post_count as bigint) as numerator,
    cast(null as bigint) as denominator,
    cast(post_count as double) as value,
    cast(null as varchar) as na_reason
from posts
where place = 1

union all

select
    'WEBSITE_POSTS' as indicator_code,
    agency_code,
    'year' as period_type,
    {{ year_of('month') }} as period_start,
    cast(sum(post_count) as bigint) as numerator,
    cast(null as bigint) as denominator,
    cast(sum(post_count) as double) as value,
    cast(null as varchar) as na_reason
from posts
where place = 1
group by agency_code, {{ year_of('month') }}
