"""Reads landed or given files as what is packed in them, within the limits of the settings."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipelines.formats.limits import UnpackLimits
from pipelines.formats.unpack import packing_of, unpacked
from pipelines.settings import Settings
from pipelines.storage.home import Home
from pipelines.storage.landing import landed_file, raw_scratch
from pipelines.storage.ledger import Batch


def limits_of(settings: Settings) -> UnpackLimits:
    """The limits that the settings name."""
    return UnpackLimits(settings.max_unpacked_bytes, settings.max_archive_members, settings.max_unpack_ratio)


def plain_landed(settings: Settings, batch: Batch, scratch: Path) -> Path:
    """The bytes of a landed batch to read: the landed file, or what is packed in it, written into ``scratch``.

    Raises:
        DataRefused: it cannot be unpacked within the limits.
    """
    landed = landed_file(Home(settings.home), batch.source, batch.stream, batch.batch_id)
    return unpacked(landed, file_name=batch.file_name, scratch=scratch, limits=limits_of(settings))


@contextmanager
def plain_file(settings: Settings, path: Path) -> Iterator[Path]:
    """A file that somebody names, unpacked for as long as it is read; itself when it is not packed.

    Raises:
        DataRefused: it cannot be unpacked within the limits.
    """
    if not path.is_file() or packing_of(path) is None:
        yield path
        return
    with raw_scratch(Home(settings.home)) as scratch:
        yield unpacked(path, file_name=path.name, scratch=scratch, limits=limits_of(settings))
