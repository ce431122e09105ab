{#
  Of a reference list that is not always exported whole: the newest row of each agency and period, under the agency's
  present code, which `codes` tells. `columns` are carried, with the lineage; `period` is of them.
#}
{% macro newest_told(relation, codes, columns, period) -%}
    select *
    from (
        select
            *,
            row_number() over (
                partition by agency_code, {{ period }} order by _exported_at desc, _row_number desc, _batch_id desc
            ) as place
        from (
            select
                coalesce(codes.agency_code, told.agency_code) as agency_code,
                {% for column in columns -%}
                    told.{{ column }},
                {% endfor -%}
                told._batch_id,
                told._source_file,
                told._row_number,
                told._exported_at
            from {{ relation }} as told
            left join {{ codes }} as codes on told.agency_code = codes.any_code
        ) as mapped
    ) as placed
    where place = 1
{%- endmacro %}
