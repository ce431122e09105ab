"""Small tables from Python, as literals: Arrow tables and parameters would import pandas, which takes a second."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

import duckdb

from pipelines.storage.engine import quote_name, quote_text

_AT_ONCE = 2_000


def make_table(
    connection: duckdb.DuckDBPyConnection, name: str, columns: dict[str, str], rows: Sequence[Sequence[object]]
) -> None:
    """Create or replace a table of some thousand rows.

    Args:
        connection: where.
        name: of the table.
        columns: names and SQL types.
        rows: values of None, bool, int, float, str or date, in the order of the columns.
    """
    fields = ", ".join(f"{quote_name(c)} {t}" for c, t in columns.items())
    connection.execute(f"create or replace table {quote_name(name)} ({fields})")
    for start in range(0, len(rows), _AT_ONCE):
        values = ", ".join(f"({', '.join(map(_literal, row))})" for row in rows[start : start + _AT_ONCE])
        connection.execute(f"insert into {quote_name(name)} values {values}")


def _literal(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool() | int() | float():
            return str(value).lower()
        case str() | date() | datetime():
            return quote_text(value)
        case _:
            raise TypeError(f"no literal for {type(value).__name__}")
