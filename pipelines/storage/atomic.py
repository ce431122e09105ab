"""Files that are either there whole or not at all."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any


def fsync_path(path: Path) -> None:
    """Wait until a file or a folder is on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def whole_file(target: Path, *, mode: int = 0o644) -> Iterator[Path]:
    """A path beside ``target`` to write to; it takes the target's place when the block ends well.

    The bytes are on the disk before the rename, the rename before this returns.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".tmp", dir=target.parent)
    os.close(handle)
    draft = Path(name)
    try:
        yield draft
        draft.chmod(mode)
        fsync_path(draft)
        draft.replace(target)
        fsync_path(target.parent)
    finally:
        with suppress(FileNotFoundError):
            draft.unlink()


def write_json(target: Path, content: dict[str, Any]) -> None:
    """Write JSON that a person can read, whole or not at all; the same content gives the same bytes."""
    with whole_file(target) as draft:
        draft.write_text(json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True), encoding="utf-8")


def sweep(folder: Path) -> None:
    """Remove what a killed writer left in ``folder``."""
    for left in folder.glob(".*.tmp*"):
        with suppress(FileNotFoundError):
            left.unlink()
