{#
  Common table expressions of int_dossier__clock that end in `told`: every pause that register or log tell of. Each
  request that any exported version of the register tells of, as the newest of them has it; each step of the log that
  leaves the dossier waiting, until the next step begins. They stand on its `versions` and `logs`.
#}
{% macro told_pauses(supplements, steps) -%}
requests as (
    select
        dossier_code,
        supplement_requested_at as paused_from,
        supplement_received_at as paused_until,
        row_number() over (
            partition by dossier_code, supplement_requested_at
            order by _exported_at desc, _row_number desc, _batch_id desc, supplement_number desc
        ) as place
    from {{ supplements }}
    where
        supplement_requested_at is not null
        {% if is_incremental() %}and dossier_code in (select versions.dossier_code from versions){% endif %}
),

pausing_logs as (
    select
        dossier_code,
        {{ is_pausing_step() }} as is_pausing,
        processed_at as paused_from,
        lead(started_at) over (partition by dossier_code order by step_number) as paused_until
    from {{ steps }}
    where
        dossier_code in (
            select logs.dossier_code from logs
            where logs.request_count > 0
        )
),

told as (
    select
        dossier_code,
        paused_from,
        paused_until
    from requests
    where place = 1

    union all

    select
        dossier_code,
        paused_from,
        paused_until
    from pausing_logs
    where is_pausing
)
{%- endmacro %}
