"""What lies in a folder of a transport, told in one way: local folders, SFTP, S3, and HTTP pages of links."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote

_NO_TIME = datetime.fromtimestamp(0, UTC)
_UNNAMEABLE = ("/", "\\", "\0", "\n", "\r")


@dataclass(frozen=True)
class Entry:
    """A name in a folder. ``kind``: ``file``, ``directory`` or another word of the transport."""

    path: str
    name: str
    kind: str
    size: int
    modified: datetime


def is_http(filesystem: Any) -> bool:
    """Whether folders are pages of links, and files are asked for their size one by one."""
    return "http" in filesystem.protocol


def entries_of(filesystem: Any, folder: str, *, looks: bool = True) -> list[Entry]:
    """What lies in a folder, by path; without ``looks`` sizes and times may be missing.

    HTTP: only links to what lies right below the folder are followed, never to another place. A file
    whose server tells no size has -1.
    """
    if is_http(filesystem):
        return sorted(_linked(filesystem, folder, looks=looks), key=lambda e: e.path)
    found = filesystem.ls(folder, detail=True)
    own = folder.rstrip("/")  # an object store may hold the folder itself as an empty object
    entries = [_entry(e) for e in found if str(e["name"]).rstrip("/") != own]
    return sorted(entries, key=lambda e: e.path)


def _entry(told: dict[str, Any]) -> Entry:
    path = str(told["name"])
    when = told.get("mtime") or told.get("LastModified") or told.get("created") or 0
    if not isinstance(when, datetime):
        when = datetime.fromtimestamp(float(when), UTC)
    moment = when if when.tzinfo else when.replace(tzinfo=UTC)
    return Entry(path, PurePosixPath(path).name, str(told["type"]), int(told["size"] or 0), moment)


def _linked(filesystem: Any, folder: str, *, looks: bool) -> list[Entry]:
    base = folder.rstrip("/") + "/"
    entries = []
    for link in filesystem.ls(base, detail=False):
        rest = str(link).removeprefix(base)
        bare = rest.rstrip("/")
        if rest == link or bare in ("", ".", "..") or any(sign in bare for sign in "/?#"):
            continue  # elsewhere, or a way to sort the page
        name = unquote(bare)
        shown = bare if any(sign in name for sign in _UNNAMEABLE) else name
        is_folder = rest.endswith("/")
        size, modified = (
            _asked(filesystem, base + bare) if looks and not is_folder else (0, datetime.fromtimestamp(0, UTC))
        )
        entries.append(Entry(base + bare, shown, "directory" if is_folder else "file", size, modified))
    return entries


def _asked(filesystem: Any, address: str) -> tuple[int, datetime]:
    told = filesystem.info(address)
    when = told.get("Last-Modified")
    modified = parsedate_to_datetime(when) if when else _NO_TIME
    size = told.get("size")
    return -1 if size is None else int(size), modified


def open_at(filesystem: Any, path: str, position: int) -> Any:
    """A file opened for reading from ``position`` on.

    A server that cannot begin in the middle gives the whole again, and what was read already is passed over.
    """
    if not is_http(filesystem):
        stream = filesystem.open(path, "rb")
        stream.seek(position)
        return stream
    headers = {**filesystem.kwargs.get("headers", {}), "Accept-Encoding": "identity"}
    if position:
        headers["Range"] = f"bytes={position}-"
    stream = filesystem.open(path, "rb", block_size=0, size=1, headers=headers)  # 0: one stream, not many ranges
    left = 0 if stream.r.status == 206 else position
    while left > 0 and (passed := stream.read(min(left, 1 << 20))):
        left -= len(passed)
    return stream
