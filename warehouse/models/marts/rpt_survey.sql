-- The yearly survey of satisfaction, one of three series that are never mixed: the others are the rating of single
-- dossiers and line 5.4 of the 766 index (domain.md §6). Of too few respondents nothing is shown.
with newest as (
    {{ newest_told(
        ref('stg_reference__survey'), ref('int_agency__codes'), ['year', 'respondent_count', 'satisfaction_percent'], 'year'
    ) }}
),

judged as (
    select
        *,
        coalesce(respondent_count < {{ var('min_group') }}, false) as is_small
    from newest
)

select
    agency_code,
    year,
    case when not is_small then respondent_count end as respondent_count,
    case when not is_small then cast(satisfaction_percent * 0.01 as double) end as satisfaction,
    cast({{ var('satisfaction_threshold') }} as double) as threshold,
    case
        when not is_small then cast(satisfaction_percent * 0.01 as double) >= {{ var('satisfaction_threshold') }}
    end as is_reached,
    case when is_small then 'small_group' end as na_reason,
    {{ as_of() }} as as_of,
    _batch_id as batch_id,
    _source_file as source_file,
    _row_number as row_number
from judged
