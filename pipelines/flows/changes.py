"""What was changed in a period after it had closed: two states of the marts, each as known on a day, side by side.

Both states are built by the same models as every figure, so what a list of changes says and what a report said
cannot differ. Nothing is judged: a correction, a late export and a tidied figure look the same from here
(``domain.md`` §0.4, §5).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from pipelines.domain.errors import WrongUse
from pipelines.domain.formulas import guarded_sql
from pipelines.flows.change_queries import DOCUMENTS, DOSSIERS, INDICATORS, RESOLUTION
from pipelines.settings import Settings
from pipelines.storage.engine import open_engine, quote_name, quote_text
from pipelines.storage.home import Home
from pipelines.storage.snapshots import current_snapshot

SHOWN_ROWS = 1000


@dataclass(frozen=True)
class KindCount:
    """How many dossiers or documents of an agency changed in one way."""

    agency_code: str
    agency_name: str
    subject: str
    kind: str
    count: int


@dataclass(frozen=True)
class Moved:
    """One figure of an agency over the period, as known then and now. Counts; ``code`` is a measure or an indicator."""

    agency_code: str
    agency_name: str
    code: str
    part: str
    known: int | None
    now: int | None


@dataclass(frozen=True)
class ChangedRow:
    """One change of one dossier or document, with the line that brought it."""

    agency_code: str
    subject: str
    code: str
    kind: str
    known_value: str | None
    now_value: str | None
    source_file: str | None
    row_number: int | None


@dataclass(frozen=True)
class Changes:
    """Changes of a closed period. ``rows`` are the first of ``row_count``; the CSV holds all."""

    start: date
    end: date
    known_as_of: str
    now_as_of: str
    rule_code: str
    agency_code: str | None
    row_count: int
    kinds: tuple[KindCount, ...]
    figures: tuple[Moved, ...]
    rows: tuple[ChangedRow, ...]


@dataclass(frozen=True)
class Period:
    """First days of the first and the last month, and the agency that is asked for, if one."""

    first: date
    last: date
    agency: str | None = None


def changes(
    settings: Settings, period: Period, *, known: date, now: date | None = None, csv: Path | None = None
) -> Changes:
    """What changed in a period between what was known on one day and what is known on a later one.

    Args:
        settings: the installation.
        period: the closed months, and the agency, of either generation of codes; all agencies when None.
        known: the earlier day; the marts are built as of its end.
        now: the later day; what is published when None.
        csv: also write every change there, as CSV.

    Raises:
        WrongUse: the days or months are upside down, there is no such agency, or nothing is published.
    """
    if period.last < period.first:
        raise WrongUse(
            f"The period ends ({period.last:%Y-%m}) before it starts ({period.first:%Y-%m}).",
            next_step="Give the earlier month to --from.",
        )
    if now is not None and now <= known:
        raise WrongUse(
            f"--now ({now}) is not later than --known ({known}).",
            next_step="Give a later day to --now, or leave it out to compare with what is published.",
        )
    from pipelines.flows.build import build

    then = build(settings, as_of=known).database
    later = current_snapshot(Home(settings.home)) if now is None else build(settings, as_of=now).database
    with open_engine(Home(settings.home), **settings.engine) as connection:
        connection.execute(f"attach {quote_text(then)} as known (read_only)")
        connection.execute(f"attach {quote_text(later)} as later (read_only)")
        return compare(connection, period, settings.default_rule, csv=csv)


def compare(connection: duckdb.DuckDBPyConnection, period: Period, rule: str, *, csv: Path | None = None) -> Changes:
    """The same over an engine to which two databases with the schema ``marts`` are attached: ``known``, ``later``.

    Raises:
        WrongUse: there is no such agency in the later one, or no such rule.
    """
    agency = _agency(connection, period.agency)
    _collect(connection, period, agency, rule)
    if csv is not None:
        told = ", ".join(f"{guarded_sql(quote_name(c))} as {quote_name(c)}" for c in _texts(connection))
        rows = f"select * replace ({told}) from changed order by all"
        connection.execute(f"copy ({rows}) to {quote_text(csv)} (format csv, header)")
    return Changes(
        start=period.first,
        end=period.last,
        known_as_of=_as_of(connection, "known"),
        now_as_of=_as_of(connection, "later"),
        rule_code=rule,
        agency_code=agency,
        row_count=int(_rows(connection, "select count(*) from changed")[0][0]),
        kinds=tuple(KindCount(*r) for r in _rows(connection, _KINDS)),
        figures=tuple(Moved(*r) for r in _rows(connection, _FIGURES)),
        rows=tuple(ChangedRow(*r) for r in _rows(connection, f"{_SHOWN} limit {SHOWN_ROWS}")),
    )


def _agency(connection: duckdb.DuckDBPyConnection, agency: str | None) -> str | None:
    if agency is None:
        return None
    found = connection.execute(
        "select agency_code from later.marts.dim_agency where agency_code = $1 or legacy_code = $1", [agency]
    ).fetchone()
    if found is None:
        raise WrongUse(f"There is no agency {agency}.", next_step="Codes are in the table marts.dim_agency.")
    return str(found[0])


def _collect(connection: duckdb.DuckDBPyConnection, period: Period, agency: str | None, rule: str) -> None:
    """Tables ``changed`` and ``figure`` over the agencies asked for."""
    class_column = f"class_{rule.lower()}"
    for database in ("known", "later"):
        if not _has_column(connection, database, "fct_dossier", class_column):
            raise WrongUse(f"{rule} is no rule by which dossiers are classed.", next_step="`cchc config` shows it.")
    connection.execute(
        "create temp table asked (first_month date, last_month date, asked_agency varchar, asked_rule varchar)"
    )
    connection.execute("insert into asked values ($1, $2, $3, $4)", [period.first, period.last, agency, rule])
    parts = [q.format(class_column=quote_name(class_column)) for q in (DOSSIERS, DOCUMENTS)]
    connection.execute(f"create temp table changed as from ({' union all '.join(parts)}) where {_ASKED_FOR}")
    connection.execute(f"create temp table figure as from ({RESOLUTION} union all {INDICATORS}) where {_ASKED_FOR}")


_ASKED_FOR = "(select asked_agency is null from asked) or agency_code = (select asked_agency from asked)"
_NAMED = "left join later.marts.dim_agency as a on a.agency_code = c.agency_code"
_KINDS = f"""
select c.agency_code, coalesce(a.agency_name, c.agency_code), subject, kind, count(*)
from changed as c {_NAMED} group by all order by all
"""
_FIGURES = f"""
select c.agency_code, coalesce(a.agency_name, c.agency_code), code, part, known, now
from figure as c {_NAMED} where known is distinct from now order by c.agency_code, place, code, part
"""
_SHOWN = """
select agency_code, subject, code, kind, known_value, now_value, source_file, row_number from changed order by all
"""


def _texts(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """The columns of ``changed`` that hold text of the sources."""
    described = connection.execute("select column_name, column_type from (describe changed)").fetchall()
    return [name for name, kind in described if kind == "VARCHAR"]


def _has_column(connection: duckdb.DuckDBPyConnection, database: str, table: str, column: str) -> bool:
    found = connection.execute(
        "select count(*) from duckdb_columns() where database_name = $1 and schema_name = 'marts' "
        "and table_name = $2 and column_name = $3",
        [database, table, column],
    ).fetchone()
    return bool(found and found[0])


def _as_of(connection: duckdb.DuckDBPyConnection, database: str) -> str:
    (found,) = _rows(connection, f"select max(as_of)::varchar from {database}.marts.rpt_source_freshness")
    return str(found[0] or "")


def _rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[tuple[Any, ...]]:
    return connection.execute(query).fetchall()
