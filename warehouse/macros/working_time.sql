{#
  Working time without a row-by-row loop. A moment's position is the working time, in seconds, that had passed when it
  came; time between two moments is the difference of their positions, and a deadline is a position that is looked up.
  `day` names a row of int_working_time__days, joined on the moment's date (for positions: on seconds_before). Null
  where the calendar does not tell. Hours, days off and their certainty are seeds (domain.md §2.6).
#}

{# A moment's position; nights, lunch and days off stand still. #}
{% macro working_position(moment, day) -%}
    case
        when {{ day }}.run_number is null then null
        when not {{ day }}.is_working_day then {{ day }}.seconds_before
        else
            {{ day }}.seconds_before
            + {{ clamped(0, seconds_between(day ~ '.morning_starts_at', moment), day ~ '.morning_seconds') }}
            + {{ clamped(0, seconds_between(day ~ '.afternoon_starts_at', moment), day ~ '.afternoon_seconds') }}
    end
{%- endmacro %}

{% macro clamped(lowest, value, highest) %}least(greatest({{ value }}, {{ lowest }}), {{ highest }}){% endmacro %}

{# Number of the working day on which a clock starts that is set going at a moment: after hours the next one. #}
{% macro first_working_day(moment, day) -%}
    case
        when {{ day }}.run_number is null then null
        when {{ day }}.is_working_day and {{ moment }} < {{ day }}.afternoon_ends_at then {{ day }}.working_day_number
        else {{ day }}.working_day_number + 1
    end
{%- endmacro %}

{# Whether a position lies within a day. What falls on the end of one day is the beginning of the next. #}
{% macro is_within(position, day) -%}
    ({{ position }} >= {{ day }}.seconds_before and {{ position }} < {{ day }}.seconds_before + {{ day }}.seconds_of_day)
{%- endmacro %}

{# The last moment of a position within its day. #}
{% macro moment_of(position, day) -%}
    case
        when {{ position }} - {{ day }}.seconds_before < {{ day }}.morning_seconds
            then {{ plus_seconds(day ~ '.morning_starts_at', position ~ ' - ' ~ day ~ '.seconds_before') }}
        else
            {{ plus_seconds(
                day ~ '.afternoon_starts_at',
                position ~ ' - ' ~ day ~ '.seconds_before - ' ~ day ~ '.morning_seconds'
            ) }}
    end
{%- endmacro %}

{# Whole minutes of a number of seconds. #}
{% macro whole_minutes(seconds) %}cast(floor({{ seconds }} / 60.0) as bigint){% endmacro %}

{# A day's moment at an hour of the clock. #}
{% macro at_time(day, hour) %}{{ return(adapter.dispatch('at_time', 'cchc')(day, hour)) }}{% endmacro %}
{% macro default__at_time(day, hour) %}({{ day }} + {{ hour }}){% endmacro %}

{% macro plus_seconds(moment, seconds) -%}
    {{- return(adapter.dispatch('plus_seconds', 'cchc')(moment, seconds)) -}}
{%- endmacro %}
{% macro default__plus_seconds(moment, seconds) %}({{ moment }} + to_seconds(cast({{ seconds }} as bigint))){% endmacro %}

{% macro plus_days(day, days) %}{{ return(adapter.dispatch('plus_days', 'cchc')(day, days)) }}{% endmacro %}
{% macro default__plus_days(day, days) %}({{ day }} + cast({{ days }} as integer)){% endmacro %}
