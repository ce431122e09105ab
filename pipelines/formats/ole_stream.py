"""What is in an OLE file (as an ``.xls`` is one), for what the sheet library does not tell."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MOST_NAMED = 1 << 28
_LAST = 0xFFFFFFFA  # sector numbers from here on are marks: end of a chain, free, the tables themselves
_ENTRY = 128
_FILE_KINDS = (1, 2, 5)


def ole_stream(path: Path, names: tuple[str, ...], *, most: int) -> bytes:
    """The first stream of one of these names; empty when there is none, or it is broken or longer than ``most``.

    Streams so short that they stand among others in one sector are not looked for: no workbook is.
    """
    data = _whole(path, most)
    try:
        for name, entry in _entries(data):
            if name in names and entry[66] in _FILE_KINDS:
                sector, stream_size = struct.unpack_from("<II", entry, 116)
                size = _sector_size(data)
                return _chained(data, _table(data, size), size, sector)[:stream_size]
    except (struct.error, IndexError, ValueError):
        return b""
    return b""


def ole_names(path: Path) -> set[str]:
    """The names of all streams and folders; those up to where the file is broken, none of a very large one."""
    names: set[str] = set()
    try:
        names.update(name for name, _ in _entries(_whole(path, _MOST_NAMED)))
    except (struct.error, IndexError, ValueError):
        return names
    return names


def _whole(path: Path, most: int) -> bytes:
    data = path.read_bytes() if path.stat().st_size <= most else b""
    return data if data.startswith(OLE) and len(data) >= 512 else b""


def _sector_size(data: bytes) -> int:
    return 1 << min(int.from_bytes(data[30:32], "little"), 16)


def _entries(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of each entry of the directory."""
    if not data:
        return
    size = _sector_size(data)
    (first,) = struct.unpack_from("<I", data, 48)
    directory = _chained(data, _table(data, size), size, first)
    for start in range(0, len(directory) - _ENTRY + 1, _ENTRY):
        entry = directory[start : start + _ENTRY]
        (length,) = struct.unpack_from("<H", entry, 64)
        yield entry[: max(min(length, 64) - 2, 0)].decode("utf-16-le", "replace"), entry


def _sector(data: bytes, size: int, number: int) -> bytes:
    return data[(number + 1) * size : (number + 2) * size]


def _table(data: bytes, size: int) -> list[int]:
    """The sector that follows each one; the places of this table stand in the header and in sectors of their own."""
    places = [n for n in struct.unpack_from("<109I", data, 76) if n < _LAST]
    (more, count) = struct.unpack_from("<II", data, 68)
    for _ in range(min(count, len(data) // size)):
        if more >= _LAST:
            break
        *numbers, more = struct.unpack(f"<{size // 4}I", _sector(data, size, more))
        places += [n for n in numbers if n < _LAST]
    table: list[int] = []
    for place in places:
        table += struct.unpack(f"<{size // 4}I", _sector(data, size, place))
    return table


def _chained(data: bytes, table: list[int], size: int, first: int) -> bytes:
    parts: list[bytes] = []
    number = first
    while number < _LAST:
        if len(parts) > len(table):
            raise ValueError("a chain of sectors that has no end")
        parts.append(_sector(data, size, number))
        number = table[number]
    return b"".join(parts)
