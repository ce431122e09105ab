"""Packed files: told by their first bytes, unpacked within limits, into a scratch folder under landing.

One way for ``.gz`` and ``.zst``, one for ``.zip``. An archive's names are labels and never paths.
"""

from __future__ import annotations

import zipfile
from pathlib import Path

import pyarrow as pa

from pipelines.domain.errors import DataRefused
from pipelines.formats.archive import opened_archive
from pipelines.formats.limits import UnpackLimits, copy_within

_HEAD = 512
_STREAMS = ((b"\x1f\x8b", "gzip"), (b"\x28\xb5\x2f\xfd", "zstd"))
_ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_UNKNOWN = (  # where the sign stands, the sign, what it is called
    (0, b"BZh", "bzip2"),
    (0, b"\xfd7zXZ\0", "xz"),
    (0, b"7z\xbc\xaf\x27\x1c", "7z"),
    (0, b"Rar!\x1a\x07", "RAR"),
    (257, b"ustar", "tar"),
)
_SHEET_PARTS = ("[Content_Types].xml", "content.xml")
_FIRST_PARTS = (b"[Content_Types].xml", b"_rels/", b"docProps/", b"xl/", b"mimetype", b"META-INF/", b"content.xml")
_REPACK = "Pack it as .zip, .gz or .zst, or not at all."


def packing_of(path: Path) -> str | None:
    """``gzip``, ``zstd`` or ``zip`` by content; None for what is not packed, a sheet among it.

    (xlsx, xlsb and ods are zips by their bytes; each has a part that no archive of exports has.)
    ``bzip2``, ``xz``, ``7z``, ``RAR`` and ``tar`` are known by name but not opened.
    """
    with path.open("rb") as stream:
        head = stream.read(_HEAD)
    for sign, name in _STREAMS:
        if head.startswith(sign):
            return name
    if head.startswith(_ZIP):
        return None if _is_sheet(path, head) else "zip"
    return next((name for start, sign, name in _UNKNOWN if head[start:].startswith(sign)), None)


def _is_sheet(path: Path, head: bytes) -> bool:
    """By its parts; of a zip that is cut off only the first part's name is left to go by."""
    try:
        with zipfile.ZipFile(path) as archive:
            return any(part in archive.NameToInfo for part in _SHEET_PARTS)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        length = int.from_bytes(head[26:28], "little")
        name = head[30 : 30 + length]
        return len(name) < max(length, 1) or name.startswith(_FIRST_PARTS)


def unpacked(path: Path, *, file_name: str, scratch: Path, limits: UnpackLimits) -> Path:
    """The bytes to read: ``path`` itself, or what is packed in it, written into ``scratch``.

    Args:
        path: the landed file.
        file_name: what it is called.
        scratch: a folder under landing that goes when the reading is done.
        limits: what it may come to.

    Raises:
        DataRefused: a limit is passed, it is damaged, packed in a way that is not opened, or packed twice.
    """
    packing = packing_of(path)
    if packing is None:
        return path
    target = scratch / "unpacked"
    if packing == "zip":
        _unpack_only_member(path, file_name, target, limits)
    elif packing in {name for _, name in _STREAMS}:
        _unpack_stream(path, packing, file_name, target, limits)
    else:
        raise DataRefused(f"{file_name} is packed as {packing}, which is not opened.", next_step=_REPACK)
    refuse_packed_twice(target, file_name)
    return target


def refuse_packed_twice(path: Path, name: str) -> None:
    """What came out of a package must be no package itself: one level is opened.

    Raises:
        DataRefused: it is.
    """
    inner = packing_of(path)
    if inner is not None:
        raise DataRefused(
            f"{name} holds something packed again ({inner}); one level is opened.", next_step="Pack the export once."
        )


def _unpack_stream(path: Path, codec: str, file_name: str, target: Path, limits: UnpackLimits) -> None:
    packed = path.stat().st_size
    try:
        with pa.OSFile(str(path)) as raw, pa.CompressedInputStream(raw, codec) as stream:
            copy_within(stream, target, packed=packed, name=file_name, limits=limits)
    except OSError as error:
        if error.errno is not None:
            raise  # our own disk
        raise DataRefused(
            f"{file_name} is damaged {codec}: {error}.", next_step="Ask its owner for the export again."
        ) from error


def _unpack_only_member(path: Path, file_name: str, target: Path, limits: UnpackLimits) -> None:
    """An archive outside the inbox: ``collect`` lands every member as a file of its own."""
    with opened_archive(path, file_name=file_name, limits=limits) as archive:
        if len(archive.members) != 1:
            names = ", ".join(m.label for m in archive.members[:5]) or "none"
            raise DataRefused(
                f"{file_name} holds {len(archive.members)} files ({names}).",
                next_step="Drop it into the inbox, where each is taken by itself, or give one of them.",
            )
        archive.write(archive.members[0], target)
