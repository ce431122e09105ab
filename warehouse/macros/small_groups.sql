{# What may not be shown of staff: groups under var min_group, and parts of a group, or what they leave over, that are
   smaller (domain.md §1.6): from 19 of 20 anyone could tell who the twentieth is. None and all are statements about
   the whole group. #}
{% macro is_small_group(part, whole) -%}
    (
        {{ whole }} < {{ var('min_group') }}
        or {{ part }} between 1 and {{ var('min_group') }} - 1
        or {{ whole }} - {{ part }} between 1 and {{ var('min_group') }} - 1
    )
{%- endmacro %}

{# The same of what two figures of one group differ by. #}
{% macro is_small_difference(one, other) %}(abs({{ one }} - {{ other }}) between 1 and {{ var('min_group') }} - 1){% endmacro %}
