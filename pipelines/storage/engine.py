"""DuckDB connections with bounded memory, spilling under the home's build folder."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from pipelines.storage.home import Home


def quote_text(value: object) -> str:
    """A value as an SQL string; for the few places that take no parameters."""
    return "'" + str(value).replace("'", "''") + "'"


def quote_name(name: str) -> str:
    """A name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


@contextmanager
def open_engine(
    home: Home, *, memory_limit: str = "1500MB", threads: int = 2, database: Path | None = None
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection of our own settings; in memory unless a file is named. Closed at the end.

    Each spills into a folder of its own: two instances that share one write over each other's blocks
    and bring the process down. Rows keep their order and moments are local time of Vietnam.
    """
    parent = home.build / "spill"
    parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=parent, ignore_cleanup_errors=True) as spill:
        connection = duckdb.connect(str(database or ":memory:"))
        try:
            connection.execute(f"set memory_limit = {quote_text(memory_limit)}")
            connection.execute(f"set temp_directory = {quote_text(spill)}")
            connection.execute(f"set threads = {int(threads)}")
            connection.execute("set preserve_insertion_order = true")
            connection.execute("set TimeZone = 'Asia/Ho_Chi_Minh'")
            yield connection
        finally:
            connection.close()


@contextmanager
def own_tables(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """What is made inside lives in a database of its own, in memory, and goes with it: an engine to use again."""
    threads = connection.execute("select current_setting('threads')").fetchone()
    connection.execute("attach ':memory:' as work")
    connection.execute("use work")
    try:
        yield
    finally:
        connection.execute("use memory")
        connection.execute("detach work")
        connection.execute(f"set threads = {int(threads[0]) if threads else 1}")


def in_one_thread(connection: duckdb.DuckDBPyConnection) -> None:
    """For what is read from a file in its order, until ``own_tables`` ends.

    One thread reads it in any case; where there is a second one, rows are piled up for it until memory is full.
    """
    connection.execute("set threads = 1")
