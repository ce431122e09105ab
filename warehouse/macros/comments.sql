{# Writes every description into the database, Vietnamese and English, so that any client shows it. #}
{% macro write_comments() %}
    {% if execute and flags.WHICH in ('build', 'run') %}
        {% set statements = [] %}
        {% for node in graph.nodes.values() if node.resource_type == 'model' and node.schema == 'marts' %}
            {% set table = node.schema ~ '.' ~ node.name %}
            {% do statements.append('comment on table ' ~ table ~ ' is ' ~ in_both_languages(node)) %}
            {% for column in node.columns.values() %}
                {% do statements.append('comment on column ' ~ table ~ '.' ~ column.name ~ ' is ' ~ in_both_languages(column)) %}
            {% endfor %}
        {% endfor %}
        {# In one transaction: a commit for each of the hundreds would wait for the disk each time. #}
        {% if statements %}{% do run_query('begin;\n' ~ statements | join(';\n') ~ ';\ncommit') %}{% endif %}
    {% endif %}
{% endmacro %}

{% macro in_both_languages(described) %}
    {%- set vi = (described.config.meta if described.config else described.meta).get('vi', '') -%}
    {{- return("'" ~ (vi.strip() ~ ' — ' ~ described.description.strip()) | replace("'", "''") ~ "'") -}}
{% endmacro %}
