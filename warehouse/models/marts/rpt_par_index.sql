-- PAR index and rank by agency and year, with the movement since the year before and since the first that is known.
-- A rank that was not published is empty with its reason, never 0 and never guessed (domain.md §0.8).
with placed as (
    select
        *,
        row_number() over (
            partition by agency_code, year order by _exported_at desc, _row_number desc, _batch_id desc
        ) as place
    from (
        select
            coalesce(codes.agency_code, ranks.agency_code) as agency_code,
            ranks.year,
            ranks.score,
            ranks.rank,
            ranks.ranked_count,
            ranks.not_published_reason,
            ranks._batch_id,
            ranks._source_file,
            ranks._row_number,
            ranks._exported_at
        from {{ ref('stg_reference__par_index') }} as ranks
        left join {{ ref('int_agency__codes') }} as codes on ranks.agency_code = codes.any_code
    ) as mapped
),

newest as (
    select * from placed
    where place = 1
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
