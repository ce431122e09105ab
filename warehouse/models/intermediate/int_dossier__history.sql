-- What all exported versions of a dossier tell together, as the fingerprints of domain.md §0.4 and §5. A night looks
-- at the dossiers that it touches, by their own exports or their steps', and at no other.
{{ config(materialized='incremental', incremental_strategy='delete+insert', unique_key='dossier_code') }}

with versions as (
    select
        dossier_code,
        status_code,
        due_at,
        ended_at,
        supplement_requested_at,
        document_count,
        _exported_at,
        row_number() over (partition by dossier_code order by {{ newest_first() }}) as place,
        lead(ended_at) over (partition by dossier_code order by {{ newest_first() }}) as former_ended_at,
        lead(status_code) over (partition by dossier_code order by {{ newest_first() }}) as former_status_code
    from {{ ref('stg_igate__dossiers') }}
    {{ where_dossier_touched(ref('stg_igate__dossiers'), ref('stg_igate__steps')) }}
),

compared as (
    select
        *,
        -- The month in which the former version ended was closed when this one was exported with another end.
        former_ended_at is not null
        and (ended_at is null or former_ended_at <> ended_at)
        and _exported_at
        >= {{ month_of('former_ended_at') }} + interval '1' month + interval '{{ var("closing_days") }}' day
            as is_end_changed,
        former_status_code = 3 and coalesce(status_code, 0) <> 3 as is_reversed,
        supplement_requested_at between due_at - interval '1' day and due_at as is_near_due
    from versions
),

told as (
    select
        dossier_code,
        count(*) as version_count,
        max(case when place = 1 then document_count end) as document_count,
        max(case when is_end_changed then 1 else 0 end) = 1 as is_end_changed_after_close,
        max(case when is_end_changed then former_ended_at end) as ended_at_before,
        max(case when is_reversed then 1 else 0 end) = 1 as is_refusal_reversed,
        max(case when is_near_due then supplement_requested_at end) as supplement_near_due_at
    from compared
    group by dossier_code
)

select
    dossiers.dossier_code,
    dossiers.agency_code,
    dossiers.procedure_code,
    dossiers.status_code,
    dossiers.received_month,
    dossiers.resolved_month,
    dossiers.is_received,
    dossiers.is_resolved,
    dossiers.received_at,
    dossiers.due_at,
    dossiers.ended_at,
    told.version_count,
    coalesce(codes.agency_code, {{ agency_of_dossier('dossiers.dossier_code') }}) as code_agency_code,
    {{ day_of_dossier('dossiers.dossier_code') }} as code_on,
    {{ counter_of_dossier('dossiers.dossier_code') }} as code_number,
    coalesce(dossiers.ended_at = dossiers.due_at, false) as is_end_at_due,
    clocks.last_step_at,
    coalesce(dossiers.is_resolved and dossiers.ended_at < clocks.last_step_at, false) as is_end_before_last_step,
    dossiers.due_at is null as is_undated,
    coalesce(dossiers.supplement_count > 1, false) as is_supplement_repeated,
    dossiers.supplement_count,
    dossiers.due_date_count > 1 as is_due_moved,
    dossiers.due_date_count,
    told.is_end_changed_after_close,
    told.ended_at_before,
    told.is_refusal_reversed,
    told.supplement_near_due_at,
    coalesce({{ day_of_dossier('dossiers.dossier_code') }} > cast(dossiers.received_at as date), false)
        as is_back_dated,
    coalesce(dossiers.channel = 2 and dossiers.status_code = 3 and told.document_count = 0, false)
        as is_refused_without_documents,
    dossiers.status_code in (9, 10) and not dossiers.has_electronic_result as is_without_file,
    dossiers.batch_id,
    dossiers.source_file,
    dossiers.row_number
from told
inner join {{ ref('fct_dossier') }} as dossiers on told.dossier_code = dossiers.dossier_code
left join {{ ref('int_dossier__clock') }} as clocks on told.dossier_code = clocks.dossier_code
left join {{ ref('int_agency__codes') }} as codes
    on {{ agency_of_dossier('dossiers.dossier_code') }} = codes.any_code
