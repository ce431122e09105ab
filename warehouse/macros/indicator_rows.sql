{#
  A row for each indicator, agency and month out of counts that stand side by side. `parts` are
  (indicator_code, relation, numerator, denominator), the last two names of columns.
  only_with_denominator: leave months out in which there was nothing to count of.
#}
{% macro indicator_rows(parts, only_with_denominator=false) -%}
{% for indicator_code, relation, numerator, denominator in parts %}
    select
        '{{ indicator_code }}' as indicator_code,
        agency_code,
        month,
        {{ numerator }} as numerator,
        {{ denominator }} as denominator
    from {{ relation }}
    {% if only_with_denominator %}where {{ denominator }} > 0{% endif %}
    {% if not loop.last %}union all{% endif %}
{% endfor %}
{%- endmacro %}
