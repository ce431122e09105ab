-- For each day on which agencies changed, which agencies of that day take the figures of an older one over, and what
-- share of them: chains of successions with the product of their weights. An agency without a row stands for itself.
-- A figure goes the way of the first change after it was made; one that is told under a code that had ended already
-- goes the way of that end, until something is succeeded by the code again (decision 0015).
with recursive edges as (
    select
        from_code,
        to_code,
        valid_on,
        kind = 'rename' as is_renamed,
        weight
    from {{ ref('dim_agency_succession') }}
    where is_applied
),

geographies as (
    select distinct valid_on as geography_date
    from edges
),

default_geography as (
    select max(geography_date) as geography_date
    from geographies
    where geography_date <= {{ geography_date() }}
),

-- The days on which something happened to an agency.
changes as (
    select
        from_code,
        valid_on as changed_on,
        lag(valid_on) over (partition by from_code order by valid_on) as previous_on
    from edges
    group by from_code, valid_on
),

-- From an arrival on a code stands for the agency as it then is.
arrivals as (
    select distinct
        to_code,
        valid_on as arrived_on
    from edges
),

spans as (
    select
        changes.from_code,
        changes.changed_on,
        changes.previous_on,
        min(case when arrivals.arrived_on >= changes.previous_on then arrivals.arrived_on end) as figures_from,
        min(case when arrivals.arrived_on >= changes.changed_on then arrivals.arrived_on end) as figures_before
    from changes
    left join arrivals on changes.from_code = arrivals.to_code
    group by changes.from_code, changes.changed_on, changes.previous_on
),

steps as (
    select
        spans.from_code,
        spans.changed_on,
        spans.previous_on,
        edges.to_code,
        edges.weight,
        edges.is_renamed
    from spans
    inner join edges on spans.from_code = edges.from_code and spans.changed_on = edges.valid_on
),

-- A change of a later day goes on from where the earlier one led to.
chains as (
    select
        geographies.geography_date,
        steps.from_code as agency_code,
        steps.changed_on,
        steps.to_code as successor_code,
        steps.changed_on as reached_on,
        cast(steps.weight as decimal(18, 12)) as weight,
        steps.is_renamed as only_renamed
    from steps
    inner join geographies on steps.changed_on <= geographies.geography_date

    union all

    select
        chains.geography_date,
        chains.agency_code,
        chains.changed_on,
        steps.to_code as successor_code,
        steps.changed_on as reached_on,
        cast(chains.weight * steps.weight as decimal(18, 12)) as weight,
        chains.only_renamed and steps.is_renamed as only_renamed
    from chains
    inner join steps
        on
            chains.successor_code = steps.from_code
            and chains.reached_on < steps.changed_on
            and chains.reached_on >= coalesce(steps.previous_on, date '0001-01-01')
            and chains.geography_date >= steps.changed_on
),

ends as (
    select chains.*
    from chains
    left join changes
        on
            chains.successor_code = changes.from_code
            and chains.reached_on < changes.changed_on
            and chains.geography_date >= changes.changed_on
    where changes.from_code is null
)

select
    ends.geography_date,
    ends.agency_code,
    ends.changed_on,
    ends.successor_code,
    spans.figures_from,
    spans.figures_before,
    cast(sum(ends.weight) as decimal(18, 12)) as weight,
    min(case when ends.only_renamed then 1 else 0 end) = 1 as only_renamed,
    coalesce(ends.geography_date = (select chosen.geography_date from default_geography as chosen), false)
        as is_default,
    {{ as_of() }} as as_of
from ends
inner join spans on ends.agency_code = spans.from_code and ends.changed_on = spans.changed_on
group by
    ends.geography_date,
    ends.agency_code,
    ends.changed_on,
    ends.successor_code,
    spans.figures_from,
    spans.figures_before
