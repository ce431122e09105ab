"""What dbt has parsed of the project, kept for the next home on this machine: a first build need not parse it all.

dbt itself checks what it finds against every file, setting and version, and parses anew what has changed; a copy
that is old or broken costs time and does no harm.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

_NAME = "partial_parse.msgpack"


def cache_folder() -> Path:
    """``cchc/`` in the user's cache folder (XDG Base Directory)."""
    told = os.environ.get("XDG_CACHE_HOME")  # noqa: TID251 - the system's, none of our settings
    return (Path(told) if told else Path.home() / ".cache") / "cchc"


def take_over_parsing(target: Path) -> None:
    """Give ``target`` what another home has parsed, unless it has something of its own."""
    if not (target / _NAME).exists():
        _copy(cache_folder() / _NAME, target / _NAME)


def keep_parsing(target: Path) -> None:
    """Keep what ``target`` has parsed, if it is newer than what is kept."""
    with suppress(OSError, RuntimeError):
        kept, made = cache_folder() / _NAME, target / _NAME
        if not kept.exists() or kept.stat().st_mtime < made.stat().st_mtime:
            _copy(made, kept)


def _copy(source: Path, copy: Path) -> None:
    """Whole or not at all; a machine without such a folder does without."""
    with suppress(OSError, RuntimeError):  # RuntimeError: there is no home directory
        copy.parent.mkdir(parents=True, exist_ok=True)
        with source.open("rb") as found, tempfile.NamedTemporaryFile(dir=copy.parent, delete=False) as draft:
            shutil.copyfileobj(found, draft)
        Path(draft.name).replace(copy)
