"""The inbox, wherever it is: a folder, SFTP, or any transport that fsspec knows. Only looks and reads."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from pipelines.domain.errors import CchcError, SourceUnavailable, WrongUse

_UNFINISHED = (".part", ".tmp", ".filepart", ".crdownload", "~")
_MARK = ".done"
_TRUTH = "truth.json"  # the simulator's key to its own exports lies beside them

# A path below the inbox and why it is not taken.
Refused = list[tuple[str, str]]


@dataclass(frozen=True)
class Found:
    """A file of a stream as it looked. ``marked``: a ``.done`` file says that it is complete."""

    path: str
    source: str
    stream: str
    name: str
    size: int
    modified: datetime
    marked: bool

    @property
    def label(self) -> str:
        """``source/stream/name``."""
        return f"{self.source}/{self.stream}/{self.name}"

    @property
    def look(self) -> str:
        """What says, without reading it, that a file is one we took already."""
        return look_text(self.label, self.size, self.modified.isoformat())


@dataclass(frozen=True)
class Inbox:
    """An inbox that answers. ``public`` is its address without credentials."""

    filesystem: Any
    root: str
    public: str

    @property
    def is_local(self) -> bool:
        """Whether it is a folder of this machine."""
        return "file" in self.filesystem.protocol


def look_text(label: str, size: int, modified: str) -> str:
    """A look at a file as one text: where it is, bytes, when it was changed."""
    return f"{label} {size} {modified}"


@contextmanager
def opened_inbox(place: str) -> Iterator[Inbox]:
    """The inbox at a path or an address; its connection is closed at the end.

    Raises:
        SourceUnavailable: it is not there, or cannot be reached.
        WrongUse: it is no folder, or the address makes no sense.
    """
    import fsspec

    public = _public(place)
    try:
        filesystem, root = fsspec.url_to_fs(place, skip_instance_cache=True)
    except (ValueError, ImportError) as error:
        raise WrongUse(f"The inbox {public}: {error}", next_step="Give a folder or an address like sftp://…") from error
    except Exception as error:
        raise _unreachable(public, error) from error
    try:
        with reaching(public):
            kind = filesystem.info(root)["type"] if filesystem.exists(root) else None
        if kind is None:
            raise SourceUnavailable(
                f"The inbox {public} is not there.", next_step="Check the path, and that the share is mounted."
            )
        if kind == "file":
            raise WrongUse(f"The inbox {public} is not a folder.", next_step="Give --inbox or CCHC_INBOX.")
        yield Inbox(filesystem, root, public)
    finally:
        for name in ("ftp", "client"):  # what fsspec's SFTP keeps open
            with suppress(Exception):
                getattr(filesystem, name).close()


@contextmanager
def reaching(public: str, *, but: tuple[type[Exception], ...] = ()) -> Iterator[None]:
    """Whatever a transport raises, ``but`` these, means that the source cannot be reached now.

    Raises:
        SourceUnavailable: in place of the transport's own error.
    """
    kept: tuple[type[Exception], ...] = (CchcError, *but)
    try:
        yield
    except kept:
        raise
    except Exception as error:
        raise _unreachable(public, error) from error


def _unreachable(public: str, error: Exception) -> SourceUnavailable:
    return SourceUnavailable(
        f"The inbox {public} cannot be reached: {type(error).__name__}: {error}",
        next_step="Check the address and the network, and try again; nothing is lost.",
    )


def _public(place: str) -> str:
    """The address without user, password and query."""
    parts = urlsplit(place)
    if not parts.netloc:
        return place
    host = parts.hostname or ""
    return parts._replace(netloc=f"{host}:{parts.port}" if parts.port else host, query="", fragment="").geturl()


def look_around(
    inbox: Inbox, streams: Collection[tuple[str, str]], sources: Sequence[str] | None
) -> tuple[list[Found], Refused]:
    """Files under ``<source>/<stream>/``, and whatever lies elsewhere with the reason why it is not taken.

    Args:
        inbox: where to look.
        streams: the streams that there are.
        sources: only these sources.
    """
    known = sorted({s for s, _ in streams})
    found: list[Found] = []
    refused: Refused = []
    inbox.filesystem.invalidate_cache()
    for source, folder in _entries(inbox, inbox.root, "", refused):
        if sources is not None and source not in sources:
            continue
        if source not in known:
            refused.append((source, f"there is no such source; those known are {', '.join(known)}"))
            continue
        for stream, sub in _entries(inbox, folder, f"{source}/", refused):
            if (source, stream) in streams:
                found += _files(inbox, sub, source, stream, refused)
            else:
                of_it = ", ".join(sorted(t for s, t in streams if s == source))
                refused.append((f"{source}/{stream}", f"there is no such stream; those of {source} are {of_it}"))
    return found, refused


def _entries(inbox: Inbox, path: str, prefix: str, refused: Refused) -> list[tuple[str, str]]:
    """Folders under ``path`` by name; files there lie outside a stream and are refused."""
    folders = []
    for entry in sorted(inbox.filesystem.ls(path, detail=True), key=lambda e: str(e["name"])):
        name = PurePosixPath(entry["name"]).name
        if _ignored(name):
            continue
        if entry["type"] == "directory":
            folders.append((name, entry["name"]))
        elif prefix or name != _TRUTH:
            refused.append((prefix + name, "does not lie in a folder <source>/<stream>"))
    return folders


def _ignored(name: str) -> bool:
    return name.startswith(".") or name.endswith((*_UNFINISHED, _MARK))


def _files(inbox: Inbox, folder: str, source: str, stream: str, refused: Refused) -> Iterator[Found]:
    try:
        entries = {e["name"]: e for e in inbox.filesystem.ls(folder, detail=True)}
    except PermissionError:
        refused.append((f"{source}/{stream}", "may not be read; ask for its permissions to be mended"))
        return
    for path, entry in sorted(entries.items()):
        name = PurePosixPath(path).name
        if _ignored(name):
            continue
        if entry["type"] != "file":
            refused.append((f"{source}/{stream}/{name}", "is no plain file"))
            continue
        yield Found(path, source, stream, name, *_look_of(entry), marked=path + _MARK in entries)


def _look_of(entry: dict[str, Any]) -> tuple[int, datetime]:
    when = entry.get("mtime") or entry.get("LastModified") or entry.get("created") or 0
    if not isinstance(when, datetime):
        when = datetime.fromtimestamp(float(when), UTC)
    return int(entry["size"] or 0), when if when.tzinfo else when.replace(tzinfo=UTC)


def settled(inbox: Inbox, found: list[Found], seconds: float) -> tuple[list[Found], list[Found]]:
    """Files that have a done-marker or look the same twice, ``seconds`` apart; and those that do not."""
    unmarked = [f for f in found if not f.marked]
    if unmarked and seconds > 0:
        time.sleep(seconds)
    folders = sorted({str(PurePosixPath(f.path).parent) for f in unmarked})
    inbox.filesystem.invalidate_cache()
    again = {e["name"]: _look_of(e) for folder in folders for e in inbox.filesystem.ls(folder, detail=True)}
    waiting = [f for f in unmarked if again.get(f.path) != (f.size, f.modified)]
    held = {f.path for f in waiting}
    return [f for f in found if f.path not in held], waiting


@contextmanager
def reading(inbox: Inbox, file: Found) -> Iterator[Any]:
    """The bytes of a file. FileNotFoundError and PermissionError are this file's; all else is the inbox's.

    Raises:
        SourceUnavailable: the connection broke.
    """
    if inbox.is_local:
        with Path(file.path).open("rb") as stream:
            yield stream
        return
    with reaching(inbox.public, but=(FileNotFoundError, PermissionError)):
        stream = inbox.filesystem.open(file.path, "rb")
    with stream:
        yield _Remote(stream, inbox.public)


class _Remote:
    """A remote file whose broken reads are told from faults of our own disk."""

    def __init__(self, stream: Any, public: str) -> None:
        self._stream = stream
        self._public = public

    def read(self, size: int) -> bytes:
        with reaching(self._public):
            data: bytes = self._stream.read(size)
        return data
