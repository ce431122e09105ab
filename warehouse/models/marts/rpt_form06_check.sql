-- The identities that form 06 must keep in itself (domain.md §2.4), one line each: the whole, its parts, what remains.
-- A part that the sheet leaves empty makes no identity; carried over is held against the sheet of the period before.
-- Of several that end on the day before (a month and its quarter) the shortest is taken.
with ended as (
    select
        unit_name,
        period_to,
        pending_total,
        row_number() over (partition by unit_name, period_to order by period_from desc) as place
    from {{ ref('int_form06__sheets') }}
),

chained as (
    select
        sheets.*,
        ended.pending_total as former_pending_total
    from {{ ref('int_form06__sheets') }} as sheets
    left join ended
        on
            sheets.unit_name = ended.unit_name
            and sheets.period_from = cast(ended.period_to + interval '1' day as date)
            and ended.place = 1
)

{% set identities = [
    ('received_is_online_direct_and_carried', 'received_total', 'received_online + received_direct + carried_over'),
    ('resolved_is_its_classes', 'resolved_total', 'resolved_early + resolved_on_time + resolved_late'),
    ('pending_is_in_time_and_late', 'pending_total', 'pending_in_time + pending_late'),
    ('received_is_resolved_and_pending', 'received_total', 'resolved_total + pending_total'),
    ('carried_over_was_pending', 'carried_over', 'former_pending_total'),
] -%}
{% for identity_code, whole, parts in identities %}
    select
        '{{ identity_code }}' as identity_code,
        unit_name,
        agency_code,
        period_from,
        period_to,
        cast({{ whole }} as bigint) as whole_count,
        cast({{ parts }} as bigint) as parts_count,
        cast({{ whole }} - ({{ parts }}) as bigint) as remainder,
        {{ whole }} = {{ parts }} as is_closed,
        {{ as_of() }} as as_of,
        batch_id,
        source_file,
        row_number
    from chained
    where {{ whole }} is not null and {{ parts }} is not null
    {% if not loop.last %}union all{% endif %}
{% endfor %}
