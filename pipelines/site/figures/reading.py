"""Rows of a query, by what they are about."""

from __future__ import annotations

from typing import Any

import duckdb

Rows = list[tuple[Any, ...]]
Grouped = dict[Any, Rows]


def grouped(connection: duckdb.DuckDBPyConnection, sql: str, parameters: dict[str, Any], by: int = 1) -> Grouped:
    """The rows of one query, in its order, under their first column (or their first ``by`` as a tuple).

    Args:
        connection: a database with the schema ``marts``.
        sql: its first columns are what rows are grouped by; they are left out of the rows.
        parameters: values by name.
        by: how many columns those are.
    """
    found: Grouped = {}
    for row in connection.execute(sql, parameters).fetchall():
        found.setdefault(row[0] if by == 1 else row[:by], []).append(row[by:])
    return found
