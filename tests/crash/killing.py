"""Kills a step with SIGKILL just before its n-th change to the file system.

Python tells of every such change in advance (audit events), so the places of death are exact and
need no knowledge of the step. A server process that has imported everything forks the victims.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from tests.forking import FORKS

CHANGES = ("os.rename", "os.link", "os.symlink", "os.remove", "os.mkdir", "os.rmdir", "os.chmod")
_FAR = 10**6


def victim(step: Callable[..., Any], home: Path, *, dies_before: int = _FAR) -> BaseProcess:
    """A process that runs ``step(settings)``; call ``start``."""
    return FORKS.Process(target=_run, args=(step, str(home), dies_before))


def changes_of(step: Callable[..., Any], home: Path) -> int:
    """How many changes a step makes to the file system when nobody kills it."""
    process = victim(step, home)
    process.start()
    process.join()
    assert process.exitcode == 0
    return int((home / ".changes").read_text())


def kill(step: Callable[..., Any], home: Path, *, dies_before: int) -> None:
    """Run a step and kill it before that change; it must have died there."""
    process = victim(step, home, dies_before=dies_before)
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL, f"{step.__name__} lived past change {dies_before}"


def _run(step: Callable[..., Any], home: str, dies_before: int) -> None:
    from tests.crash.stages import settings_of

    seen = 0

    def watch(event: str, args: tuple[Any, ...]) -> None:
        nonlocal seen
        if event in CHANGES and home in str(args[:2]):
            seen += 1
            if seen == dies_before:
                os.kill(os.getpid(), signal.SIGKILL)

    settings = settings_of(Path(home))
    sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 - for the rest of the process
    sys.addaudithook(watch)
    step(settings)
    (Path(home) / ".changes").write_text(str(seen), encoding="utf-8")
