"""The inbox, wherever it is: a folder, SFTP, or any transport that fsspec knows. Only looks and reads."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from pipelines.domain.errors import CchcError, SourceUnavailable, WrongUse
from pipelines.storage.listing import entries_of, is_http

_UNFINISHED = (".part", ".tmp", ".filepart", ".crdownload", "~")
_MARKS = (".done", ".ok")
CHECKSUM = ".sha256"
_SECRETS = re.compile(r"(?<=//)[^/@\s]+@|\?[^\s'\"]+")  # user and password, and a query that may hold a token
_TRUTH = "truth.json"  # the simulator's key to its own exports lies beside them

# A path below the inbox and why it is not taken.
Refused = list[tuple[str, str]]


@dataclass(frozen=True)
class Found:
    """A file of a stream as it looked. ``marked``: a ``.done``, ``.ok`` or ``.sha256`` says that it is complete.

    ``checksum`` is the path of the file that names its SHA-256, None when there is none.
    """

    path: str
    source: str
    stream: str
    name: str
    size: int
    modified: datetime
    marked: bool
    checksum: str | None = None

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
    """An inbox that answers. ``public`` is its address without credentials; ``connect`` opens it once more."""

    filesystem: Any
    root: str
    public: str
    connect: Callable[[], Any]

    @property
    def is_local(self) -> bool:
        """Whether it is a folder of this machine."""
        return "file" in self.filesystem.protocol


def look_text(label: str, size: int, modified: str) -> str:
    """A look at a file as one text: where it is, bytes, when it was changed."""
    return f"{label} {size} {modified}"


@contextmanager
def opened_inbox(place: str, *, options: Mapping[str, Any] | None = None) -> Iterator[Inbox]:
    """The inbox at a path or an address; its connection is closed at the end.

    Args:
        place: a folder, or an address such as ``sftp://``, ``s3://``, ``https://``.
        options: what fsspec is to know besides, such as an S3 endpoint or a key file; not for folders.

    Raises:
        SourceUnavailable: it is not there, or cannot be reached.
        WrongUse: it is no folder, or the address makes no sense.
    """
    import fsspec

    public = _public(place)
    more = dict(options or {}) if urlsplit(place).netloc else {}

    def connect() -> Any:
        return fsspec.url_to_fs(place, skip_instance_cache=True, **more)[0]

    try:
        filesystem, root = fsspec.url_to_fs(place, skip_instance_cache=True, **more)
    except (ValueError, ImportError, TypeError) as error:
        raise WrongUse(
            f"The inbox {public}: {_told(error)}", next_step="Give a folder or an address like sftp://…"
        ) from error
    except Exception as error:
        raise _unreachable(public, error) from error
    try:
        with reaching(public):
            kind = _kind(filesystem, root)
        if kind is None:
            raise SourceUnavailable(
                f"The inbox {public} is not there.", next_step="Check the path, and that the share is mounted."
            )
        if kind == "file":
            raise WrongUse(f"The inbox {public} is not a folder.", next_step="Give --inbox or CCHC_INBOX.")
        yield Inbox(filesystem, root, public, connect)
    finally:
        disconnect(filesystem)


def _kind(filesystem: Any, root: str) -> str | None:
    if is_http(filesystem):  # a page is a folder when it has links
        filesystem.ls(root.rstrip("/") + "/", detail=False)
        return "directory"
    return str(filesystem.info(root)["type"]) if filesystem.exists(root) else None


def disconnect(filesystem: Any) -> None:
    """Close what a transport keeps open."""
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
        f"The inbox {public} cannot be reached: {type(error).__name__}: {_told(error)}",
        next_step="Check the address and the network, and try again; nothing is lost.",
    )


def _told(error: Exception) -> str:
    return _SECRETS.sub("", str(error))


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
    for entry in entries_of(inbox.filesystem, path, looks=False):
        if _ignored(entry.name):
            continue
        if entry.kind == "directory":
            folders.append((entry.name, entry.path))
        elif prefix or entry.name != _TRUTH:
            refused.append((prefix + entry.name, "does not lie in a folder <source>/<stream>"))
    return folders


def _ignored(name: str) -> bool:
    return name.startswith(".") or name.endswith((*_UNFINISHED, *_MARKS, CHECKSUM))


def _files(inbox: Inbox, folder: str, source: str, stream: str, refused: Refused) -> Iterator[Found]:
    try:
        entries = {e.path: e for e in entries_of(inbox.filesystem, folder)}
    except PermissionError:
        refused.append((f"{source}/{stream}", "may not be read; ask for its permissions to be mended"))
        return
    for path, entry in entries.items():
        if _ignored(entry.name):
            continue
        if entry.kind != "file" or entry.size < 0:
            why = (
                "is no plain file" if entry.kind != "file" else "has no size that its server tells, so no end is known"
            )
            refused.append((f"{source}/{stream}/{entry.name}", why))
            continue
        checksum = path + CHECKSUM if path + CHECKSUM in entries else None
        marked = checksum is not None or any(path + mark in entries for mark in _MARKS)
        yield Found(path, source, stream, entry.name, entry.size, entry.modified, marked, checksum)


def settled(inbox: Inbox, found: list[Found], seconds: float) -> tuple[list[Found], list[Found]]:
    """Files that have a done-marker or look the same twice, ``seconds`` apart; and those that do not."""
    unmarked = [f for f in found if not f.marked]
    if unmarked and seconds > 0:
        time.sleep(seconds)
    folders = sorted({f.path.rpartition("/")[0] for f in unmarked})
    inbox.filesystem.invalidate_cache()
    again = {e.path: (e.size, e.modified) for folder in folders for e in entries_of(inbox.filesystem, folder)}
    waiting = [f for f in unmarked if again.get(f.path) != (f.size, f.modified)]
    held = {f.path for f in waiting}
    return [f for f in found if f.path not in held], waiting
