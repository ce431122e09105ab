"""A build of all models without dbt, over batches of a lake: the same SQL and Python, in a database in memory."""

from __future__ import annotations

import runpy
from collections.abc import Sequence
from functools import cache
from typing import Any

import duckdb

from pipelines.sources.registry import all_contracts
from pipelines.storage.home import Home
from pipelines.storage.ledger import Batch
from pipelines.storage.raw_relations import write_raw_relations
from tests.warehouse.plain_sql import WAREHOUSE, sow
from tests.warehouse.rendered import rendered

MODELS = {path.stem: path for path in (WAREHOUSE / "models").glob("*/*") if path.suffix in (".sql", ".py")}
MARTS = {name for name, path in MODELS.items() if path.parent.name == "marts"}


class _Dbt:
    """What a Python model asks dbt for."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    def config(self, **_: Any) -> None:
        return None

    def ref(self, name: str) -> duckdb.DuckDBPyRelation:
        return self._connection.table(f"built.{name}")


def built_plainly(home: Home, batches: Sequence[Batch]) -> duckdb.DuckDBPyConnection:
    """Everything from nothing, as a first build; models and seeds are tables of the schema ``built``."""
    connection = duckdb.connect()
    connection.execute("set TimeZone = 'Asia/Ho_Chi_Minh'; create schema built")
    write_raw_relations(connection, home, all_contracts(), batches=batches, pending=batches)
    done: set[str] = set()

    def make(name: str) -> None:
        if name in done:
            return
        done.add(name)
        if name not in MODELS:
            sow(connection, name)
        elif MODELS[name].suffix == ".py":
            make("int_target__series")
            made = runpy.run_path(str(MODELS[name]))["model"](_Dbt(connection), None)  # noqa: F841 - a table to DuckDB
            connection.execute(f"create table built.{name} as from made")
        else:
            sql, needed = _sql_of(name)
            for one in needed:
                make(one)
            connection.execute(f"create table built.{name} as {sql}")

    for model in MODELS:
        make(model)
    return connection


@cache
def _sql_of(model: str) -> tuple[str, tuple[str, ...]]:
    """The SQL of a model, and what it refers to."""
    needed: dict[str, None] = {}

    def ref(name: str) -> str:
        needed[name] = None
        return f"built.{name}"

    def source(schema: str, name: str) -> str:
        return f"{schema}.{name}"

    return rendered(MODELS[model].read_text(encoding="utf-8"), ref=ref, source=source), tuple(needed)
