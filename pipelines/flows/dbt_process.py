"""dbt as a process of its own: in-process it would keep the build database's lock.

Importing dbt and parsing the project take seconds that have nothing to do with the data. A process that was
started early spends them beside other steps, then waits for its command on standard input.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from pipelines.settings import Settings
from pipelines.storage.home import Home

PROJECT = Path(__file__).resolve().parents[2] / "warehouse"


class DbtProcess:
    """One dbt over one build database; ends with the ``with`` block, or when whoever started it dies waiting."""

    def __init__(self, settings: Settings, home: Home, database: Path) -> None:
        self.database = database
        # Another database has another folder: dbt would forget what it has parsed of the nightly one.
        self.target = home.build / ("dbt" if database == home.warehouse else "dbt_as_of")
        self._settings = settings
        self._spill = home.build / "spill"
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.communicate()

    def start(self) -> None:
        """Let it import and parse, beside what comes before the build. Does nothing when it runs already."""
        if self._process is not None:
            return
        self.target.mkdir(parents=True, exist_ok=True)
        self._spill.mkdir(parents=True, exist_ok=True)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "pipelines.flows.dbt_waiting", *self._flags()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=self._environment(),
            cwd=self.target,
        )

    def invoke(self, command: Sequence[str]) -> tuple[bool, str]:
        """Do one command, ``build`` or ``parse``; whether it went well, and the end of what dbt printed."""
        self.start()
        assert self._process is not None  # noqa: S101 - just started
        output, errors = self._process.communicate(json.dumps(list(command)))
        return self._process.returncode == 0, output[-1500:] or errors[-1500:]

    def dismiss(self) -> None:
        """It is not wanted after all: wait until it is ready and has ended."""
        if self._process is not None:
            self._process.communicate()

    def _flags(self) -> list[str]:
        variables = {"default_rule": self._settings.default_rule, "min_group": self._settings.min_group}
        folders = {"--project-dir": PROJECT, "--profiles-dir": PROJECT}
        folders |= {"--target-path": self.target, "--log-path": self.target}
        flags = [text for flag, folder in folders.items() for text in (flag, str(folder.resolve()))]
        return [*flags, "--vars", json.dumps(variables), "--no-use-colors"]

    def _environment(self) -> dict[str, str]:
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("CCHC_PSEUDONYM")}  # noqa: TID251 - to pass on
        return inherited | {
            "CCHC_BUILD_DATABASE": str(self.database.resolve()),
            "CCHC_BUILD_MEMORY": self._settings.memory_limit,
            "CCHC_BUILD_SPILL": str(self._spill.resolve()),
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
            "DO_NOT_TRACK": "1",
        }
