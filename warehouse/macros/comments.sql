{# Writes every description into the database, Vietnamese and English, so that any client shows it. #}
{% macro write_comments() %}
    {% if execute and flags.WHICH in ('build', 'run') %}
        {% for node in graph.nodes.values() if node.resource_type == 'model' and node.schema == 'marts' %}
            {% set vi = node.config.meta.get('vi', '') %}
            {% do run_query("comment on table " ~ node.schema ~ "." ~ node.name ~ " is '"
                ~ (vi ~ ' — ' ~ node.description).strip() | replace("'", "''") ~ "'") %}
            {% for column in node.columns.values() %}
                {% set vi = column.config.meta.get('vi', '') if column.config else column.meta.get('vi', '') %}
                {% do run_query("comment on column " ~ node.schema ~ "." ~ node.name ~ "." ~ column.name ~ " is '"
                    ~ (vi ~ ' — ' ~ column.description).strip() | replace("'", "''") ~ "'") %}
            {% endfor %}
        {% endfor %}
    {% endif %}
{% endmacro %}
