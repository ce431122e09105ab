"""What a packed file may come to, held while it is unpacked."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.domain.errors import DataRefused

_CHUNK = 1 << 20


@dataclass(frozen=True)
class UnpackLimits:
    """What a packed file may come to.

    ``max_bytes``: all it holds, unpacked. ``max_members``: files in one archive. ``max_ratio``: unpacked bytes
    for each packed one, which counts from ``ratio_from`` bytes on, as a small file of blanks harms nobody.
    """

    max_bytes: int
    max_members: int
    max_ratio: float
    ratio_from: int = 10 * 2**20

    def check(self, unpacked: int, packed: int, name: str) -> None:
        """Refuse what is larger, or larger for its packed size, than allowed.

        Raises:
            DataRefused: naming the limit and its setting.
        """
        if unpacked > self.max_bytes:
            raise DataRefused(
                f"{name} holds more than the {self.max_bytes} bytes allowed when unpacked.",
                next_step="Split the export, or raise CCHC_MAX_UNPACKED_BYTES.",
            )
        if unpacked > self.ratio_from and unpacked > self.max_ratio * max(packed, 1):
            raise DataRefused(
                f"{name} unpacks to more than {self.max_ratio:g} times its size, as no export does.",
                next_step="Have its owner look at it; if it is sound, raise CCHC_MAX_UNPACK_RATIO.",
            )


def copy_within(stream: Any, target: Path, *, packed: int, name: str, limits: UnpackLimits) -> int:
    """Write an unpacking stream to a file, never past the limits; its size.

    Raises:
        DataRefused: a limit is passed.
    """
    size = 0
    with target.open("wb") as out:
        while chunk := stream.read(_CHUNK):
            size += len(chunk)
            limits.check(size, packed, name)
            out.write(chunk)
    return size
