"""Takes new exports from the inbox into landing. Half-uploaded files are never taken."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

import fsspec
import structlog

from pipelines.domain.errors import SourceUnavailable, WrongUse
from pipelines.settings import Settings
from pipelines.sources.registry import all_contracts
from pipelines.storage.home import Home
from pipelines.storage.landing import Stamp, land, stamp_of
from pipelines.storage.ledger import Ledger

_log = structlog.get_logger()
_UNFINISHED = (".part", ".tmp", ".filepart", ".crdownload", "~")
_MARK = ".done"


@dataclass(frozen=True)
class CollectResult:
    """Batches landed now, files known already, files still being uploaded, files refused with the reason.

    In a dry run ``landed`` holds the paths that would be taken.
    """

    landed: tuple[str, ...]
    known: int
    waiting: tuple[str, ...]
    refused: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class _Found:
    path: str
    source: str
    stream: str
    name: str
    size: int
    modified: datetime
    marked: bool

    @property
    def label(self) -> str:
        return f"{self.source}/{self.stream}/{self.name}"

    @property
    def look(self) -> tuple[str, str, str, int, str]:
        """What says, without reading it, that a file is one we took already."""
        return self.source, self.stream, self.name, self.size, self.modified.isoformat()


def collect(
    settings: Settings,
    *,
    inbox: str | None = None,
    sources: Sequence[str] | None = None,
    export_date: date | None = None,
    dry_run: bool = False,
) -> CollectResult:
    """Land every new file of the inbox.

    Args:
        settings: the installation.
        inbox: a folder or an fsspec URL; the settings' inbox, or ``HOME/inbox``, when None.
        sources: only these sources.
        export_date: only files exported on this day (for backfills).
        dry_run: only say what would be taken.

    Raises:
        SourceUnavailable: the inbox cannot be reached.
        WrongUse: the inbox is not a folder of this shape.
    """
    home = Home(settings.home)
    place = inbox or settings.inbox or str(home.inbox)
    filesystem, root = _open(place, is_own=place == str(home.inbox))
    found, refused = _look(filesystem, root, sources)
    ready, waiting = _settled(filesystem, found, settings.settle_seconds)
    taken = [(f, stamp_of(f.name, f.modified)) for f in ready]
    if export_date is not None:
        taken = [(f, s) for f, s in taken if s.exported_at.date() == export_date]
    landed, known = [], 0
    ledger = Ledger(home.ledger)
    seen = _seen(ledger)
    for file, stamp in taken:
        if file.size > settings.max_file_bytes:
            refused.append((file.label, f"larger than {settings.max_file_bytes} bytes"))
        elif file.look in seen:
            known += 1
        elif dry_run:
            landed.append(file.label)
        elif (batch_id := _take((home, ledger), filesystem, file, stamp, _public(place))) is None:
            known += 1
        else:
            landed.append(batch_id)
    for label, reason in refused:
        _log.warning("refused", file=label, reason=reason)
    return CollectResult(tuple(landed), known, tuple(f.label for f in waiting), tuple(refused))


def _open(place: str, *, is_own: bool) -> tuple[Any, str]:
    if is_own:
        from pathlib import Path

        Path(place).mkdir(parents=True, exist_ok=True)
    try:
        filesystem, root = fsspec.url_to_fs(place)
        if not filesystem.isdir(root):
            raise WrongUse(f"The inbox {_public(place)} is not a folder.", next_step="Give --inbox or CCHC_INBOX.")
    except (WrongUse, ValueError, ImportError) as error:
        raise error if isinstance(error, WrongUse) else WrongUse(f"The inbox {_public(place)}: {error}") from error
    except Exception as error:
        raise SourceUnavailable(
            f"The inbox {_public(place)} cannot be reached: {type(error).__name__}: {error}",
            next_step="Check the address and try again.",
        ) from error
    return filesystem, root


def _public(place: str) -> str:
    """The address without user and password."""
    parts = urlsplit(place)
    return parts._replace(netloc=parts.hostname or "").geturl() if parts.password else place


def _look(filesystem: Any, root: str, sources: Sequence[str] | None) -> tuple[list[_Found], list[tuple[str, str]]]:
    """Files under ``<source>/<stream>/``, and those in folders that are no stream of ours."""
    found: list[_Found] = []
    refused: list[tuple[str, str]] = []
    streams = {(c.source, c.stream) for c in all_contracts()}
    for folder in _folders(filesystem, root):
        for sub in _folders(filesystem, folder):
            source, stream = PurePosixPath(folder).name, PurePosixPath(sub).name
            if sources is not None and source not in sources:
                continue
            if (source, stream) not in streams:
                refused.append((f"{source}/{stream}", "there is no such stream"))
                continue
            found += _files(filesystem, sub, source, stream)
    return found, refused


def _folders(filesystem: Any, path: str) -> list[str]:
    entries = filesystem.ls(path, detail=True)
    return sorted(e["name"] for e in entries if e["type"] == "directory" and not _hidden(e["name"]))


def _hidden(path: str) -> bool:
    return PurePosixPath(path).name.startswith(".")


def _files(filesystem: Any, folder: str, source: str, stream: str) -> Iterable[_Found]:
    entries = {e["name"]: e for e in filesystem.ls(folder, detail=True) if e["type"] == "file"}
    for path, entry in sorted(entries.items()):
        name = PurePosixPath(path).name
        if not _hidden(path) and not name.endswith((*_UNFINISHED, _MARK)):
            yield _Found(path, source, stream, name, *_look_of(entry), marked=path + _MARK in entries)


def _look_of(entry: dict[str, Any]) -> tuple[int, datetime]:
    when = entry.get("mtime") or entry.get("LastModified") or entry.get("created") or 0
    if not isinstance(when, datetime):
        when = datetime.fromtimestamp(float(when), UTC)
    return int(entry["size"] or 0), when if when.tzinfo else when.replace(tzinfo=UTC)


def _settled(filesystem: Any, found: list[_Found], seconds: float) -> tuple[list[_Found], list[_Found]]:
    """Files that have a done-marker or look the same twice."""
    unmarked = [f for f in found if not f.marked]
    if unmarked and seconds > 0:
        time.sleep(seconds)
    folders = sorted({str(PurePosixPath(f.path).parent) for f in unmarked})
    filesystem.invalidate_cache()
    again = {e["name"]: _look_of(e) for folder in folders for e in filesystem.ls(folder, detail=True)}
    waiting = [f for f in unmarked if again.get(f.path) != (f.size, f.modified)]
    held = {f.path for f in waiting}
    return [f for f in found if f.path not in held], waiting


def _seen(ledger: Ledger) -> set[tuple[str, str, str, int, str]]:
    return {(b.source, b.stream, b.file_name, b.size_bytes, b.modified_at or "") for b in ledger.select()}


def _take(places: tuple[Home, Ledger], filesystem: Any, file: _Found, stamp: Stamp, public: str) -> str | None:
    """Land one file; None when the very same bytes of that stream are known."""
    home, ledger = places
    origin = {"source": file.source, "stream_name": file.stream, "file_name": file.name}
    with filesystem.open(file.path, "rb") as stream:
        manifest = land(home, stream, stamp=stamp, collected_from=public, **origin)
    values = {k: v for k, v in asdict(manifest).items() if k != "collected_from"}
    if not ledger.add_landed(modified_at=file.modified.isoformat(), **values):
        return None
    _log.info("landed", batch_id=manifest.batch_id, bytes=manifest.size_bytes)
    return manifest.batch_id
