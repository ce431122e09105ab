{# Lists inside a record, kept as JSON text in one column: [{"item": 1, "<field>": "<canonical text>"}, …] or null. #}

{# A relation of one row for each item: the columns of keep, the lineage of the parent, item and the fields. #}
{% macro child_items(relation, column, fields, keep) %}
{{- return(adapter.dispatch('child_items', 'cchc')(relation, column, fields, keep)) -}}
{% endmacro %}
{% macro default__child_items(relation, column, fields, keep) -%}
(
    select
        {{ keep | join(', ') }},
        _batch_id,
        _source_file,
        _row_number,
        _exported_at,
        child.item as item
        {%- for field in fields %},
        child.{{ field }} as {{ field }}
        {%- endfor %}
    from (
        select
            {{ keep | join(', ') }},
            _batch_id,
            _source_file,
            _row_number,
            _exported_at,
            unnest(from_json({{ column }}, {{ child_shape(fields) }})) as child
        from {{ relation }}
        where {{ column }} like '[%'
    )
)
{%- endmacro %}

{% macro child_shape(fields) -%}
'[{"item": "INTEGER"{% for field in fields %}, "{{ field }}": "VARCHAR"{% endfor %}}]'
{%- endmacro %}

{# How many items; null where there is no list. #}
{% macro child_count(column) %}{{ return(adapter.dispatch('child_count', 'cchc')(column)) }}{% endmacro %}
{% macro default__child_count(column) -%}
case when {{ column }} like '[%' then cast(json_array_length({{ column }}) as integer) end
{%- endmacro %}

{# Sum and latest of a field over the items; null where there is none. #}
{% macro child_sum(column, field) %}{{ return(adapter.dispatch('child_sum', 'cchc')(column, field)) }}{% endmacro %}
{% macro default__child_sum(column, field) -%}
case when {{ column }} like '[%' then cast(
    list_sum(list_transform(json_extract_string({{ column }}, '$[*].{{ field }}'), lambda v: try_cast(v as decimal(18, 4))))
    as decimal(18, 4)
) end
{%- endmacro %}

{% macro child_latest(column, field) %}{{ return(adapter.dispatch('child_latest', 'cchc')(column, field)) }}{% endmacro %}
{% macro default__child_latest(column, field) -%}
case when {{ column }} like '[%' then try_cast(
    list_max(json_extract_string({{ column }}, '$[*].{{ field }}')) as timestamp
) end
{%- endmacro %}

{# Whether any item has a field. #}
{% macro child_has(column, field) %}{{ return(adapter.dispatch('child_has', 'cchc')(column, field)) }}{% endmacro %}
{% macro default__child_has(column, field) -%}
coalesce(list_count(json_extract_string({{ column }}, '$[*].{{ field }}')) > 0, false)
{%- endmacro %}

{# Whether a field is true of any item; null where no item tells of it. #}
{% macro child_any(column, field) %}{{ return(adapter.dispatch('child_any', 'cchc')(column, field)) }}{% endmacro %}
{% macro default__child_any(column, field) -%}
case
    when list_contains(json_extract_string({{ column }}, '$[*].{{ field }}'), 'true') then true
    when list_contains(json_extract_string({{ column }}, '$[*].{{ field }}'), 'false') then false
end
{%- endmacro %}
