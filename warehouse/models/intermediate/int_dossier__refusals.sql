-- Each step of refusal with what came after it. Steps stand in the order of time: a system need not number them, nor
-- number them without gaps.
with refused as (
    select distinct dossier_code
    from {{ ref('fct_dossier_step') }}
    where status_code = 3
),

ordered as (
    select
        *,
        lead(status_code) over (partition by dossier_code order by started_at, step_number) as next_status_code,
        lead(started_at) over (partition by dossier_code order by started_at, step_number) as next_started_at
    from {{ ref('fct_dossier_step') }}
    where started_at is not null and dossier_code in (select refused.dossier_code from refused)
)

select
    dossier_code,
    step_number,
    agency_code,
    {{ month_of('started_at') }} as month,
    started_at,
    next_started_at,
    coalesce(next_status_code in (2, 4), false) as is_reversed,
    batch_id,
    source_file,
    row_number
from ordered
where status_code = 3
