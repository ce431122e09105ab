{# Of several exports of one thing the newest holds; ties go to the later change, then to the later row. #}
{% macro newest_first() -%}
    _exported_at desc, updated_at desc nulls last, _row_number desc, _batch_id desc
{%- endmacro %}

{# The keys that more than one version has. `touched` is what where_touched gives. #}
{% macro keys_of_several(relation, keys, touched) -%}
    select {{ keys | join(', ') }} from {{ relation }}
    {{ touched }}
    group by {{ keys | join(', ') }}
    having count(*) > 1
{%- endmacro %}

{#
  The newest version of each key of a staging model, with all columns. A night puts the versions of what it touches in
  their order. Where everything is built, whole rows would have to be sorted by the million: most have no other version
  beside them, and of the others those that are not the newest are told by their lineage.
#}
{% macro newest_versions(relation, keys, touched, order=none) -%}
    select *
    from
    {%- if is_incremental() %} (
        select
            *,
            row_number() over (partition by {{ keys | join(', ') }} order by {{ order or newest_first() }}) as place
        from {{ relation }}
        {{ touched }}
    ) as placed
    where place = 1
    {%- else %} {{ relation }}
    where (_batch_id, _row_number) not in (
        select
            _batch_id,
            _row_number
        from (
            select
                _batch_id,
                _row_number,
                row_number() over (partition by {{ keys | join(', ') }} order by {{ order or newest_first() }}) as place
            from {{ relation }}
            where ({{ keys | join(', ') }}) in ({{ keys_of_several(relation, keys, touched) }})
        ) as placed
        where place > 1
    )
    {%- endif %}
{%- endmacro %}
