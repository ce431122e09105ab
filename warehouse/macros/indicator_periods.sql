{#
  Figures by month as months, quarters and years. A quarter and a year add up what happened in the months that are shown
  and take their newest stock, so that no hidden month can be found by subtraction. `flags`: columns of which the larger
  stands.
#}
{% macro indicator_periods(months, flags=[]) -%}
    select
        indicator_code,
        agency_code,
        'month' as period_type,
        month as period_start,
        numerator + stock_numerator as numerator,
        denominator + stock_denominator as denominator,
        {% for flag in flags -%}
            {{ flag }},
        {% endfor -%}
        na_reason
    from {{ months }}
{% for period_type, period_start in [('quarter', quarter_of('month')), ('year', year_of('month'))] %}
    union all

    select
        indicator_code,
        agency_code,
        '{{ period_type }}' as period_type,
        {{ period_start }} as period_start,
        {% for column in ('numerator', 'denominator') -%}
            sum(case when na_reason is null then {{ column }} else 0 end)
            + {{ value_of_newest('stock_' ~ column, 'month') }} as {{ column }},
        {% endfor -%}
        {% for flag in flags -%}
            max({{ flag }}) as {{ flag }},
        {% endfor -%}
        case when count(*) = count(na_reason) then min(na_reason) end as na_reason
    from {{ months }}
    group by indicator_code, agency_code, {{ period_start }}
{% endfor %}
{%- endmacro %}

{# Last day of a period. #}
{% macro period_end(period_type, period_start) -%}
    cast(
        case {{ period_type }}
            when 'month' then {{ period_start }} + interval '1' month
            when 'quarter' then {{ period_start }} + interval '3' month
            else {{ period_start }} + interval '1' year
        end - interval '1' day as date
    )
{%- endmacro %}

{# The value of a figure, and why there is none; `counted` are figures, `indicators` the catalogue. #}
{% macro indicator_value() -%}
    case
        when counted.na_reason is not null then null
        when counted.value is not null then counted.value
        when indicators.unit = 'count' then cast(counted.numerator as double)
        when counted.denominator > 0 then cast(counted.numerator as double) / counted.denominator
    end
{%- endmacro %}

{% macro indicator_na_reason() -%}
    case
        when counted.na_reason is not null then counted.na_reason
        when counted.value is null and counted.denominator = 0 then 'no_denominator'
    end
{%- endmacro %}
