"""Records that are no rows (titles, headers, totals, rejects): few, and asked for again and again."""

from __future__ import annotations

import duckdb


def set_apart(connection: duckdb.DuckDBPyConnection) -> None:
    """Make ``apart``, the records of ``raw(rn, …, kind)`` that are no rows, unless it is there."""
    connection.execute("create table if not exists apart as from raw where kind is not null")
