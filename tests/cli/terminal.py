"""A terminal to run programs on: a pseudo-terminal of a given size, and all that was written to it."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import struct
import subprocess
import termios
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

_ESCAPE = re.compile(r"\x1b(\[[0-9;?]*[A-Za-z]|[()][A-Z0-9]|[=>])")


def plain(written: str) -> str:
    """What was written without escape codes and carriage returns."""
    return _ESCAPE.sub("", written).replace("\r", "\n")


class Terminal:
    """One pseudo-terminal. ``written`` is what came out of it so far, escape codes included."""

    def __init__(self, columns: int) -> None:
        self._ours, self.theirs = pty.openpty()
        fcntl.ioctl(self.theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
        self._parts: list[bytes] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        with contextlib.suppress(OSError):  # the other end is closed
            while part := os.read(self._ours, 65536):
                self._parts.append(part)

    @property
    def written(self) -> str:
        return b"".join(self._parts).decode(errors="replace").replace("\r\n", "\n")

    @property
    def text(self) -> str:
        """Without escape codes; what was written over a line stands in a line of its own."""
        return plain(self.written)

    def type(self, keys: str) -> None:
        os.write(self._ours, keys.encode())

    def wait_for(self, text: str, *, since: int = 0, seconds: float = 60) -> None:
        """Until a text stands in what was written from there on."""
        until = time.monotonic() + seconds
        while text not in plain(self.written[since:]):
            assert time.monotonic() < until, f"{text!r} did not come: {self.text[-2000:]}"
            time.sleep(0.02)

    def close(self) -> None:
        os.close(self.theirs)
        self._reader.join(timeout=10)
        os.close(self._ours)


@contextlib.contextmanager
def terminal(columns: int = 80) -> Iterator[Terminal]:
    """A terminal for as long as it is looked at."""
    made = Terminal(columns)
    try:
        yield made
    finally:
        made.close()


def run_on(
    screen: Terminal, command: list[str], *, environment: Mapping[str, str], folder: Path | None = None
) -> subprocess.Popen[bytes]:
    """A process that has the terminal for itself."""
    return subprocess.Popen(
        command,
        stdin=screen.theirs,
        stdout=screen.theirs,
        stderr=screen.theirs,
        env={**environment, "TERM": environment.get("TERM", "xterm-256color")},
        cwd=folder,
        start_new_session=True,
    )
