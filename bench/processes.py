"""Commands as processes of their own: what they answer, how long they take, how much memory they need."""

from __future__ import annotations

import json
import os
import secrets
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

_GLANCE = 0.1  # seconds between two looks at the memory


@dataclass(frozen=True)
class Told:
    """A process that ended well: its JSON, seconds, and peak memory in MB, its own and its children's at one time."""

    answer: dict[str, Any]
    seconds: float
    peak_mb: float


def cchc(work: Path, *arguments: str) -> Told:
    """``cchc …`` with a home and a key of its own under ``work``."""
    work.mkdir(parents=True, exist_ok=True)
    key = work / "key"
    if not key.exists():
        key.write_text(secrets.token_hex(32), encoding="utf-8")
    return _told([str(Path(sys.executable).with_name("cchc")), *arguments, "--json"], _settings(work))


def python_module(name: str, *arguments: str, work: Path | None = None) -> Told:
    """``python -m name …``, which answers in JSON; with the home under ``work`` if one is given."""
    return _told([sys.executable, "-m", name, *arguments], {} if work is None else _settings(work))


def _settings(work: Path) -> dict[str, str]:
    return {
        "CCHC_HOME": str(work / "home"),
        "CCHC_PSEUDONYM_KEY_FILE": str(work / "key"),
        "CCHC_SETTLE_SECONDS": "0",
    }


def _told(command: Sequence[str], settings: dict[str, str]) -> Told:
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        started = time.perf_counter()
        process = psutil.Popen(command, stdout=output, stderr=errors, env={**os.environ, **settings})
        peak = 0
        while process.poll() is None:
            peak = max(peak, _memory(process))
            time.sleep(_GLANCE)
        seconds = time.perf_counter() - started
        output.seek(0), errors.seek(0)
        if process.returncode:
            raise SystemExit(f"{' '.join(command)} ended with {process.returncode}:\n{errors.read().decode()[-2000:]}")
        return Told(json.loads(output.read() or b"{}"), seconds, peak / 2**20)


def _memory(process: psutil.Process) -> int:
    """Bytes that the process and all below it hold at this moment, shared pages counted once for each."""
    held = 0
    with suppress(psutil.NoSuchProcess):
        for one in [process, *process.children(recursive=True)]:
            with suppress(psutil.NoSuchProcess):
                held += one.memory_info().rss
    return held
