{# Canonical text to types. What differs by engine is dispatched; a value that does not cast is null. #}
{% macro as_timestamp(column) %}{{ return(adapter.dispatch('as_timestamp', 'cchc')(column)) }}{% endmacro %}
{% macro default__as_timestamp(column) %}try_cast({{ column }} as timestamp){% endmacro %}

{% macro as_date(column) %}{{ return(adapter.dispatch('as_date', 'cchc')(column)) }}{% endmacro %}
{% macro default__as_date(column) %}try_cast({{ column }} as date){% endmacro %}

{% macro as_integer(column) %}{{ return(adapter.dispatch('as_integer', 'cchc')(column)) }}{% endmacro %}
{% macro default__as_integer(column) %}try_cast({{ column }} as integer){% endmacro %}

{% macro as_bigint(column) %}{{ return(adapter.dispatch('as_bigint', 'cchc')(column)) }}{% endmacro %}
{% macro default__as_bigint(column) %}try_cast({{ column }} as bigint){% endmacro %}

{% macro as_decimal(column) %}{{ return(adapter.dispatch('as_decimal', 'cchc')(column)) }}{% endmacro %}
{% macro default__as_decimal(column) %}try_cast({{ column }} as decimal(18, 4)){% endmacro %}

{% macro as_boolean(column) %}({{ column }} = 'true'){% endmacro %}

{% macro median_of(column) %}{{ return(adapter.dispatch('median_of', 'cchc')(column)) }}{% endmacro %}
{% macro default__median_of(column) %}cast(median({{ column }}) as double){% endmacro %}

{# What the row of the newest moment has. #}
{% macro value_of_newest(column, moment) -%}
    {{- return(adapter.dispatch('value_of_newest', 'cchc')(column, moment)) -}}
{%- endmacro %}
{% macro default__value_of_newest(column, moment) %}arg_max({{ column }}, {{ moment }}){% endmacro %}

{# Where a row comes from; in every staging model. #}
{% macro lineage() -%}
    _batch_id,
    _source_file,
    _row_number,
    {{ as_timestamp('_exported_at') }} as _exported_at
{%- endmacro %}
