"""Locks of a home that processes hold: one run at a time, and within it one writer at a time."""

from __future__ import annotations

import fcntl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pipelines.domain.errors import SourceUnavailable
from pipelines.storage.home import Home

_PAUSE = 0.2


@contextmanager
def single_writer(home: Home, *, wait_seconds: float = 3600) -> Iterator[None]:
    """Hold the writer's lock; wait for the one who holds it. A killed holder's lock is free at once.

    Load, build and publish of one home exclude each other. Not to be taken twice by one process.

    Raises:
        SourceUnavailable: another run still holds it after ``wait_seconds``; worth a retry.
    """
    with _held(home.build / ".writer.lock", wait_seconds, lambda: None):
        yield


@contextmanager
def single_run(home: Home, *, wait_seconds: float = 3600, on_wait: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Hold the lock of a whole run, so that two of them never prepare the same files.

    Args:
        home: the installation.
        wait_seconds: how long to wait for the run that holds it.
        on_wait: called once when there is something to wait for.

    Raises:
        SourceUnavailable: the other run has not ended after ``wait_seconds``.
    """
    with _held(home.build / ".run.lock", wait_seconds, on_wait):
        yield


@contextmanager
def _held(path: Path, wait_seconds: float, on_wait: Callable[[], None]) -> Iterator[None]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as handle:
        deadline = time.monotonic() + wait_seconds
        told = False
        while not _taken(handle.fileno()):
            if time.monotonic() > deadline:
                raise SourceUnavailable(
                    "Another run is writing to this home.", next_step="Wait for it, or look with `cchc status`."
                )
            if not told:
                on_wait()
                told = True
            time.sleep(_PAUSE)
        yield


def _taken(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
