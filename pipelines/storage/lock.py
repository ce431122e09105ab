"""One writer at a time: load, build and publish of one home exclude each other across processes."""

from __future__ import annotations

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager

from pipelines.domain.errors import SourceUnavailable
from pipelines.storage.home import Home

_PAUSE = 0.2


@contextmanager
def single_writer(home: Home, *, wait_seconds: float = 3600) -> Iterator[None]:
    """Hold the writer's lock; wait for the one who holds it. A killed holder's lock is free at once.

    Raises:
        SourceUnavailable: another run still holds it after ``wait_seconds``; worth a retry.
    """
    home.build.mkdir(parents=True, exist_ok=True)
    with (home.build / ".writer.lock").open("w", encoding="utf-8") as handle:
        deadline = time.monotonic() + wait_seconds
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise SourceUnavailable(
                        "Another run is writing to this home.", next_step="Wait for it, or look with `cchc status`."
                    ) from None
                time.sleep(_PAUSE)
        yield
