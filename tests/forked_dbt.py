"""dbt for tests that build again and again: forked from a process that has parsed the project, else as it always is.

Tests of the commands, of crashes and of Airflow have the real one, which is a program started anew.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pipelines.flows import dbt_waiting
from pipelines.flows.dbt_process import DbtProcess
from tests.forking import FORKS

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest


class ForkedDbt(DbtProcess):
    """The same commands with the same flags and environment, in a forked process."""

    def start(self) -> int:
        """Nothing takes long enough to be begun early."""
        return os.getpid()

    def environment(self) -> dict[str, str]:
        """Nobody reads its log; more threads cost small tables more than they bring."""
        return super().environment() | {"DBT_LOG_LEVEL_FILE": "none", "CCHC_BUILD_THREADS": "1"}

    def invoke(self, command: Sequence[str]) -> tuple[bool, str]:
        self.make_folders()
        printed = self.target / "printed"
        process = FORKS.Process(
            target=_invoke, args=(self.flags(), self.environment(), str(self.target), list(command), str(printed))
        )
        process.start()
        process.join()
        return process.exitcode == 0, printed.read_text(encoding="utf-8")[-1500:]


@contextmanager
def forked_dbt() -> Iterator[None]:
    """Builds and runs within have it."""
    with pytest.MonkeyPatch.context() as patched:
        for flow in ("build", "dbt_docs", "run"):
            patched.setattr(f"pipelines.flows.{flow}.DbtProcess", ForkedDbt)
        yield


def _manifest(flags: list[str]) -> Manifest | None:
    """What the server process has parsed, if it was parsed for these settings."""
    from tests.parsed_project import MANIFEST, VARIABLES, variables

    return MANIFEST if variables(flags) == VARIABLES else dbt_waiting.parse(flags)


def _invoke(flags: list[str], environment: dict[str, str], folder: str, command: list[str], printed: str) -> None:
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    with Path(printed).open("w", encoding="utf-8") as told, redirect_stdout(told):
        code = dbt_waiting.do(command, flags, _manifest(flags))
    # A program that ends closes its database; a forked process ends without that.
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    DuckDBConnectionManager.close_all_connections()
    os._exit(code)
