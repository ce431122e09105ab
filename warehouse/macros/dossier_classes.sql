{#
  Definitions of "on time" by name (domain.md §2.7). Each gives early, on_time, late, or the cause why a
  resolved dossier is in no class; null for a dossier that is not resolved.
#}

{# What counts as received and as resolved, by the register's columns. #}
{% macro is_received() %}status_code not in (1, 3){% endmacro %}
{% macro is_resolved() %}(ended_at is not null and status_code in (7, 8, 9, 10)){% endmacro %}

{# Whether a step leaves its dossier waiting for the citizen. #}
{% macro is_pausing_step() -%}
    (status_code in ({{ var('pausing_statuses') | join(', ') }}) and processed_at is not null)
{%- endmacro %}

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

{#
  R_766: the log's end against the due moment; a second request for supplements makes it late; without a due date
  what the law allows, waiting left out (domain.md §1.2 line 2.1).
#}
{% macro class_r_766() -%}
    case
        when not is_resolved then null
        when request_count > 1 then 'late'
        when due_766_at is null then due_na_reason
        when judged_end_at < due_766_at then 'early'
        when judged_end_at = due_766_at then 'on_time'
        else 'late'
    end
{%- endmacro %}

{# R_GL: no later than due is early ("Sớm"); there is no class on_time. #}
{% macro class_r_gl() -%}
    case
        when not is_resolved then null
        when due_at is null then 'no_due_date'
        when ended_at <= due_at then 'early'
        else 'late'
    end
{%- endmacro %}

{# R_STRICT: the log's end against the due moment that the working calendar gives; on the due day it is on time. #}
{% macro class_r_strict() -%}
    case
        when not is_resolved then null
        when status_code = 7 then 'withdrawn'
        when status_code = 8 then 'stopped'
        when due_recomputed_at is null then due_na_reason
        when judged_end_at > due_recomputed_at then 'late'
        when cast(judged_end_at as date) < cast(due_recomputed_at as date) then 'early'
        else 'on_time'
    end
{%- endmacro %}

{# The rules by name and the column of fct_dossier that holds the class. #}
{% macro dossier_rules() %}
    {{- return({
        'R_PLAIN': 'class_r_plain',
        'R_DATE': 'class_r_date',
        'R_TRA': 'class_r_tra',
        'R_766': 'class_r_766',
        'R_GL': 'class_r_gl',
        'R_STRICT': 'class_r_strict',
    }) -}}
{% endmacro %}

{# Causes for which a resolved dossier is in no class. #}
{% macro unexplained_causes() %}
    {{- return(['no_due_date', 'withdrawn', 'stopped', 'not_returned', 'no_limit', 'no_calendar']) -}}
{% endmacro %}

{# What a share is of, by name: see rpt_on_time_rate. #}
{% macro dossier_denominators() %}
    {{- return(['RESOLVED', 'CLASSED', 'RECEIVED', 'HANDLED']) -}}
{% endmacro %}

{# The rule that headline figures use; a name that is no rule must not empty the reports silently. #}
{% macro default_rule() %}
    {{- return(known_name('default_rule', dossier_rules() | list, 'rule of "on time"')) -}}
{% endmacro %}

{# The column of fct_dossier that holds its class. #}
{% macro default_class() %}class_{{ default_rule() | lower }}{% endmacro %}

{# What their shares are of. #}
{% macro default_denominator() %}
    {{- return(known_name('default_denominator', dossier_denominators(), 'denominator')) -}}
{% endmacro %}

{% macro known_name(variable, names, kind) %}
    {%- if execute and var(variable) not in names -%}
        {% do exceptions.raise_compiler_error(var(variable) ~ ' is no ' ~ kind ~ '; there are ' ~ names | join(', ')) %}
    {%- endif -%}
    {{- return(var(variable)) -}}
{% endmacro %}
