{# The day whose agencies are those of the constant geography: var geography_date, else the newest export. #}
{% macro geography_date() -%}
    {%- if var('geography_date') -%}date '{{ var('geography_date') }}'{%- else -%}cast({{ as_of() }} as date){%- endif -%}
{%- endmacro %}

{#
  Columns of a relation in the default geography, as successor_code, weight, is_moved and only_renamed beside them:
  a row for each agency that takes some of it over. `geography` is the bridge, `day` names the column
  that tells when the figure was made.
#}
{% macro in_constant_geography(relation, geography, day) -%}
    select
        told.*,
        coalesce(geography.successor_code, told.agency_code) as successor_code,
        coalesce(geography.weight, cast(1 as decimal(18, 12))) as weight,
        coalesce(geography.successor_code <> told.agency_code, false) as is_moved,
        coalesce(geography.only_renamed, true) as only_renamed
    from {{ relation }} as told
    left join {{ geography }} as geography
        on
            geography.is_default
            and told.agency_code = geography.agency_code
            and (geography.figures_from is null or told.{{ day }} >= geography.figures_from)
            and (geography.figures_before is null or told.{{ day }} < geography.figures_before)
{%- endmacro %}
