{# The batches that this build takes in; the build flow fills audit.pending_batches. #}
{% macro pending(alias='_batch_id') %}{{ alias }} in (select batch_id from {{ source('audit', 'pending_batches') }}){% endmacro %}

{# as_of: the newest export that the build knows of. The same whenever it is computed from the same batches. #}
{% macro as_of() %}(select max(cast(exported_at as timestamp)) from {{ source('audit', 'batches') }}){% endmacro %}
