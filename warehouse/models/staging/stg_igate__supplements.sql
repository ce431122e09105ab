-- The last request for supplements that a register row tells of; how many there were is on the dossier.
{{ config(materialized='view') }}

select
    dossier_code,
    supplement_count,
    supplement_requested_at,
    supplement_received_at,
    _batch_id,
    _source_file,
    _row_number,
    _exported_at
from {{ ref('stg_igate__dossiers') }}
where supplement_requested_at is not null or supplement_count > 0
