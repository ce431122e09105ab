"""The settings that dbt gives to every connection must suit a database that has spilled to disk already."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import yaml
from jinja2 import Template

from pipelines.flows.dbt_parsing import PROJECT

_PROFILE = PROJECT / "profiles.yml"


def _output(memory: str, spill: Path) -> dict[str, Any]:
    known = {"CCHC_BUILD_MEMORY": memory, "CCHC_BUILD_SPILL": str(spill), "CCHC_BUILD_DATABASE": ":memory:"}
    known["CCHC_BUILD_THREADS"] = "2"
    text = Template(_PROFILE.read_text(encoding="utf-8")).render(env_var=lambda name, default="": known[name])
    return yaml.safe_load(text)["cchc"]["outputs"]["build"]  # type: ignore[no-any-return]


def test_a_thread_may_begin_after_another_has_spilled(tmp_path: Path) -> None:
    output = _output("60MB", tmp_path / "spill")
    with duckdb.connect(config=output.get("config_options", {})) as connection:

        def begin() -> duckdb.DuckDBPyConnection:
            cursor = connection.cursor()
            for name, value in output["settings"].items():
                cursor.execute(f"set {name} = '{value}'")
            return cursor

        first = begin()
        first.execute(
            "create temp table t as select hash(i)::varchar || repeat('x', 60) as v from range(2_000_000) as r(i)"
        )
        assert [p for p in (tmp_path / "spill").iterdir() if p.stat().st_size], "nothing was spilled"
        assert begin().execute("select current_setting('memory_limit')").fetchone() == ("57.2 MiB",)
