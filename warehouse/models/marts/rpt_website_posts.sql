-- Posts on the agencies' websites, as the newest list tells, by agency and month.
with newest as (
    {{ newest_told(
        ref('stg_reference__website_posts'), ref('int_agency__codes'), ['month', 'post_count'], month_of('month')
    ) }}
)

select
    agency_code,
    {{ month_of('month') }} as month,
    post_count,
    {{ as_of() }} as as_of,
    _batch_id as batch_id,
    _source_file as source_file,
    _row_number as row_number
from newest
