{#
  Definitions of "on time" by name (domain.md §2.7). Each gives early, on_time, late, or the cause why a
  resolved dossier is in no class; null for a dossier that is not resolved.
#}
{% macro class_by_date() -%}
    case when ended_on < due_on then 'early' when ended_on = due_on then 'on_time' else 'late' end
{%- endmacro %}

{# R_PLAIN: dates are compared and nothing is absorbed. #}
{% macro class_r_plain() -%}
    case
        when not is_resolved then null
        when status_code = 7 then 'withdrawn'
        when status_code = 8 then 'stopped'
        when due_on is null then 'no_due_date'
        else {{ class_by_date() }}
    end
{%- endmacro %}

{# R_DATE: the same, but no due date and withdrawn count as on time, as one provincial product prints it. #}
{% macro class_r_date() -%}
    case
        when not is_resolved then null
        when due_on is null or status_code = 7 then 'on_time'
        else {{ class_by_date() }}
    end
{%- endmacro %}

{# R_TRA: the moment of handing over the result against the due moment. #}
{% macro class_r_tra() -%}
    case
        when not is_resolved then null
        when due_at is null then 'no_due_date'
        when returned_at is null then 'not_returned'
        when returned_at < due_at then 'early'
        when returned_at = due_at then 'on_time'
        else 'late'
    end
{%- endmacro %}

{# The rules by name and the column of fct_dossier that holds the class. #}
{% macro dossier_rules() %}
    {{- return({'R_PLAIN': 'class_r_plain', 'R_DATE': 'class_r_date', 'R_TRA': 'class_r_tra'}) -}}
{% endmacro %}

{# The rule that headline figures use; a name that is no rule must not empty the reports silently. #}
{% macro default_rule() %}
    {%- set rule_code = var('default_rule') -%}
    {%- if execute and rule_code not in dossier_rules() -%}
        {% do exceptions.raise_compiler_error(rule_code ~ ' is no rule of "on time"; there are ' ~ dossier_rules() | join(', ')) %}
    {%- endif -%}
    {{- return(rule_code) -}}
{% endmacro %}
