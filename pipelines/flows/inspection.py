"""The figures of an administrative-reform inspection of one agency (đoàn kiểm tra CCHC).

Everything is read from the published marts (or, with ``as_of``, from a build of what was known on
that day), so that a figure in a report and a figure in a dashboard cannot differ.
"""

from __future__ import annotations

from datetime import date

import duckdb

from pipelines.domain.errors import WrongUse
from pipelines.flows import inspection_dossiers, inspection_figures, inspection_sources
from pipelines.flows.inspection_parts import Inspection
from pipelines.settings import Settings
from pipelines.storage.home import Home
from pipelines.storage.snapshots import open_current


def inspection(settings: Settings, *, agency: str, start: date, end: date, as_of: date | None = None) -> Inspection:
    """The figures of one agency for the months from ``start`` to ``end``, both included.

    Args:
        settings: the installation.
        agency: code of the agency, of either generation (``H15.07`` or ``000.00.07.H15``).
        start: any day of the first month.
        end: any day of the last month.
        as_of: only what had been exported by then; the published snapshot when None.

    Raises:
        WrongUse: there is no such agency, or the period is upside down.
    """
    if end < start:
        raise WrongUse(
            f"The period ends ({end:%Y-%m}) before it starts ({start:%Y-%m}).",
            next_step="Give the earlier month to --from.",
        )
    connection = _marts(settings, as_of)
    try:
        return inspect_marts(connection, agency, (start.replace(day=1), end.replace(day=1)), settings.default_rule)
    finally:
        connection.close()


def inspect_marts(
    connection: duckdb.DuckDBPyConnection, agency: str, months: tuple[date, date], rule: str
) -> Inspection:
    """The same from an open database; ``months`` are first days.

    Raises:
        WrongUse: there is no such agency.
    """
    code, name, name_en = _agency(connection, agency)
    split = inspection_dossiers.split(connection, code, months, rule)
    figures = inspection_figures.figures(connection, code, months)
    posts, posts_na = inspection_figures.website_posts(connection, code, months)
    initiatives, initiatives_na = inspection_figures.initiatives(connection, code, months)
    as_of = connection.execute("select max(as_of)::varchar from marts.rpt_dossier_resolution").fetchone()
    return Inspection(
        agency_code=code,
        agency_name=name,
        agency_name_en=name_en,
        start=months[0],
        end=months[1],
        rule_code=rule,
        **split.counts,
        causes=split.causes,
        pending=inspection_dossiers.pending(connection, code, months, rule),
        late_dossiers=inspection_dossiers.late_resolved(connection, code, months, rule),
        late_open=inspection_dossiers.late_open(connection, code, months),
        figures=figures,
        definitions=inspection_figures.definitions(connection, figures),
        survey=inspection_figures.survey(connection, code, months),
        ranking=inspection_figures.ranking(connection, code, months),
        website_posts=posts,
        website_na_reason=posts_na,
        initiatives=initiatives,
        initiatives_na_reason=initiatives_na,
        signals=inspection_figures.signals(connection, code, months),
        sources=inspection_sources.sources(connection, code, months),
        as_of=as_of[0] if as_of and as_of[0] else "",
    )


def _marts(settings: Settings, as_of: date | None) -> duckdb.DuckDBPyConnection:
    home = Home(settings.home)
    if as_of is None:
        return open_current(home)
    from pipelines.flows.build import build

    database = build(settings, as_of=as_of).database
    return duckdb.connect(str(database), read_only=True)


def _agency(connection: duckdb.DuckDBPyConnection, agency: str) -> tuple[str, str, str]:
    found = connection.execute(
        "select agency_code, agency_name, coalesce(agency_name_en, agency_name) from marts.dim_agency "
        "where agency_code = $1 or legacy_code = $1",
        [agency],
    ).fetchone()
    if found is None:
        raise WrongUse(f"There is no agency {agency}.", next_step="Codes are in the table marts.dim_agency.")
    return found[0], found[1], found[2]
