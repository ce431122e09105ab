{# A cell that holds a list between semicolons: one row for each item, with its place from 1. Two columns. #}
{% macro listed_items(column, item, place) %}{{ return(adapter.dispatch('listed_items', 'cchc')(column, item, place)) }}{% endmacro %}
{% macro default__listed_items(column, item, place) -%}
    unnest(string_split({{ column }}, ';')) as {{ item }},
    generate_subscripts(string_split({{ column }}, ';'), 1) as {{ place }}
{%- endmacro %}

{# Names of one thing as people write them, made comparable: case, blanks and the kind of apostrophe do not count. #}
{% macro name_key(column) %}{{ return(adapter.dispatch('name_key', 'cchc')(column)) }}{% endmacro %}
{% macro default__name_key(column) -%}
    lower(regexp_replace(replace(trim({{ column }}), '’', ''''), '\s+', ' ', 'g'))
{%- endmacro %}
