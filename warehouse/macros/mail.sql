{# Whether an account is the mail server's own. Names of such accounts are kept, those of people are hashed. #}
{% macro is_system_account(column) -%}
    (
        {{ column }} like 'galsync%@%'
        or {{ column }} like 'spam.%@%'
        or {{ column }} like 'virus-quarantine.%@%'
        or {{ column }} like 'zimbra@%'
    )
{%- endmacro %}

{# Whether an address is one by which Exchange's servers probe themselves or work for themselves. #}
{% macro is_exchange_own(column) -%}
    (
        coalesce({{ column }}, '') like '%mailbox%@%'
        or coalesce({{ column }}, '') like 'inboundproxy@%'
        or coalesce({{ column }}, '') like 'maildelivery@%'
        or coalesce({{ column }}, '') like 'migration.%@%'
        or coalesce({{ column }}, '') like 'federatedemail.%@%'
    )
{%- endmacro %}

{# Whether a line of Zimbra's logs is use by a person: no failure, no administrator at the console or acting for
   someone else, no password check of the SMTP server (domain.md §2.5). `succeeded` tells a login that went well. #}
{% macro is_human_login(succeeded="error is null and command = 'Auth'") -%}
    (
        account is not null
        and {{ succeeded }}
        and coalesce(original_protocol, '') <> 'smtp'
        and coalesce(port, '') not in ('7071', '7073')
        and coalesce(thread, '') not like '%/service/admin/%'
        and acting_admin is null
        and not {{ is_system_account('account') }}
    )
{%- endmacro %}

{# Uses of each account in each month, by batch: `counts` names the one count that they are (login_count,
   mailbox_login_count or send_count), `what` what is counted. #}
{% macro account_uses(relation, account, moment, counts, condition, what='*') -%}
    select
        {{ account }} as account,
        {{ month_of(as_timestamp(moment)) }} as month,
        _batch_id,
        {% for name in ('login_count', 'mailbox_login_count', 'send_count') -%}
            {{ 'count(' ~ what ~ ')' if name == counts else '0' }} as {{ name }}{{ '' if loop.last else ',' }}
        {% endfor -%}
    from {{ relation }}
    where {{ condition }}
    group by {{ account }}, {{ month_of(as_timestamp(moment)) }}, _batch_id
{%- endmacro %}

{# One row for each address of a list between semicolons; an empty list is one row without an address. #}
{% macro each_address(column) %}{{ return(adapter.dispatch('each_address', 'cchc')(column)) }}{% endmacro %}
{% macro default__each_address(column) %}nullif(unnest(string_split(coalesce({{ column }}, ''), ';')), ''){% endmacro %}

{# A list of accounts tells of the month that had just ended when it was made. #}
{% macro month_of_list() %}{{ month_of("_exported_at - interval '1' day") }}{% endmacro %}
