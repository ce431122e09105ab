-- PAR index and rank by agency and year, with the movement since the year before and since the first that is known.
-- A rank that was not published is empty with its reason, never 0 and never guessed (domain.md §0.8).
with newest as (
    {{ newest_told(
        ref('stg_reference__par_index'),
        ref('int_agency__codes'),
        ['year', 'score', 'rank', 'ranked_count', 'not_published_reason'],
        'year'
    ) }}
),

ranked as (
    select
        agency_code,
        year,
        rank,
        lag(year) over (partition by agency_code order by year) as previous_year,
        lag(rank) over (partition by agency_code order by year) as previous_rank,
        first_value(year) over (partition by agency_code order by year) as first_year,
        first_value(rank) over (partition by agency_code order by year) as first_rank
    from newest
    where rank is not null
)

select
    newest.agency_code,
    newest.year,
    newest.score,
    newest.rank,
    newest.ranked_count,
    ranked.previous_year,
    ranked.previous_rank,
    ranked.previous_rank - newest.rank as change_since_previous,
    case when ranked.first_year < newest.year then ranked.first_year end as first_year,
    case when ranked.first_year < newest.year then ranked.first_rank end as first_rank,
    case when ranked.first_year < newest.year then ranked.first_rank - newest.rank end as change_since_first,
    case when newest.rank is null then coalesce(nullif(newest.not_published_reason, ''), 'not_published') end
        as na_reason,
    {{ as_of() }} as as_of,
    newest._batch_id as batch_id,
    newest._source_file as source_file,
    newest._row_number as row_number
from newest
left join ranked on newest.agency_code = ranked.agency_code and newest.year = ranked.year
