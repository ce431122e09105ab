"""Constant geography of another day over what a build left, without a build."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb

from tests.warehouse.rendered import model, rendered

_SUCCESSION = "dim_agency_succession"


def geography_anew(
    warehouse: Path, day: str, changes: Sequence[tuple[Any, ...]] | None = None
) -> duckdb.DuckDBPyConnection:
    """A database in memory with the bridge and ``rpt_indicator_constant`` of ``day``; the built one is ``warehouse``.

    ``changes`` (from, to, day, kind, weight) are its successions, if they shall not be those that were built.
    """
    connection = duckdb.connect()
    connection.execute(f"attach '{warehouse}' as warehouse (read_only); create schema audit")
    connection.execute("create table audit.batches as from warehouse.audit.batches")
    rows = connection.execute(
        "select table_name, table_schema from information_schema.tables where table_catalog = 'warehouse'"
    ).fetchall()
    lies_in = {name: f"warehouse.{schema}.{name}" for name, schema in rows}
    if changes is not None:
        connection.execute(
            f"create table {_SUCCESSION} (from_code varchar, to_code varchar, valid_on date, kind varchar, "
            "weight decimal(9, 6), is_applied boolean)"
        )
        connection.executemany(f"insert into {_SUCCESSION} values (?, ?, ?, ?, ?, true)", changes)
        lies_in[_SUCCESSION] = _SUCCESSION
    for name in ("bridge_agency_geography", "rpt_indicator_constant"):
        query = rendered(model("marts", name), ref=lies_in.__getitem__, var={"geography_date": day}.__getitem__)
        lies_in[name] = name
        connection.execute(f"create table {name} as {query}")
    return connection
