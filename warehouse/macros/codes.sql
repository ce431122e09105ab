{# A dossier's code begins with the code of the agency that received it: 000.00.12.H15-210105-0001. #}
{% macro agency_of_dossier(column) %}split_part({{ column }}, '-', 1){% endmacro %}

{# The eight characters that both forms of a procedure's code share: 1.005129 of 1.005129.000.00.00.H15. #}
{% macro procedure_stem(column) %}substr({{ column }}, 1, 8){% endmacro %}

{# Whether a text has the form of an agency's code, old or new (domain.md §2.1); anything else may be personal. #}
{% macro is_agency_code(column) %}{{ return(adapter.dispatch('is_agency_code', 'cchc')(column)) }}{% endmacro %}
{% macro default__is_agency_code(column) -%}
    regexp_full_match({{ column }}, '\d{3}\.\d{2}\.\d{2}\.[A-Z]\d{2}|[A-Z]\d{2}(\.\d{2,3}){0,4}')
{%- endmacro %}

{# Documents and files that are not ordinary are left out of every indicator. #}
{% macro is_secret(column) %}(coalesce({{ column }}, 'Thường') <> 'Thường'){% endmacro %}

{# The day and the counter in a dossier's code, of either form: -210105-0001 and -20260609-0092637 (domain.md §2.1). #}
{% macro day_of_dossier(column) -%}
    {%- set day = "split_part(" ~ column ~ ", '-', 2)" -%}
    {{ as_date(
        "case length(" ~ day ~ ")"
        ~ " when 6 then concat('20', substr(" ~ day ~ ", 1, 2), '-', substr(" ~ day ~ ", 3, 2), '-', substr(" ~ day ~ ", 5, 2))"
        ~ " when 8 then concat(substr(" ~ day ~ ", 1, 4), '-', substr(" ~ day ~ ", 5, 2), '-', substr(" ~ day ~ ", 7, 2))"
        ~ " end"
    ) }}
{%- endmacro %}

{% macro counter_of_dossier(column) %}{{ as_integer("split_part(" ~ column ~ ", '-', 3)") }}{% endmacro %}
