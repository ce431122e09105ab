"""Archives of the inbox: every member lands as a file of its own, ``archive.zip!member``."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.domain.errors import DataRefused
from pipelines.flows.unpacking import limits_of
from pipelines.formats.archive import Archive, Member, opened_archive
from pipelines.formats.unpack import packing_of, refuse_packed_twice
from pipelines.settings import Settings
from pipelines.storage.home import Home
from pipelines.storage.inbox import Found
from pipelines.storage.landing import STAMP, Manifest, copy_hashed, land, raw_scratch, stamp_of

ZIP_SIGN = b"PK\x03\x04"


@dataclass(frozen=True)
class Taken:
    """What came of one file: the files landed, members refused with the reason, the hash of an archive."""

    manifests: tuple[Manifest, ...]
    refused: tuple[tuple[str, str], ...] = ()
    archive_sha256: str | None = None


class Rejoined:
    """A stream whose first bytes were read already."""

    def __init__(self, head: bytes, stream: Any) -> None:
        self._head = head
        self._stream = stream

    def read(self, size: int) -> bytes:
        """The next bytes, the first ones again to begin with."""
        head, self._head = self._head, b""
        return head or bytes(self._stream.read(size))


def land_members(settings: Settings, stream: Any, file: Found, *, collected_from: str, sha256: str | None) -> Taken:
    """Copy a zip under landing, then land the sheet that it is, or each of its members.

    Args:
        settings: the installation and its limits.
        stream: the zip's bytes.
        file: how it looked.
        collected_from: the inbox's public address.
        sha256: what a checksum file says, None when there is none.

    Raises:
        SizeChanged: it is still being written.
        DataRefused: no sound archive, past the limits, or not the bytes that the checksum names.
    """
    home = Home(settings.home)
    with raw_scratch(home) as scratch:
        copy = scratch / "archive"
        digest = copy_hashed(stream, copy, size=file.size, sha256=sha256, name=file.name)
        origin = {"source": file.source, "stream_name": file.stream, "collected_from": collected_from}
        if packing_of(copy) is None or not zipfile.is_zipfile(copy):  # a broken one lands, and is refused for good
            return Taken((_land(home, copy, file, file.name, origin),))
        with opened_archive(copy, file_name=file.name, limits=limits_of(settings)) as archive:
            refused = [(f"{file.name}!{label}", reason) for label, reason in archive.refused]
            manifests = []
            for member in archive.members:
                name = archive.name_of(member)
                try:
                    _write(archive, member, scratch / "member", name)
                except DataRefused as error:
                    refused.append((name, str(error)))
                else:
                    manifests.append(_land(home, scratch / "member", file, name, origin))
    return Taken(tuple(manifests), tuple(refused), digest)


def _write(archive: Archive, member: Member, target: Path, name: str) -> None:
    archive.write(member, target)
    refuse_packed_twice(target, name)


def _land(home: Home, path: Path, file: Found, name: str, origin: dict[str, str]) -> Manifest:
    """The member's own stamp counts, else its archive's, else when the archive was changed."""
    own = name.rpartition("!")[2]
    stamp = stamp_of(own if STAMP.search(own) else file.name, file.modified)
    with path.open("rb") as stream:
        return land(home, stream, stamp=stamp, file_name=name, size=path.stat().st_size, **origin)
