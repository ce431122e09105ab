{# The batches that this build takes in; the build flow fills audit.pending_batches. #}
{% macro pending(alias='_batch_id') -%}
    {{ alias }} in (select batch_id from {{ source('audit', 'pending_batches') }})
{%- endmacro %}

{# as_of: the newest export that the build knows of. The same whenever it is computed from the same batches. #}
{% macro as_of() -%}
    (select max(cast(exported_at as timestamp)) from {{ source('audit', 'batches') }})
{%- endmacro %}

{#
  The rows of a staging model that an incremental fact has to look at: every version of the keys that this build
  touches; all of them when the list of agencies is new, for then any code may map otherwise.
#}
{% macro where_touched(relation, keys) -%}
    {%- if is_incremental() -%}
        where
            ({{ keys | join(', ') }}) in (
                select {{ keys | join(', ') }} from {{ relation }}
                where {{ pending() }}
            )
            or exists (
                select 1 from {{ source('audit', 'pending_batches') }}
                where source = 'reference' and stream = 'agencies'
            )
    {%- endif -%}
{%- endmacro %}

{#
  The same for what is said of a dossier, which its steps, the list of procedures and that of agencies bear on too.
#}
{% macro where_dossier_touched(dossiers, steps) -%}
    {%- if is_incremental() -%}
        where
            dossier_code in (
                select touched.dossier_code from {{ dossiers }} as touched
                where {{ pending('touched._batch_id') }}
                union all
                select touched.dossier_code from {{ steps }} as touched
                where {{ pending('touched._batch_id') }}
            )
            or exists (
                select 1 from {{ source('audit', 'pending_batches') }}
                where source = 'reference' and stream in ('agencies', 'procedures')
            )
    {%- endif -%}
{%- endmacro %}

{# The newest full list of a stream that is always exported whole. #}
{% macro of_newest_list(relation) -%}
    _batch_id = (
        select max(lists._batch_id) from {{ relation }} as lists
        where lists._exported_at = (select max(newest._exported_at) from {{ relation }} as newest)
    )
{%- endmacro %}
