-- Figures that others have published, held against each other (domain.md §4): what closes, and what leaves a
-- remainder. The remainder is stated, never explained away.
with parts as (
    select
        listed.check_code,
        listed.place,
        figures.value,
        figures.na_reason,
        figures.unit,
        figures.place as stated_place,
        figures.place_of,
        lead(figures.value) over (partition by listed.check_code order by listed.place) as next_value
    from (
        select
            check_code,
            {{ listed_items('parts', 'figure_code', 'place') }}
        from {{ ref('published_checks') }}
    ) as listed
    left join {{ ref('published_figures') }} as figures on listed.figure_code = figures.figure_code
),

summed as (
    select
        check_code,
        sum(value) as parts_value,
        count(*) - count(value) as missing_count,
        count(*) filter (where value <= next_value) as out_of_order_count,
        count(*) filter (where value is not null or na_reason is null) as published_count,
        count(*) filter (
            where
            (unit in ('percent', 'points') and value not between 0 and 100)
            or stated_place not between 1 and place_of
        ) as out_of_bounds_count
    from parts
    group by check_code
),

compared as (
    select
        checks.check_code,
        checks.figure_row,
        checks.kind,
        checks.name_vi,
        checks.name_en,
        whole.value as whole_value,
        summed.parts_value,
        stated.value as stated_value,
        cast(checks.expected_remainder as decimal(18, 4)) as expected_remainder,
        cast(
            case
                when checks.kind = 'unpublished' then summed.published_count
                when summed.missing_count > 0 then null
                when checks.kind = 'sum' then whole.value - summed.parts_value
                when checks.kind = 'share'
                    then stated.value - round(100.0 * summed.parts_value / nullif(whole.value, 0), stated.decimals)
                when checks.kind = 'order' then summed.out_of_order_count
                when checks.kind = 'bounded' then summed.out_of_bounds_count
            end as decimal(18, 4)
        ) as remainder
    from {{ ref('published_checks') }} as checks
    inner join summed on checks.check_code = summed.check_code
    left join {{ ref('published_figures') }} as whole on checks.whole = whole.figure_code
    left join {{ ref('published_figures') }} as stated on checks.stated = stated.figure_code
)

select
    check_code,
    figure_row,
    kind,
    name_vi,
    name_en,
    whole_value,
    case when kind in ('sum', 'share') then cast(parts_value as decimal(18, 4)) end as parts_value,
    stated_value,
    remainder,
    expected_remainder,
    case
        when remainder is null then 'missing_figure'
        when remainder <> expected_remainder then 'differs'
        when remainder = 0 then 'closes'
        else 'known_remainder'
    end as verdict,
    {{ as_of() }} as as_of
from compared
