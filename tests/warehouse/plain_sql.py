"""Any model of the warehouse as plain SQL, without dbt: for trials on small tables in moments.

A model that is referred to is a table or view of the same name in the schema ``built``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import jinja2
import yaml

WAREHOUSE = Path(__file__).resolve().parents[2] / "warehouse"
# Generic data tests and what writes comments are dbt's alone.
_MACROS = "".join(
    path.read_text(encoding="utf-8")
    for path in sorted((WAREHOUSE / "macros").glob("*.sql"))
    if path.name not in ("unique_together.sql", "comments.sql", "generate_schema_name.sql")
)
_PROJECT = yaml.safe_load((WAREHOUSE / "dbt_project.yml").read_text(encoding="utf-8"))


class _Returned(Exception):
    def __init__(self, value: Any) -> None:
        self.value = value


class _Adapter:
    """``adapter.dispatch`` for the default engine."""

    def __init__(self, environment: jinja2.Environment, names: dict[str, Any]) -> None:
        self._macros = lambda: environment.from_string(_MACROS).make_module(names)

    def dispatch(self, name: str, _project: str) -> Any:
        return getattr(self._macros(), f"default__{name}")


def rendered(model: str, *, incremental: bool = False, **variables: Any) -> str:
    """The SQL of a model; keyword arguments override the project's variables."""
    environment = jinja2.Environment(autoescape=False, extensions=["jinja2.ext.do"])
    (path,) = (WAREHOUSE / "models").glob(f"*/{model}.sql")
    known = _PROJECT["vars"] | variables
    names: dict[str, Any] = {
        "config": lambda **_: "",
        "ref": lambda name: f"built.{name}",
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
    types = _PROJECT["seeds"]["cchc"]
    for name in names:
        relation = connection.read_csv(
            str(WAREHOUSE / "seeds" / f"{name}.csv"), header=True, dtype=types.get(name, {}).get("+column_types")
        )
        relation.create(f"built.{name}")
    return connection
