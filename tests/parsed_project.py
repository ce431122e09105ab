"""The warehouse as dbt parses it, once for each worker of the tests: what is forked from there need not parse it."""

from __future__ import annotations

import fcntl
import gc
import os
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING

from pipelines.flows import dbt_waiting
from pipelines.flows.dbt_parsing import keep_parsing
from pipelines.flows.dbt_process import DbtProcess
from pipelines.settings import Settings

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest

_HOME = Path(mkdtemp(prefix="cchc-parsed-"))
_DBT = DbtProcess(Settings(home=_HOME, pseudonym_key=None), _HOME / "build" / "warehouse.duckdb")


def variables(flags: list[str]) -> str:
    """What a manifest depends on beside the project's files."""
    return flags[flags.index("--vars") + 1]


def _parsed() -> Manifest | None:
    _DBT.cache.mkdir(parents=True, exist_ok=True)
    with (_DBT.cache / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # the first worker parses all of it, the others what it has left
        _DBT.make_folders()
        before, here = dict(os.environ), Path.cwd()
        os.environ.update(_DBT.environment())
        os.chdir(_DBT.target)
        try:
            return dbt_waiting.parse(_DBT.flags())
        finally:
            keep_parsing(_DBT.target, _DBT.cache)
            os.environ.clear()
            os.environ.update(before)
            os.chdir(here)


def _warmed(manifest: Manifest | None) -> Manifest | None:
    """Compiling the macros takes longer than most models."""
    from dbt_common.clients.jinja import template_cache

    for macro in manifest.macros.values() if manifest else ():
        template_cache.get_node_template(macro)
    return manifest


MANIFEST = _warmed(_parsed())
VARIABLES = variables(_DBT.flags())
# What is forked lives for one task: nothing of it is worth collecting, least of all what stands here.
gc.disable()
gc.freeze()
