"""A remote file read to its end though the connection breaks: taken up again where it broke off."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

_TRIES = 3


class Resuming:
    """A stream that opens anew after a break, at the byte where it stood.

    Args:
        open_at: opens the file at a position; told whether it is the first time.
        pause: seconds before the second try; twice as long before each one after.
    """

    def __init__(self, open_at: Callable[[int, bool], Any], *, pause: float = 0.5) -> None:
        self._open_at = open_at
        self._pause = pause
        self._stream: Any = None
        self._at = 0
        self._is_first = True

    def read(self, size: int) -> bytes:
        """The next bytes; empty at the end.

        Raises:
            FileNotFoundError, PermissionError: this file's own fault; at once.
            Exception: whatever the transport raised, when it broke every time.
        """
        for attempt in range(_TRIES):
            try:
                if self._stream is None:
                    first, self._is_first = self._is_first, False
                    self._stream = self._open_at(self._at, first)
                data = bytes(self._stream.read(size))
            except (FileNotFoundError, PermissionError):
                raise
            except Exception:
                self.close()
                if attempt == _TRIES - 1:
                    raise
                time.sleep(self._pause * 2**attempt)
            else:
                self._at += len(data)
                return data
        raise AssertionError("a try either returns or raises")

    def close(self) -> None:
        """Let go of what is open; a broken stream may not even close."""
        stream, self._stream = self._stream, None
        if stream is not None:
            with suppress(Exception):
                stream.close()
