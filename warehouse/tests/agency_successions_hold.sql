-- What the list of successions must keep, so that nothing is lost or counted twice: the shares of an agency on one day
-- make a whole and only a split has parts; an agency that begins on a day does not end on it; one that has ended changes
-- no more, unless something was succeeded by its code.
with shares as (
    select
        from_code,
        valid_on,
        max(case when from_code = to_code then 1 else 0 end) as goes_on
    from {{ ref('agency_successions') }}
    group by from_code, valid_on
),

ended as (
    select
        shares.from_code,
        shares.valid_on,
        lag(shares.valid_on) over (partition by shares.from_code order by shares.valid_on) as previous_on
    from shares
)

select
    from_code,
    valid_on,
    'shares' as fault
from {{ ref('agency_successions') }}
group by from_code, valid_on
having sum(weight) <> 1 or min(weight) <= 0 or count(*) <> count(distinct to_code)

union all

select
    from_code,
    valid_on,
    'kind' as fault
from {{ ref('agency_successions') }}
where (kind = 'split') <> (weight < 1)

union all

select
    successions.to_code as from_code,
    successions.valid_on,
    'same day' as fault
from {{ ref('agency_successions') }} as successions
inner join shares on successions.to_code = shares.from_code and successions.valid_on = shares.valid_on
where shares.goes_on = 0

union all

select
    ended.from_code,
    ended.valid_on,
    'ended' as fault
from ended
where
    ended.previous_on is not null
    and not exists (
        select 1 from {{ ref('agency_successions') }} as arrivals
        where
            arrivals.to_code = ended.from_code
            and arrivals.valid_on >= ended.previous_on
            and arrivals.valid_on < ended.valid_on
    )
