"""Commands as processes of their own: what they answer, how long they take, how much memory they need."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Told:
    """A process that ended well: its JSON, seconds, and peak memory (its children's included) in MB."""

    answer: dict[str, Any]
    seconds: float
    peak_mb: float


def cchc(work: Path, *arguments: str) -> Told:
    """``cchc …`` with a home and a key of its own under ``work``."""
    work.mkdir(parents=True, exist_ok=True)
    key = work / "key"
    if not key.exists():
        key.write_text(secrets.token_hex(32), encoding="utf-8")
    settings = {
        "CCHC_HOME": str(work / "home"),
        "CCHC_PSEUDONYM_KEY_FILE": str(key),
        "CCHC_SETTLE_SECONDS": "0",
    }
    return _told([str(Path(sys.executable).with_name("cchc")), *arguments, "--json"], settings)


def python_module(name: str, *arguments: str) -> Told:
    """``python -m name …``, which answers in JSON."""
    return _told([sys.executable, "-m", name, *arguments], {})


def dbt_parse(home: Path) -> Told:
    """``dbt parse`` as the build starts it, with what it has kept of its last parsing."""
    build, project = home / "build", Path(__file__).parents[1] / "warehouse"
    settings = {
        "CCHC_BUILD_DATABASE": str(build / "warehouse.duckdb"),
        "CCHC_BUILD_MEMORY": "1GB",
        "CCHC_BUILD_SPILL": str(build / "spill"),
    }
    command = [str(Path(sys.executable).with_name("dbt")), "--quiet", "parse", "--project-dir", str(project)]
    command += ["--profiles-dir", str(project), "--target-path", str(build / "dbt"), "--log-path", str(build / "dbt")]
    variables = {"default_rule": "R_PLAIN", "min_group": 5}  # the build's own, or dbt would parse everything anew
    command += ["--vars", json.dumps(variables)]
    return _told(command, settings)


def _told(command: Sequence[str], settings: dict[str, str]) -> Told:
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        started = time.perf_counter()
        process = subprocess.Popen(command, stdout=output, stderr=errors, env={**os.environ, **settings})
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0), errors.seek(0)
        if process.returncode:
            raise SystemExit(f"{' '.join(command)} ended with {process.returncode}:\n{errors.read().decode()[-2000:]}")
        return Told(json.loads(output.read() or b"{}"), seconds, usage.ru_maxrss / 1024)
