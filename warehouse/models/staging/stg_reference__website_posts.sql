select
    agency_code,
    {{ as_date('month') }} as month,
    {{ as_integer('post_count') }} as post_count,
    {{ lineage() }}
from {{ source('raw', 'reference__website_posts') }}
