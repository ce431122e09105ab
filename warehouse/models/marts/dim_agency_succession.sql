-- Which agency came after which, and from which day on (domain.md §3): the seed agency_successions, and whether each
-- row holds. A code means what the list of agencies says: a row that names its agencies holds only where the newest
-- list gives them these names, or does not know the code.
with listed as (
    select
        agency_code,
        {{ name_key('agency_name') }} as name
    from {{ ref('stg_reference__agencies') }}
    where {{ of_newest_list(ref('stg_reference__agencies')) }}
),

numbered as (
    select
        *,
        row_number() over (order by from_code, valid_on, to_code) as edge
    from {{ ref('agency_successions') }}
),

asked as (
    {% for side in ('from', 'to') -%}
        select
            edge,
            {{ side }}_code as agency_code,
            {{ listed_items(side ~ '_name', 'name', 'place') }}
        from numbered
        where {{ side }}_name is not null
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

judged as (
    select
        asked.edge,
        asked.agency_code,
        max(case when {{ name_key('asked.name') }} = listed.name then 1 else 0 end) as is_right
    from asked
    inner join listed on asked.agency_code = listed.agency_code
    group by asked.edge, asked.agency_code
),

wrong as (
    select distinct edge
    from judged
    where is_right = 0
)

select
    numbered.from_code,
    numbered.to_code,
    numbered.valid_on,
    numbered.kind,
    numbered.weight,
    wrong.edge is null as is_applied,
    numbered.from_name,
    numbered.to_name,
    numbered.source,
    numbered.certainty,
    numbered.weight_certainty,
    numbered.note_vi,
    numbered.note_en,
    {{ as_of() }} as as_of
from numbered
left join wrong on numbered.edge = wrong.edge
