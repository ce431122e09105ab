"""dbt for tests that build again and again: forked from a process that has imported it, else as it always is.

Tests of the commands, of crashes and of Airflow have the real one, which is a program started anew.
"""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from pathlib import Path

import pytest

from pipelines.flows import dbt_waiting
from pipelines.flows.dbt_parsing import keep_parsing
from pipelines.flows.dbt_process import DbtProcess
from tests.forking import FORKS


class ForkedDbt(DbtProcess):
    """The same commands with the same flags and environment, in a forked process."""

    def start(self) -> int:
        """Nothing takes long enough to be begun early."""
        return os.getpid()

    def invoke(self, command: Sequence[str]) -> tuple[bool, str]:
        self.make_folders()
        printed = self.target / "printed"
        process = FORKS.Process(
            target=_invoke, args=(self.flags(), self.environment(), str(self.target), list(command), str(printed))
        )
        process.start()
        process.join()
        keep_parsing(self.target, self.cache)
        return process.exitcode == 0, printed.read_text(encoding="utf-8")[-1500:]


@contextmanager
def forked_dbt() -> Iterator[None]:
    """Builds and runs within have it."""
    with pytest.MonkeyPatch.context() as patched:
        for flow in ("build", "dbt_docs", "run"):
            patched.setattr(f"pipelines.flows.{flow}.DbtProcess", ForkedDbt)
        yield


def _invoke(flags: list[str], environment: dict[str, str], folder: str, command: list[str], printed: str) -> None:
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    sys.stdin = io.StringIO(json.dumps(command))
    with Path(printed).open("w", encoding="utf-8") as told, redirect_stdout(told):
        code = dbt_waiting.main(flags)
    # A program that ends closes its database; a forked process ends without that.
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    DuckDBConnectionManager.close_all_connections()
    os._exit(code)
