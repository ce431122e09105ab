"""Rows held back: which, why, the CSV for the data's owner, and the way back in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipelines.domain.errors import WrongUse
from pipelines.flows.sheet_places import sheet_places
from pipelines.settings import Settings
from pipelines.storage.engine import open_engine, quote_name, quote_text
from pipelines.storage.home import Home
from pipelines.storage.ledger import Batch, Ledger
from pipelines.storage.snapshots import current_name, open_current

_ROWS_TOLD = 20


@dataclass(frozen=True)
class HeldBack:
    """Rows of one file that break one rule. ``row_numbers`` are the first ones, as in the file.

    ``places`` are the same as ``sheet!row`` where several sheets of a workbook were read, else none.
    """

    source: str
    stream: str
    file_name: str
    batch_id: str
    rule: str
    column: str | None
    rows: int
    row_numbers: tuple[int, ...]
    places: tuple[str, ...] = ()


def quarantine_list(
    settings: Settings,
    *,
    source: str | None = None,
    stream: str | None = None,
    rule: str | None = None,
    file: str | None = None,
    agency: str | None = None,
) -> tuple[HeldBack, ...]:
    """What is held back, by file, rule and column; those that fit all that is given.

    Args:
        settings: the installation.
        source: only of this source.
        stream: only of this stream.
        rule: only rows that break this rule.
        file: only of this file: its name, ``source/stream/name``, or its batch id.
        agency: only rows of this agency, whose code may be of either generation.

    Raises:
        WrongUse: there is no such file.
    """
    home = Home(settings.home)
    batches = {b.batch_id: b for b in held_batches(home, source=source, stream=stream, file=file)}
    if not batches:
        return ()
    with open_engine(home, **settings.engine) as connection:
        select_findings(connection, home, list(batches.values()), agency=agency)
        rows = connection.execute(
            """
            select _batch_id, rule, column_name, count(distinct _row_number),
                   list(distinct _row_number order by _row_number)[1:$1]
            from held where $2 is null or rule = $2
            group by all order by all
            """,
            [_ROWS_TOLD, rule],
        ).fetchall()
    sheets = {batch_id: sheet_places(home, batches[batch_id]) for batch_id in {row[0] for row in rows}}
    found = []
    for batch_id, code, column, count, numbers in rows:
        b = batches[batch_id]
        places = tuple(place for n in numbers if (place := sheets[batch_id].place(n)) is not None)
        found.append(HeldBack(b.source, b.stream, b.file_name, batch_id, code, column, count, tuple(numbers), places))
    return tuple(found)


def held_batches(
    home: Home, *, source: str | None = None, stream: str | None = None, file: str | None = None
) -> list[Batch]:
    """Loaded batches with rows in quarantine.

    Raises:
        WrongUse: ``file`` names none that was ever taken.
    """
    if not home.ledger.exists():
        return []
    known = Ledger(home.ledger).select(source=source, stream=stream)
    if file is not None:
        known = [b for b in known if file in (b.batch_id, b.file_name, b.label)]
        if not known:
            raise WrongUse(f"There is no file {file}.", next_step="`cchc status --files` lists them.")
    return [b for b in known if b.state == "loaded" and b.rows_quarantined]


def select_findings(
    connection: duckdb.DuckDBPyConnection, home: Home, batches: Sequence[Batch], *, agency: str | None
) -> None:
    """Make the table ``held(_batch_id, _row_number, rule, column_name)`` of the rows held back."""
    findings = _parquet([home.findings / b.source / b.stream / f"{b.batch_id}.parquet" for b in batches])
    condition = "true"
    if agency is not None:
        codes = ", ".join(quote_text(c) for c in _codes_of(home, agency))
        rows = _parquet([home.quarantine / b.source / b.stream / f"{b.batch_id}.parquet" for b in batches])
        described = connection.execute(f"describe from {rows}").fetchall()
        column = quote_name("agency_code") if "agency_code" in {d[0] for d in described} else "null"
        condition = (
            f"(_batch_id, _row_number) in (select (_batch_id, _row_number) from {rows} where {column} in ({codes}))"
        )
    connection.execute(
        f"create or replace table held as select _batch_id, _row_number, rule, nullif(column_name, '') as column_name "
        f"from {findings} where severity = 'fail' and {condition}"
    )


def _parquet(files: Sequence[Path]) -> str:
    return f"read_parquet([{', '.join(quote_text(f) for f in files)}], union_by_name = true)"


def _codes_of(home: Home, agency: str) -> list[str]:
    """An agency's code in both generations, as far as the published marts know them."""
    codes = {agency}
    if current_name(home) is not None:
        connection = open_current(home)
        try:
            rows = connection.execute(
                "select agency_code, legacy_code from marts.dim_agency where $1 in (agency_code, legacy_code)",
                [agency],
            ).fetchall()
        finally:
            connection.close()
        codes |= {code for row in rows for code in row if code}
    return sorted(codes)
