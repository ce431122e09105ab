-- Who handled something in a system in a month, by batch, as pseudonyms; never published. A row without a person says
-- that the system told of work there but not of whose. A night adds its own rows and looks at nothing else.
{{ config(materialized='incremental', incremental_strategy='delete+insert', unique_key='_batch_id') }}

with told as (
    select
        'igate' as system,
        {{ agency_of_dossier('dossier_code') }} as agency_code,
        officer_name as person,
        {{ month_of(as_timestamp('processed_at')) }} as month,
        _batch_id
    from {{ source('raw', 'igate__steps') }}
    where processed_at is not null

    union all

    select
        'idesk' as system,
        agency_code,
        creator_name as person,
        {{ month_of(as_date('opened_on')) }} as month,
        _batch_id
    from {{ source('raw', 'idesk__work_files') }}
    where not {{ is_secret('secrecy') }}

    union all

    select
        'idesk' as system,
        agency_code,
        signer_name as person,
        {{ month_of(as_date('issued_on')) }} as month,
        _batch_id
    from {{ source('raw', 'idesk__outgoing') }}
    where not {{ is_secret('secrecy') }}

    union all

    -- The receiver may be an office; its hash matches no one.
    select
        'idesk' as system,
        agency_code,
        assignee as person,
        {{ month_of(as_timestamp('assigned_at')) }} as month,
        _batch_id
    from {{ source('raw', 'idesk__incoming') }}
    where assigned_at is not null and not {{ is_secret('secrecy') }}
)

select
    system,
    agency_code,
    person,
    month,
    _batch_id,
    count(*) as use_count
from told
group by system, agency_code, person, month, _batch_id
