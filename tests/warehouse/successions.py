"""Small lists of successions, and what the models make of them as plain SQL."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from tests.warehouse.plain_sql import seeded, sql_of

# from, to, day, kind, share
Edge = tuple[str, str, str, str, str]
MERGED: list[Edge] = [("A", "C", "2025-03-01", "merge", "1"), ("B", "C", "2025-03-01", "merge", "1")]
SPLIT: list[Edge] = [("A", "X", "2025-03-01", "split", "0.6"), ("A", "Y", "2025-03-01", "split", "0.4")]
CHAIN: list[Edge] = [*SPLIT, ("X", "P", "2025-07-01", "merge", "1"), ("Y", "Z", "2025-07-01", "rename", "1")]
# A keeps its code and gives a part away.
CEDED: list[Edge] = [("A", "A", "2025-03-01", "split", "0.75"), ("A", "B", "2025-03-01", "split", "0.25")]


def successions(edges: Sequence[Edge]) -> duckdb.DuckDBPyConnection:
    """A database with successions, of which nothing is resolved; the newest export is of May 2021."""
    connection = seeded()
    connection.execute(
        "create table built.stg_reference__agencies (agency_code varchar, agency_name varchar, _batch_id varchar, "
        "_exported_at timestamp); create table built.agency_successions (from_code varchar, from_name varchar, "
        "to_code varchar, to_name varchar, valid_on date, kind varchar, weight decimal(9, 6), source varchar, "
        "certainty varchar, weight_certainty varchar, note_vi varchar, note_en varchar)"
    )
    for edge in edges:
        connection.execute(
            "insert into built.agency_successions (from_code, to_code, valid_on, kind, weight) values (?, ?, ?, ?, ?)",
            edge,
        )
    return connection


def build(connection: duckdb.DuckDBPyConnection, *models: str, geography: str = "") -> None:
    """Make models, one after the other; ``geography`` is var geography_date."""
    for name in models:
        query = sql_of(name, geography_date=geography)
        connection.execute(f"create table built.{name} as {query}")
