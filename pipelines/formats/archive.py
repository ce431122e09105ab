"""Zip archives with many exports in them: what is inside, and one member's bytes at a time.

A member's name is a label: nothing is ever written to a path made of it.
"""

from __future__ import annotations

import errno
import lzma
import re
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pipelines.domain.errors import DataRefused
from pipelines.formats.limits import UnpackLimits, copy_within

_NOT_A_NAME = re.compile(r"[\0-\x1f\x7f]+")
_LONGEST_LABEL = 150
_ENCRYPTED = 0x1
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
)


@dataclass(frozen=True)
class Member:
    """One file of an archive. ``label`` is its name with ``!`` for every step of its path."""

    label: str
    info: zipfile.ZipInfo


@dataclass(frozen=True)
class Archive:
    """An open archive within the limits: members that can be read, and labels of the others with the reason."""

    file_name: str
    zip: zipfile.ZipFile
    members: tuple[Member, ...]
    refused: tuple[tuple[str, str], ...]
    limits: UnpackLimits

    def name_of(self, member: Member) -> str:
        """``archive.zip!member``."""
        return f"{self.file_name}!{member.label}"

    def write(self, member: Member, target: Path) -> int:
        """Write a member's bytes to ``target``; their number.

        Raises:
            DataRefused: damaged, or larger than the archive says.
        """
        info = member.info
        try:
            with self.zip.open(info) as stream:
                packed = info.compress_size
                return copy_within(stream, target, packed=packed, name=self.name_of(member), limits=self.limits)
        except _BROKEN as error:
            raise _damaged(self.name_of(member), error) from error
        except OSError as error:
            if error.errno not in (None, errno.EINVAL):  # a full disk is no fault of the archive
                raise
            raise _damaged(self.name_of(member), error) from error


def _damaged(name: str, error: Exception) -> DataRefused:
    return DataRefused(
        f"{name} is damaged in its archive ({type(error).__name__}).",
        next_step="Ask its owner for the export again.",
    )


@contextmanager
def opened_archive(path: Path, *, file_name: str, limits: UnpackLimits) -> Iterator[Archive]:
    """Look into a zip. What its directory says is held to the limits before anything is unpacked.

    Folders and what systems leave in archives (``__MACOSX``, ``.DS_Store``) are passed over. A member
    with a password, or whose name stands twice, is refused; the others can be read.

    Raises:
        DataRefused: no sound archive, or past the limits.
    """
    try:
        archive = zipfile.ZipFile(path)
    except (*_BROKEN, OSError) as error:
        raise DataRefused(
            f"{file_name} is a damaged zip ({type(error).__name__}).", next_step="Ask its owner for the export again."
        ) from error
    with archive:
        infos = [i for i in archive.infolist() if not (i.filename.endswith("/") or _is_left_by_a_system(i.filename))]
        if len(infos) > limits.max_members:
            raise DataRefused(
                f"{file_name} holds {len(infos)} files, more than the {limits.max_members} allowed.",
                next_step="Split it, or raise CCHC_MAX_ARCHIVE_MEMBERS.",
            )
        limits.check(sum(i.file_size for i in infos), path.stat().st_size, file_name)
        times = Counter(_label(i.filename) for i in infos)
        good, bad = [], []
        for info in infos:
            label = _label(info.filename)
            reason = _fault(info, times[label])
            if reason is None:
                good.append(Member(label, info))
            else:
                bad.append((label, reason))
        yield Archive(file_name, archive, tuple(good), tuple(dict.fromkeys(bad)), limits)


def _fault(info: zipfile.ZipInfo, times: int) -> str | None:
    if info.flag_bits & _ENCRYPTED:
        return "is locked with a password; pack it without one"
    if times > 1:
        return f"stands {times} times in its archive, so it is not known which one is meant; pack it once"
    return None


def _label(name: str) -> str:
    """``../a/b.csv`` as ``..!a!b.csv``: one name, no path, no sign that a terminal would obey."""
    steps = [s for s in re.split(r"[/\\]+", _NOT_A_NAME.sub("", name)) if s]
    return "!".join(steps)[-_LONGEST_LABEL:] or "(no name)"


def _is_left_by_a_system(name: str) -> bool:
    return name.startswith("__MACOSX/") or name.rsplit("/", 1)[-1] in {".DS_Store", "Thumbs.db", "desktop.ini"}
