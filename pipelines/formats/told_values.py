"""Values that stand in no cell of a row: the name of its sheet, and the period that titles or the file's name tell."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from pipelines.domain.contracts import Contract
from pipelines.domain.periods import Period, period_in, period_of_stamp
from pipelines.formats.headers import Header
from pipelines.formats.sheets import SheetRead, Sheets
from pipelines.storage.engine import quote_text

_MOST_TITLES = 2_000
_NULL = "null::varchar"


def told_values(
    connection: duckdb.DuckDBPyConnection,
    contract: Contract,
    header: Header,
    sheets: Sheets,
    file_name: str,
    stamp: str | None,
) -> dict[str, str]:
    """The SQL expression over ``raw(rn, …)`` of each column that is ``filled_from`` and has no cells of its own.

    Titles are looked for in ``apart``.

    The period of a sheet is the one that its title rows tell, else its name, else the file's name, else the period of
    the manifest (``stamp``); where none tells one it is null, which the contract's rules hold back.
    """
    wanted = {c.name: c.filled_from for c in contract.columns if c.filled_from and c.name not in header.columns}
    if not wanted:
        return {}
    parts = sheets.read or (SheetRead("", 0, 0, header.row),)
    told: dict[str, str] = {}
    periods: list[Period | None] = []
    if {"period_from", "period_to"} & set(wanted.values()):
        titles = _titles(connection, header)
        periods = [_period(part, parts, titles, file_name, stamp) for part in parts]
    for name, source in wanted.items():
        if source == "sheet_name":
            values = [quote_text(part.name) if part.name else _NULL for part in parts]
        else:
            end = 0 if source == "period_from" else 1
            values = [quote_text(period[end].isoformat()) if period else _NULL for period in periods]
        told[name] = _by_sheet(parts, values)
    return told


def _titles(connection: duckdb.DuckDBPyConnection, header: Header) -> list[tuple[int, str]]:
    cells = ", ".join(f"c{n}" for n in range(header.width))
    return connection.execute(
        f"select rn, concat_ws(' ', {cells}) from apart where kind = '-title' order by rn limit {_MOST_TITLES}"
    ).fetchall()


def _period(
    part: SheetRead, parts: Sequence[SheetRead], titles: Sequence[tuple[int, str]], file_name: str, stamp: str | None
) -> Period | None:
    """The period of one sheet; a sheet without a header of its own goes on with that of the one before."""
    if part.header_row == 0:
        before = [p for p in parts if p.header_row and p.rows_before < part.rows_before]
        part = before[-1] if before else part
    rows = range(part.rows_before + 1, part.rows_before + part.header_row + 1)
    own = [text for row, text in titles if row in rows]
    return period_in(own) or period_in([part.name]) or period_in([_stem(file_name)]) or period_of_stamp(stamp)


def _stem(file_name: str) -> str:
    """The name as words: ``bieu06a-quy-I-2021.xls``."""
    return file_name.rsplit(".", 1)[0].replace("-", " ")


def _by_sheet(parts: Sequence[SheetRead], values: Sequence[str]) -> str:
    if len(set(values)) == 1:
        return values[0]
    cases = " ".join(f"when rn > {p.rows_before} then {v}" for p, v in reversed(list(zip(parts, values, strict=True))))
    return f"case {cases} end"
