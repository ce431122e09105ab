-- The current version of each step. A step has no agency of its own: it is the one in the dossier's code.
{{ config(
    materialized='incremental', incremental_strategy='delete+insert', unique_key=['dossier_code', 'step_number']
) }}

with touched as (
    {{ newest_versions(
        ref('stg_igate__steps'),
        ['dossier_code', 'step_number'],
        where_touched(ref('stg_igate__steps'), ['dossier_code', 'step_number']),
        order='_exported_at desc, _row_number desc, _batch_id desc'
    ) }}
)

select
    touched.dossier_code,
    touched.step_number,
    coalesce(codes.agency_code, {{ agency_of_dossier('touched.dossier_code') }}) as agency_code,
    touched.status_code,
    touched.started_at,
    touched.processed_at,
    touched.due_at,
    cast({{ hours_between('touched.started_at', 'touched.processed_at') }} as double) as duration_hours,
    touched._exported_at as as_of,
    touched._batch_id as batch_id,
    touched._source_file as source_file,
    touched._row_number as row_number
from touched
left join {{ ref('int_agency__codes') }} as codes
    on {{ agency_of_dossier('touched.dossier_code') }} = codes.any_code
