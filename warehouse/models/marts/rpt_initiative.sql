-- Reform initiatives that were recognised, each as the newest list that names it tells.
with newest as (
    {{ newest_told(
        ref('stg_reference__initiatives'),
        ref('int_agency__codes'),
        ['initiative_code', 'recognised_on', 'decision_number'],
        'initiative_code'
    ) }}
)

select
    initiative_code,
    agency_code,
    recognised_on,
    {{ month_of('recognised_on') }} as month,
    decision_number,
    {{ as_of() }} as as_of,
    _batch_id as batch_id,
    _source_file as source_file,
    _row_number as row_number
from newest
