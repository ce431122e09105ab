-- The newest version of each line of the aggregate forms 06a and 06b, with the agency that its name means, if any.
-- A line may be a sector or a section: then there is no agency.
with named as (
    select
        {{ name_key('agency_name') }} as name_key,
        min(agency_code) as agency_code
    from {{ ref('dim_agency') }}
    group by {{ name_key('agency_name') }}
    having count(*) = 1
),

placed as (
    select
        *,
        row_number() over (
            partition by unit_name, period_from, period_to order by _exported_at desc, _row_number desc, _batch_id desc
        ) as place
    from {{ ref('stg_igate__form06') }}
    where period_from is not null and period_to is not null
)

select
    placed.unit_name,
    named.agency_code,
    placed.period_from,
    placed.period_to,
    placed.received_total,
    placed.received_online,
    placed.received_direct,
    placed.carried_over,
    placed.resolved_total,
    placed.resolved_early,
    placed.resolved_on_time,
    placed.resolved_late,
    placed.pending_total,
    placed.pending_in_time,
    placed.pending_late,
    placed._batch_id as batch_id,
    placed._source_file as source_file,
    placed._row_number as row_number
from placed
left join named on {{ name_key('placed.unit_name') }} = named.name_key
where placed.place = 1
