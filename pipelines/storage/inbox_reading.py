"""The bytes of an inbox's files, and what a checksum file says of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pipelines.domain.errors import DataRefused
from pipelines.storage.inbox import CHECKSUM, Found, Inbox, disconnect, reaching
from pipelines.storage.landing import Readable
from pipelines.storage.listing import entries_of, open_at
from pipelines.storage.resuming import Resuming

_SHA256 = re.compile(r"\\?([0-9a-fA-F]{64})(\s|$)")
_LONGEST_CHECKSUM = 4096


def checksum_of(inbox: Inbox, file: Found) -> str | None:
    """The SHA-256 that lies beside a file (as ``sha256sum`` writes it); None when there is none.

    Raises:
        DataRefused: the file of that name holds none.
    """
    if file.checksum is None:
        return None
    with reaching(inbox.public, but=(FileNotFoundError, PermissionError)):
        stream = open_at(inbox.filesystem, file.checksum, 0)
        try:
            text = bytes(stream.read(_LONGEST_CHECKSUM)).decode("utf-8-sig", errors="replace")
        finally:
            stream.close()
    found = _SHA256.match(text.strip())
    if found is None:
        raise DataRefused(
            f"{file.name}{CHECKSUM} holds no SHA-256.", next_step="Write it with `sha256sum`, or take it away."
        )
    return found[1].lower()


@contextmanager
def reading(inbox: Inbox, file: Found) -> Iterator[Readable]:
    """The bytes of a file. FileNotFoundError and PermissionError are this file's; all else is the inbox's.

    Raises:
        SourceUnavailable: the connection broke.
    """
    if inbox.is_local:
        with Path(file.path).open("rb") as local:
            yield local
        return
    connections: list[Any] = []

    def opened(position: int, is_first: bool) -> Any:
        filesystem = inbox.filesystem
        if not is_first:  # the old connection may be what broke
            connections.append(filesystem := inbox.connect())
            if position and _changed(filesystem, file):
                raise FileNotFoundError(file.path)
        return open_at(filesystem, file.path, position)

    stream = Resuming(opened)
    try:
        yield _Remote(stream, inbox.public)
    finally:
        stream.close()
        for connection in connections:
            disconnect(connection)


def _changed(filesystem: Any, file: Found) -> bool:
    """Whether it is another file by now, whose end would not fit what was read of the first."""
    found = entries_of(filesystem, file.path.rpartition("/")[0])
    return (file.size, file.modified) not in {(e.size, e.modified) for e in found if e.path == file.path}


class _Remote:
    """A remote file whose broken reads are told from faults of our own disk."""

    def __init__(self, stream: Resuming, public: str) -> None:
        self._stream = stream
        self._public = public

    def read(self, size: int) -> bytes:
        with reaching(self._public, but=(FileNotFoundError, PermissionError)):
            return self._stream.read(size)
