"""Any model of the warehouse as plain SQL, without dbt: for trials on small tables in moments.

A model that is referred to is a table or view of the same name in the schema ``built``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import jinja2
import yaml

from pipelines.sources.registry import all_contracts
from pipelines.storage.raw_relations import _select

WAREHOUSE = Path(__file__).resolve().parents[2] / "warehouse"
# Generic data tests and what writes comments are dbt's alone.
_MACROS = "".join(
    path.read_text(encoding="utf-8")
    for path in sorted((WAREHOUSE / "macros").glob("*.sql"))
    if path.name not in ("unique_together.sql", "comments.sql", "generate_schema_name.sql")
)
_PROJECT = yaml.safe_load((WAREHOUSE / "dbt_project.yml").read_text(encoding="utf-8"))


class _Adapter:
    """``adapter.dispatch`` for the default engine."""

    def __init__(self, environment: jinja2.Environment, names: dict[str, Any]) -> None:
        self._macros = lambda: environment.from_string(_MACROS).make_module(names)

    def dispatch(self, name: str, _project: str) -> Any:
        return getattr(self._macros(), f"default__{name}")


def rendered(
    model: str, *, ref: Callable[[str], str] = "built.{}".format, incremental: bool = False, **variables: Any
) -> str:
    """The SQL of a model; keyword arguments override the project's variables."""
    environment = jinja2.Environment(autoescape=False, extensions=["jinja2.ext.do"])
    (path,) = (WAREHOUSE / "models").glob(f"*/{model}.sql")
    known = _PROJECT["vars"] | variables
    names: dict[str, Any] = {
        "config": lambda **_: "",
        "ref": ref,
        "source": lambda _schema, name: f"built.{name}",
        "var": known.__getitem__,
        "return": lambda value: value,
        "is_incremental": lambda: incremental,
        "execute": False,
    }
    names["adapter"] = _Adapter(environment, names)
    return environment.from_string(_MACROS + path.read_text(encoding="utf-8")).render(names)


def seeded(*names: str) -> duckdb.DuckDBPyConnection:
    """A database with seeds, typed as the project says, and one batch known."""
    connection = duckdb.connect()
    connection.execute("create schema built; create table built.batches as select '2021-05-01 01:00:00' as exported_at")
    for name in names:
        _sow(connection, name)
    return connection


def _sow(connection: duckdb.DuckDBPyConnection, seed: str) -> None:
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
                _sow(connection, name)
            else:
                connection.execute(f"create table built.{name} as {rendered(name, ref=table)}")
            done.add(name)
        return f"built.{name}"

    for mart in marts:
        connection.execute(f"create view marts.{mart} as from {table(mart)}")
    return connection
