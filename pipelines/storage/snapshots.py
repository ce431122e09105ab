"""Published snapshots: uniquely named files, and one link that says which is current.

A reader resolves the link to the real file and opens that, read-only. It keeps what it opened even
when the link moves; opening again shows the newest. (DuckDB remembers a database by its path within
a process, so opening the link itself could give the old data.)
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Collection
from pathlib import Path
from typing import Any

import duckdb

from pipelines.domain.errors import WrongUse
from pipelines.storage.atomic import fsync_path, sweep
from pipelines.storage.home import Home

POINTER = "current.duckdb"


def snapshot_names(home: Home) -> list[str]:
    """Names of the snapshots kept, oldest first. A snapshot is one from its manifest on, which is written last."""
    return sorted(p.stem for p in home.published.glob("marts_*.json"))


def current_name(home: Home) -> str | None:
    """Name of the current snapshot, None when nothing is published."""
    pointer = home.published / POINTER
    return Path(pointer.readlink()).stem if pointer.is_symlink() else None


def current_snapshot(home: Home) -> Path:
    """The real file of the current snapshot.

    Raises:
        WrongUse: nothing is published yet.
    """
    name = current_name(home)
    if name is None:
        raise WrongUse("Nothing is published yet.", next_step="`cchc run` does the whole way.")
    return home.published / f"{name}.duckdb"


def open_current(home: Home) -> duckdb.DuckDBPyConnection:
    """The current snapshot, read-only.

    Raises:
        WrongUse: nothing is published yet.
    """
    while True:
        path = current_snapshot(home)
        try:
            return duckdb.connect(str(path), read_only=True)
        except duckdb.IOException:
            if path == current_snapshot(home):
                raise
            # The pointer moved on and the file was removed between the two steps: open the newer one.


def remove_snapshot(home: Home, name: str) -> None:
    """Remove a snapshot that is not the current one: the manifest first, so that it is none at once."""
    (home.published / f"{name}.json").unlink(missing_ok=True)
    (home.published / f"{name}.duckdb").unlink(missing_ok=True)
    shutil.rmtree(home.published / "parquet" / name, ignore_errors=True)


def sweep_unfinished(home: Home, *, published: Collection[str]) -> None:
    """Remove what a killed publication left.

    Drafts, databases and folders without a manifest, and snapshots newer than the current one that
    the pointer never came to (a rollback would take such a one for what was current before).

    Args:
        home: the installation.
        published: names of the snapshots that are known to have been current.
    """
    sweep(home.published)
    current = current_name(home)
    for name in snapshot_names(home):
        if name > (current or "") and name not in published:
            remove_snapshot(home, name)
    whole = {*snapshot_names(home), current}
    left = [*home.published.glob("marts_*.duckdb"), *(home.published / "parquet").glob("marts_*")]
    for name in {path.name.removesuffix(".duckdb") for path in left} - whole:
        remove_snapshot(home, name)


def manifest_of(home: Home, name: str) -> dict[str, Any]:
    """Tables, rows, hashes and origin of one snapshot."""
    loaded: dict[str, Any] = json.loads((home.published / f"{name}.json").read_text(encoding="utf-8"))
    return loaded


def point_to(home: Home, name: str) -> None:
    """Make a snapshot current. The rename of ``current.duckdb`` is the moment of publication.

    ``current.json`` follows it for readers that want the manifest; whoever needs certainty takes the
    manifest that bears the name of the file the link points to.
    """
    _relink(home.published / POINTER, f"{name}.duckdb")
    _relink(home.published / "current.json", f"{name}.json")
    fsync_path(home.published)


def _relink(link: Path, target: str) -> None:
    draft = link.with_name(f".{link.name}.new")
    draft.unlink(missing_ok=True)
    draft.symlink_to(target)
    draft.replace(link)
