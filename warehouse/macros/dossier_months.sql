{#
  What a rule says of a dossier that is open when a month ends (domain.md §2.7). A rule that compares days calls it late
  from the day after the due one on, a rule that compares moments from the due moment on. A month that is not over yet
  is looked at when the newest export was made (known_at).
#}

{# First month at whose end an open dossier is late by a rule; null if it is resolved before such a month ends. #}
{% macro late_month(late_at) -%}
    case
        when {{ late_at }} < known_at and (resolved_month is null or {{ month_of(late_at) }} < resolved_month)
            then {{ month_of(late_at) }}
    end
{%- endmacro %}

{# By rule, columns of int_dossier__month_changes: the first late month; the month from which it waits for supplements
   and so is not late, if the rule lets it wait; whether the rule knows of no due date. #}
{% macro open_rules() %}
    {{- return({
        'R_PLAIN': ['late_by_day', none, 'is_undated'],
        'R_DATE': ['late_by_day_unless_paused', 'waiting_month', 'false'],
        'R_TRA': ['late_by_moment', none, 'is_undated'],
        'R_766': ['late_766', 'waiting_766_month', 'is_undated_766'],
        'R_GL': ['late_by_moment', none, 'is_undated'],
        'R_STRICT': ['late_strict', none, 'is_undated_strict'],
    }) -}}
{% endmacro %}
