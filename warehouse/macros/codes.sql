{# A dossier's code begins with the code of the agency that received it: 000.00.12.H15-210105-0001. #}
{% macro agency_of_dossier(column) %}split_part({{ column }}, '-', 1){% endmacro %}
