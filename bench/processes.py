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

_GLANCE = 0.25  # seconds between two looks at the memory


@dataclass(frozen=True)
class Told:
    """A process that ended well: its JSON, seconds, and the memory in MB at each look, its own and its children's.

    What they share counts once. ``looks`` are (seconds since the start, MB).
    """

    answer: dict[str, Any]
    seconds: float
    looks: tuple[tuple[float, float], ...]

    @property
    def peak_mb(self) -> float:
        """The most that was seen."""
        return max((held for _, held in self.looks), default=0.0)

    def peaks(self, steps: dict[str, float]) -> dict[str, float]:
        """The most that was seen in each step, given their seconds one after the other up to the end."""
        found, begin = {}, self.seconds - sum(steps.values())
        for name, seconds in steps.items():
            found[name] = max((held for at, held in self.looks if begin <= at < begin + seconds), default=0.0)
            begin += seconds
        return found


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
        looks = []
        while process.poll() is None:
            looks.append((time.perf_counter() - started, _memory(process) / 2**20))
            time.sleep(_GLANCE)
        seconds = time.perf_counter() - started
        output.seek(0), errors.seek(0)
        if process.returncode:
            raise SystemExit(f"{' '.join(command)} ended with {process.returncode}:\n{errors.read().decode()[-2000:]}")
        return Told(json.loads(output.read() or b"{}"), seconds, tuple(looks))


def _memory(process: psutil.Process) -> int:
    """Bytes that the process and all below it hold at this moment; each has its share of a page that several have."""
    held = 0
    with suppress(psutil.NoSuchProcess):
        for one in [process, *process.children(recursive=True)]:
            with suppress(psutil.NoSuchProcess):
                held += one.memory_full_info().pss
    return held
