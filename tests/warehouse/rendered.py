"""Mail's staging models as plain SQL over packages, without dbt: for counts over real files in moments."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import jinja2

from pipelines.sources.registry import all_contracts
from pipelines.storage.raw_relations import _select

_WAREHOUSE = Path(__file__).resolve().parents[2] / "warehouse"
_MACROS = "".join((_WAREHOUSE / "macros" / name).read_text(encoding="utf-8") for name in ("types.sql", "mail.sql"))
_LOOK_BACK = re.search(r"mail_look_back_days: (\d+)", (_WAREHOUSE / "dbt_project.yml").read_text(encoding="utf-8"))
# In the order in which they stand on each other.
MODELS = (
    *("stg_mail__postfix_events", "stg_mail__postfix_messages", "stg_mail__exchange_tracking"),
    *("stg_mail__exchange_messages", "stg_mail__zimbra_mailbox", "stg_mail__messages", "stg_mail__logins"),
)


class _Adapter:
    """``adapter.dispatch`` for the default engine."""

    def __init__(self, environment: jinja2.Environment, names: dict[str, Any]) -> None:
        self._macros = lambda: environment.from_string(_MACROS).make_module(names)

    def dispatch(self, name: str, _project: str) -> Any:
        return getattr(self._macros(), f"default__{name}")


def _render(model: str) -> str:
    assert _LOOK_BACK is not None
    environment = jinja2.Environment(autoescape=False)
    names: dict[str, Any] = {
        "config": lambda **_: "",
        "ref": lambda name: f"staging.{name}",
        "source": lambda schema, name: f"{schema}.{name}",
        "var": {"mail_look_back_days": _LOOK_BACK.group(1)}.__getitem__,
        "return": lambda value: value,
    }
    names["adapter"] = _Adapter(environment, names)
    text = (_WAREHOUSE / "models" / "staging" / f"{model}.sql").read_text(encoding="utf-8")
    return environment.from_string(_MACROS + text).render(names)


def mail_of(packages: Mapping[str, Sequence[Path]]) -> duckdb.DuckDBPyConnection:
    """A database with mail's staging models over packages; ``packages`` maps a stream to its ``rows.parquet``."""
    connection = duckdb.connect()
    connection.execute("set TimeZone = 'Asia/Ho_Chi_Minh'; create schema raw; create schema staging")
    for contract in all_contracts():
        if contract.source == "mail":
            select = _select(contract, packages.get(contract.stream, ()))
            connection.execute(f"create view raw.{contract.table}_all as {select}")
    for model in MODELS:
        connection.execute(f"create view staging.{model} as {_render(model)}")
    return connection
