{# First day of a month, and hours between two moments. #}
{% macro month_of(column) %}cast(date_trunc('month', {{ column }}) as date){% endmacro %}
{% macro hours_between(earlier, later) %}{{ return(adapter.dispatch('hours_between', 'cchc')(earlier, later)) }}{% endmacro %}
{% macro default__hours_between(earlier, later) %}(date_diff('minute', {{ earlier }}, {{ later }}) / 60.0){% endmacro %}
