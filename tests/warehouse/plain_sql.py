"""The warehouse's models over seeds or prepared rows, without dbt: for trials in moments.

Models and seeds are tables of the schema ``built``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import duckdb
import yaml

from pipelines.sources.registry import all_contracts
from pipelines.storage.raw_relations import _select
from tests.warehouse.rendered import rendered

WAREHOUSE = Path(__file__).resolve().parents[2] / "warehouse"
_PROJECT = yaml.safe_load((WAREHOUSE / "dbt_project.yml").read_text(encoding="utf-8"))


@cache
def sql_of(model: str, **variables: str) -> str:
    """The SQL of a model; what it refers to lies in the schema ``built``; ``variables`` stand in for the project's."""
    return rendered(_text(model), schema="built", source=_source, var=(_PROJECT["vars"] | variables).__getitem__)


def seeded(*names: str) -> duckdb.DuckDBPyConnection:
    """A database with seeds, typed as the project says, and one batch known."""
    connection = duckdb.connect()
    connection.execute("create schema built; create table built.batches as select '2021-05-01 01:00:00' as exported_at")
    for name in names:
        sow(connection, name)
    return connection


def _text(model: str) -> str:
    (path,) = (WAREHOUSE / "models").glob(f"*/{model}.sql")
    return path.read_text(encoding="utf-8")


def _source(_schema: str, name: str) -> str:
    return f"built.{name}"


def sow(connection: duckdb.DuckDBPyConnection, seed: str) -> None:
    """A seed as a table, typed as the project says."""
    types = _PROJECT["seeds"]["cchc"].get(seed, {}).get("+column_types")
    relation = connection.read_csv(str(WAREHOUSE / "seeds" / f"{seed}.csv"), header=True, dtype=types)
    relation.create(f"built.{seed}")


def built(packages: Mapping[str, Sequence[Path]], *marts: str) -> duckdb.DuckDBPyConnection:
    """A database with some marts, and what they stand on, over prepared rows that have not been validated.

    ``packages`` maps a stream (``igate__dossiers``) to its ``rows.parquet``; the marts stand in the schema ``marts``.
    """
    connection = duckdb.connect()
    connection.execute("set TimeZone = 'Asia/Ho_Chi_Minh'; create schema built; create schema marts")
    parts = []
    for contract in all_contracts():
        files = packages.get(contract.table, ())
        for name in (contract.table, f"{contract.table}_all"):
            connection.execute(f"create view built.{name} as {_select(contract, files)}")
        parts.append(
            f"select distinct _batch_id as batch_id, '{contract.source}' as source, '{contract.stream}' as stream, "
            f"_exported_at as exported_at, 0 as rows_loaded, 0 as rows_quarantined from built.{contract.table}"
        )
    connection.execute(f"create table built.batches as {' union all '.join(parts)}")
    connection.execute("create view built.pending_batches as select batch_id, source, stream from built.batches")
    done: set[str] = set()

    def table(name: str) -> str:
        if name not in done:
            if (WAREHOUSE / "seeds" / f"{name}.csv").exists():
                sow(connection, name)
            else:
                connection.execute(f"create table built.{name} as {rendered(_text(name), ref=table, source=_source)}")
            done.add(name)
        return f"built.{name}"

    for mart in marts:
        connection.execute(f"create view marts.{mart} as from {table(mart)}")
    return connection
