{# Months, and time between two moments. What differs by engine is dispatched. #}
{% macro month_of(column) %}cast(date_trunc('month', {{ column }}) as date){% endmacro %}

{% macro year_of(column) %}cast(date_trunc('year', {{ column }}) as date){% endmacro %}

{% macro quarter_of(column) %}cast(date_trunc('quarter', {{ column }}) as date){% endmacro %}

{# Whole seconds since the beginning of 1970. #}
{% macro seconds_of(column) %}{{ return(adapter.dispatch('seconds_of', 'cchc')(column)) }}{% endmacro %}
{% macro default__seconds_of(column) %}cast(floor(epoch({{ column }})) as bigint){% endmacro %}

{% macro hours_between(earlier, later) %}{{ return(adapter.dispatch('hours_between', 'cchc')(earlier, later)) }}{% endmacro %}
{% macro default__hours_between(earlier, later) %}(date_diff('second', {{ earlier }}, {{ later }}) / 3600.0){% endmacro %}

{% macro seconds_between(earlier, later) %}{{ return(adapter.dispatch('seconds_between', 'cchc')(earlier, later)) }}{% endmacro %}
{% macro default__seconds_between(earlier, later) %}date_diff('second', {{ earlier }}, {{ later }}){% endmacro %}

{% macro days_between(earlier, later) %}{{ return(adapter.dispatch('days_between', 'cchc')(earlier, later)) }}{% endmacro %}
{% macro default__days_between(earlier, later) %}date_diff('day', {{ earlier }}, {{ later }}){% endmacro %}

{% macro months_between(earlier, later) %}{{ return(adapter.dispatch('months_between', 'cchc')(earlier, later)) }}{% endmacro %}
{% macro default__months_between(earlier, later) %}date_diff('month', {{ earlier }}, {{ later }}){% endmacro %}

{# A relation of one timestamp column, day. #}
{% macro days_from_to(first, last) %}{{ return(adapter.dispatch('days_from_to', 'cchc')(first, last)) }}{% endmacro %}
{% macro default__days_from_to(first, last) -%}
    generate_series(timestamp '{{ first }}', timestamp '{{ last }}', interval '1 day') as days (day)
{%- endmacro %}

{% macro iso_weekday(column) %}{{ return(adapter.dispatch('iso_weekday', 'cchc')(column)) }}{% endmacro %}
{% macro default__iso_weekday(column) %}cast(extract(isodow from {{ column }}) as integer){% endmacro %}

{# First day of a year that is a number. #}
{% macro first_of_year(column) %}{{ return(adapter.dispatch('first_of_year', 'cchc')(column)) }}{% endmacro %}
{% macro default__first_of_year(column) %}make_date({{ column }}, 1, 1){% endmacro %}
