"""The warehouse's models and macros as plain SQL, without dbt: for counts over real files and properties in moments."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any

import duckdb
import jinja2
import yaml

from pipelines.sources.registry import all_contracts
from pipelines.storage.raw_relations import _select

_WAREHOUSE = Path(__file__).resolve().parents[2] / "warehouse"
# Those that need dbt itself to be rendered are left out.
_OF_DBT = ("comments.sql", "generate_schema_name.sql", "unique_together.sql")
# Mail's models, in the order in which they stand on each other.
MODELS = (
    *("stg_mail__postfix_events", "stg_mail__postfix_messages", "stg_mail__exchange_tracking"),
    *("stg_mail__exchange_messages", "stg_mail__zimbra_mailbox", "stg_mail__messages", "stg_mail__logins"),
)


class _Return(Exception):
    """What ``return`` of a macro carries out of it."""


class _Dbt:
    """Just enough of dbt: macros that return values, ``adapter.dispatch`` for the default engine, a full build."""

    def __init__(self, schema: str, **names: Any) -> None:
        self.environment = jinja2.Environment(autoescape=False, extensions=["jinja2.ext.do"])
        self.names: dict[str, Any] = {
            "adapter": self,
            "config": lambda **_: "",
            "ref": lambda name: f"{schema}.{name}",
            "source": lambda source, name: f"{source}.{name}",
            "var": _variables().__getitem__,
            "return": self.give,
            "is_incremental": lambda: False,
            "execute": False,
            **names,
        }
        # Compiled when first called: a model uses few of them.
        self.names |= {name: partial(self._call, name) for name in _macros()}
        self._modules: dict[str, Any] = {}

    def dispatch(self, name: str, _project: str) -> Any:
        return self.names[f"default__{name}"]

    @staticmethod
    def give(value: Any) -> None:
        raise _Return(value)

    def _call(self, name: str, *arguments: Any, **named: Any) -> Any:
        if name not in self._modules:
            self._modules[name] = self.environment.from_string(_macros()[name], globals=self.names).module
        try:
            return getattr(self._modules[name], name)(*arguments, **named)
        except _Return as given:
            return given.args[0]


@cache
def _macros() -> dict[str, str]:
    files = (p for p in (_WAREHOUSE / "macros").glob("*.sql") if p.name not in _OF_DBT)
    texts = "".join(path.read_text(encoding="utf-8") for path in files)
    return {found[1]: found[0] for found in re.finditer(r"(?s)\{% macro (\w+)\(.*?\{%-? endmacro -?%\}", texts)}


@cache
def _variables() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((_WAREHOUSE / "dbt_project.yml").read_text(encoding="utf-8"))["vars"]
    return found


def rendered(text: str, *, schema: str = "staging", **names: Any) -> str:
    """SQL with macros as the default engine sees it in a full build; every ``ref`` lies in ``schema``.

    ``names`` stand in for those of dbt: ``ref``, ``source``.
    """
    dbt = _Dbt(schema, **names)
    return dbt.environment.from_string(text, globals=dbt.names).render()


def macro(name: str) -> Any:
    """What a macro of the warehouse without parameters returns."""
    return _Dbt("staging").names[name]()


def model(folder: str, name: str) -> str:
    """The text of a model as it stands in the warehouse."""
    return (_WAREHOUSE / "models" / folder / f"{name}.sql").read_text(encoding="utf-8")


def mail_of(packages: Mapping[str, Sequence[Path]]) -> duckdb.DuckDBPyConnection:
    """A database with mail's staging models over packages; ``packages`` maps a stream to its ``rows.parquet``."""
    connection = duckdb.connect()
    connection.execute("set TimeZone = 'Asia/Ho_Chi_Minh'; create schema raw; create schema staging")
    for contract in all_contracts():
        if contract.source == "mail":
            select = _select(contract, packages.get(contract.stream, ()))
            connection.execute(f"create view raw.{contract.table}_all as {select}")
    for name in MODELS:
        connection.execute(f"create view staging.{name} as {rendered(model('staging', name))}")
    return connection
