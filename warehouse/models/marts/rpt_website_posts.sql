-- Posts on the agencies' websites, as the newest list tells, by agency and month.
with placed as (
    select
        *,
        row_number() over (
            partition by agency_code, month order by _exported_at desc, _row_number desc, _batch_id desc
        ) as place
    from (
        select
            coalesce(codes.agency_code, posts.agency_code) as agency_code,
            {{ month_of('posts.month') }} as month,
            posts.post_count,
            posts._batch_id,
            posts._source_file,
            posts._row_number,
            posts._exported_at
        from {{ ref('stg_reference__website_posts') }} as posts
        left join {{ ref('int_agency__codes') }} as codes on posts.agency_code = codes.any_code
    ) as mapped
)

select
    agency_code,
    month,
    post_count,
    {{ as_of() }} as as_of,
    _batch_id as batch_id,
    _source_file as source_file,
    _row_number as row_number
from placed
where place = 1
