"""Records that are no rows (titles, headers, totals, rejects): few, and asked for again and again."""

from __future__ import annotations

import duckdb


def set_apart(connection: duckdb.DuckDBPyConnection) -> None:
    """Make ``apart``, the records of ``raw(rn, …, kind)`` that are no rows, unless it is there."""
    try:
        connection.table("apart")
    except duckdb.CatalogException:  # to plan what makes it takes as long as to read a small file
        connection.execute("create table apart as from raw where kind is not null")
