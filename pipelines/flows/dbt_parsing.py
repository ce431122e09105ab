"""What dbt has parsed of the project, kept for the next database: the first build of one need not parse it all.

dbt itself checks what it finds against every file, setting and version, and parses anew what has changed; a copy
that is old or broken costs time and does no harm. Where nothing can be kept, each parses for itself.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2] / "warehouse"
_NAME = "partial_parse.msgpack"


def kept_parsing(cache: Path) -> Path:
    """The file in the folder ``cache``: one for each checkout, as dbt notes where seeds lie."""
    return cache / f"{hashlib.sha256(str(PROJECT).encode()).hexdigest()[:16]}.msgpack"


def take_over_parsing(target: Path, cache: Path) -> None:
    """Give ``target`` what was parsed for another database, unless it has something of its own."""
    with suppress(OSError):
        if not (target / _NAME).exists():
            _copy(kept_parsing(cache), target / _NAME)


def keep_parsing(target: Path, cache: Path) -> None:
    """Keep what ``target`` has parsed, if it is newer than what is kept."""
    with suppress(OSError):
        kept, made = kept_parsing(cache), target / _NAME
        if not kept.exists() or kept.stat().st_mtime < made.stat().st_mtime:
            _copy(made, kept)


def _copy(source: Path, copy: Path) -> None:
    """Whole or not at all."""
    with source.open("rb") as found:
        copy.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=copy.parent, delete=False) as draft:
            shutil.copyfileobj(found, draft)
    Path(draft.name).replace(copy)
