{# Whether a line of Zimbra's audit log is a person's login (domain.md §2.5). #}
{% macro is_human_login() -%}
    (
        account is not null
        and error is null
        and command = 'Auth'
        and coalesce(original_protocol, '') <> 'smtp'
        and coalesce(port, '') <> '7073'
    )
{%- endmacro %}

{# A list of accounts tells of the month that had just ended when it was made. #}
{% macro month_of_list() %}{{ month_of("_exported_at - interval '1' day") }}{% endmacro %}
