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

from pipelines.flows.dbt_parsing import PROJECT, keep_parsing, take_over_parsing
from pipelines.settings import Settings
from pipelines.storage.home import Home

# Of the memory limit: beside dbt's own libraries stand those of the process that waits for it.
_SHARE = 0.6


class DbtProcess:
    """One dbt over one build database; ends with the ``with`` block, or when whoever started it dies waiting."""

    def __init__(self, settings: Settings, database: Path) -> None:
        self.database = database
        # dbt is told its files as seen from here: what it parses is then the same for every home.
        self.target = database.parent / "dbt"
        self._settings = settings
        self.cache = settings.parsing_cache or Home(settings.home).build / "parsed"
        self._spill = database.parent / "spill"
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.communicate()

    def start(self) -> int:
        """Let it import and parse, beside what comes before the build; its process id. Once is enough."""
        return self._started().pid

    def invoke(self, command: Sequence[str]) -> tuple[bool, str]:
        """Do one command, ``build`` or ``parse``; whether it went well, and the end of what dbt printed."""
        process = self._started()
        output, errors = process.communicate(json.dumps(list(command)))
        keep_parsing(self.target, self.cache)
        return process.returncode == 0, output[-1500:] or errors[-1500:]

    def dismiss(self) -> None:
        """It is not wanted after all: wait until it is ready and has ended."""
        if self._process is not None:
            self._process.communicate()

    def _started(self) -> subprocess.Popen[str]:
        if self._process is not None:
            return self._process
        self.make_folders()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "pipelines.flows.dbt_waiting", *self.flags()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=self.environment(),
            cwd=self.target,
        )
        return self._process

    def make_folders(self) -> None:
        """Where it works, with what another database's dbt has parsed."""
        self.target.mkdir(parents=True, exist_ok=True)
        self._spill.mkdir(parents=True, exist_ok=True)
        take_over_parsing(self.target, self.cache)

    def flags(self) -> list[str]:
        """What every command is told: the project, its profile, where to write, the settings."""
        names = ("default_rule", "default_denominator", "min_group")
        variables = {name: getattr(self._settings, name) for name in names}
        folders = {"--project-dir": PROJECT, "--profiles-dir": PROJECT}
        folders |= {"--target-path": self.target, "--log-path": self.target}
        flags = [text for flag, folder in folders.items() for text in (flag, str(folder.resolve()))]
        return [*flags, "--vars", json.dumps(variables), "--no-use-colors"]

    def environment(self) -> dict[str, str]:
        """Ours but for the key, and where the database lies as seen from ``target``."""
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("CCHC_PSEUDONYM")}  # noqa: TID251 - to pass on
        return inherited | {
            "CCHC_BUILD_DATABASE": os.path.relpath(self.database, self.target),
            "CCHC_BUILD_MEMORY": self._settings.memory(_SHARE),
            "CCHC_BUILD_THREADS": str(self._settings.threads),
            "CCHC_BUILD_SPILL": os.path.relpath(self._spill, self.target),
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
            "DO_NOT_TRACK": "1",
        }
