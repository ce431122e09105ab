"""Text files as DuckDB reads them whole: in UTF-8, with no empty line, which it would pass over, and no holes."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from pipelines.domain.errors import DataRefused

UTF8 = ("utf-8", "utf-8-sig")
LONGEST = 4 * 2**20
_CHUNK = 1 << 22
_LOOK = 1 << 18  # stays in the cache of a processor
_END = ord("\n")
_BOM = b"\xef\xbb\xbf"
_UNFIT = str.maketrans({"\0": "\ufffd", "\x01": "\ufffd", "\r": " "})


def has_empty_lines(path: Path) -> bool:
    """Whether a file of one byte per sign begins with a line end, two of them follow each other, or it holds zeros."""
    last = b"\n"
    with path.open("rb") as stream:
        while chunk := stream.read(_LOOK):
            if b"\0" in chunk:
                return True
            window = last + (chunk.removeprefix(_BOM) if last == b"\n" else chunk)
            ends = np.frombuffer(window, np.uint8) == _END
            if (ends[1:] & ends[:-1]).any() or (b"\r" in window and (b"\n\r\n" in window or b"\r\r" in window)):
                return True
            last = window[-2:]
    return False


def refuse_endless_lines(path: Path) -> None:
    """A reader that takes a line at a time must not be given a whole disk as one.

    Raises:
        DataRefused: there is no line end within ``LONGEST`` bytes.
    """
    with path.open("rb") as stream:
        while len(chunk := stream.read(LONGEST)) == LONGEST:
            if b"\n" not in chunk and b"\r" not in chunk:
                raise DataRefused(
                    f"A line of the file is longer than the {LONGEST} bytes allowed, near byte {stream.tell()}.",
                    next_step="Ask its owner for the export again, with one record a line.",
                )


def copy_text(path: Path, encoding: str, target: Path) -> Path:
    """The same text in UTF-8."""
    with (
        path.open(encoding=encoding, errors="replace", newline="") as source,
        target.open("w", encoding="utf-8", newline="") as out,
    ):
        while text := source.read(_CHUNK):
            out.write(text)
    return target


def copy_lines(path: Path, encoding: str, target: Path) -> Path:
    """The same lines in UTF-8, fit for a reader of lines: an empty one holds a blank, none is too long.

    Bytes that are no text and control signs that a reader stumbles over become U+FFFD; zeros before a line, such as a
    server leaves that lost power, go.
    """
    wide = "utf-8-sig" if encoding in UTF8 else encoding
    with (
        path.open(encoding=wide, errors="replace", newline="\n") as source,
        target.open("w", encoding="utf-8", newline="") as out,
    ):
        while rest := source.readline(LONGEST):
            line = rest.lstrip("\0")
            while rest and not rest.endswith("\n"):  # the end of a line without end, passed over in pieces
                rest = source.readline(LONGEST)
                line = line or rest.lstrip("\0")
            text = line.rstrip("\r\n").translate(_UNFIT)[: LONGEST // 8]
            out.write((text or " ") + "\n")
    return target
