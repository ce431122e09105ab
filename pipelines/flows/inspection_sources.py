"""Where the figures of an inspection come from: the files that brought the rows, by system."""

from __future__ import annotations

from datetime import date

import duckdb

from pipelines.flows.inspection_parts import SourceFile

# Rows of facts carry their file and when it was exported. What is added up from logs names its streams: there is no
# telling from it whose lines they are.
_QUERY = """
with used as (
    select 'igate' as system, 'dossiers' as stream, source_file, batch_id, as_of
    from marts.fct_dossier
    where agency_code = $1 and (resolved_month between $2 and $3 or received_month between $2 and $3)
    union all
    select 'idesk', direction, source_file, batch_id, as_of
    from marts.fct_document
    where agency_code = $1 and not is_secret
        and registered_on >= $2::date and registered_on < $3::date + interval 1 month
    union all
    select 'idesk', 'work_files', source_file, batch_id, as_of
    from marts.fct_work_file
    where agency_code = $1 and not is_secret
        and opened_on < $3::date + interval 1 month and coalesce(closed_on, $2::date) >= $2::date
    union all
    select 'survey', 'survey', source_file, batch_id, null
    from marts.rpt_survey where agency_code = $1 and year <= year($3::date)
    union all
    select 'par_index', 'par_index', source_file, batch_id, null
    from marts.rpt_par_index where agency_code = $1 and year <= year($3::date)
    union all
    select 'website', 'website_posts', source_file, batch_id, null
    from marts.rpt_website_posts where agency_code = $1 and month between $2 and $3
    union all
    select 'initiatives', 'initiatives', source_file, batch_id, null
    from marts.rpt_initiative where agency_code = $1 and month between $2 and $3
)
select system, stream, source_file, batch_id, count(*) as rows, max(as_of)::varchar as exported_at
from used group by system, stream, source_file, batch_id
union all
select 'mail', stream, stream, null, rows_loaded, last_exported_at::varchar
from marts.rpt_source_freshness
where source = 'mail'
    and exists (select 1 from marts.fct_mailbox_month where agency_code = $1 and month between $2 and $3)
order by 1, 2, 6, 3
"""


def sources(connection: duckdb.DuckDBPyConnection, code: str, months: tuple[date, date]) -> tuple[SourceFile, ...]:
    """Every file that a row of the agency's figures came with; of mail its streams."""
    return tuple(SourceFile(*row) for row in connection.execute(_QUERY, [code, *months]).fetchall())
