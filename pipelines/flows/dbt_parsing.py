"""What dbt has parsed of the project, kept for the next home on this machine: a first build need not parse it all.

dbt itself checks what it finds against every file, setting and version, and parses anew what has changed; a copy
that is old or broken costs time and does no harm. A machine without a cache folder does without.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2] / "warehouse"
_NAME = "partial_parse.msgpack"


def kept_parsing() -> Path:
    """The file in the user's cache folder (XDG Base Directory): one for each checkout, as dbt notes where seeds lie."""
    told = os.environ.get("XDG_CACHE_HOME")  # noqa: TID251 - the system's, none of our settings
    place = hashlib.sha256(str(PROJECT).encode()).hexdigest()[:16]
    return (Path(told) if told else Path.home() / ".cache") / "cchc" / f"{place}.msgpack"


def take_over_parsing(target: Path) -> None:
    """Give ``target`` what another home has parsed, unless it has something of its own."""
    with suppress(OSError, RuntimeError):
        if not (target / _NAME).exists():
            _copy(kept_parsing(), target / _NAME)


def keep_parsing(target: Path) -> None:
    """Keep what ``target`` has parsed, if it is newer than what is kept."""
    with suppress(OSError, RuntimeError):
        kept, made = kept_parsing(), target / _NAME
        if not kept.exists() or kept.stat().st_mtime < made.stat().st_mtime:
            _copy(made, kept)


def _copy(source: Path, copy: Path) -> None:
    """Whole or not at all."""
    with source.open("rb") as found:
        copy.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=copy.parent, delete=False) as draft:
            shutil.copyfileobj(found, draft)
    Path(draft.name).replace(copy)
