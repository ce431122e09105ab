"""Takes new exports from the inbox and from databases into landing. Half-uploaded files are never taken."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date

import structlog

from pipelines.domain.errors import DataRefused, SourceUnavailable
from pipelines.flows.collect_archive import ZIP_SIGN, Rejoined, Taken, land_members
from pipelines.flows.collect_databases import DatabasesTaken, databases_of, take_databases
from pipelines.settings import Settings
from pipelines.sources.registry import all_contracts
from pipelines.storage.home import Home
from pipelines.storage.inbox import (
    Found,
    Inbox,
    Refused,
    look_around,
    look_text,
    opened_inbox,
    reaching,
    settled,
)
from pipelines.storage.inbox_reading import checksum_of, reading
from pipelines.storage.landing import Manifest, SizeChanged, Stamp, land, note_landed, stamp_of
from pipelines.storage.ledger import Ledger

_log = structlog.get_logger()
_SEEN = "seen:"


@dataclass(frozen=True)
class CollectResult:
    """Batches landed now, files known already, files still being uploaded, files refused with the reason.

    In a dry run ``landed`` holds the paths that would be taken.
    """

    landed: tuple[str, ...]
    known: int
    waiting: tuple[str, ...]
    refused: tuple[tuple[str, str], ...]


def collect(
    settings: Settings,
    *,
    inbox: str | None = None,
    sources: Sequence[str] | None = None,
    export_date: date | None = None,
    dry_run: bool = False,
) -> CollectResult:
    """Land every new file of the inbox, and what is new in the databases that the settings name.

    Args:
        settings: the installation.
        inbox: a folder or an fsspec URL; the settings' inbox, or ``HOME/inbox``, when None.
        sources: only these sources.
        export_date: only files exported on this day (for backfills); databases are left alone.
        dry_run: only say what would be taken; databases are left alone.

    Raises:
        SourceUnavailable: the inbox or a database cannot be reached, or the connection broke; all others are
            taken, and what was landed stays.
        WrongUse: the inbox is not a folder, its address makes no sense, or the file of databases is not valid.
    """
    home, ledger = Home(settings.home), Ledger(Home(settings.home).ledger)
    place = inbox or settings.inbox or str(home.inbox)
    if place == str(home.inbox):
        if dry_run and not home.inbox.exists():
            return CollectResult((), 0, (), ())
        home.inbox.mkdir(parents=True, exist_ok=True)
    databases = () if dry_run or export_date is not None else databases_of(settings, sources)
    outcome = _Outcome()
    unreachable: list[SourceUnavailable] = []
    try:
        with opened_inbox(place, options=settings.options_of_inbox) as opened:
            ready = _new_files(settings, ledger, opened, sources, outcome)
            stamps = ((file, stamp_of(file.name, file.modified)) for file in ready)
            wanted = [(f, s) for f, s in stamps if export_date is None or s.exported_at.date() == export_date]
            if dry_run:
                outcome.landed += [file.label for file, _ in wanted]
            else:
                _take_all(settings, home, ledger, opened, wanted, outcome)
    except SourceUnavailable as error:
        if not databases:
            raise
        unreachable.append(error)
    taken = take_databases(settings, ledger, databases)
    outcome.add(taken)
    unreachable += taken.unreachable
    result = outcome.result()
    if unreachable:
        raise _one_of(unreachable)
    return result


def _one_of(errors: Sequence[SourceUnavailable]) -> SourceUnavailable:
    """All that cannot be reached, in one error."""
    if len(errors) == 1:
        return errors[0]
    return SourceUnavailable(" ".join(e.message for e in errors), next_step=errors[0].next_step)


def _new_files(
    settings: Settings, ledger: Ledger, opened: Inbox, sources: Sequence[str] | None, outcome: _Outcome
) -> list[Found]:
    """Complete files that we never took; ``outcome`` is told what is known of the others."""
    streams = {(c.source, c.stream) for c in all_contracts()}
    with reaching(opened.public):
        found, refused = look_around(opened, streams, sources)
        seen = _seen(ledger)
        fresh = [f for f in found if f.look not in seen]
        refused += [(f.label, _too_large(f, settings)) for f in fresh if f.size > settings.max_file_bytes]
        small = [f for f in fresh if f.size <= settings.max_file_bytes]
        ready, waiting = settled(opened, small, settings.settle_seconds)
    outcome.known += len(found) - len(fresh)
    outcome.waiting += [f.label for f in waiting]
    outcome.refused += refused
    return ready


class _Outcome:
    def __init__(self) -> None:
        self.landed: list[str] = []
        self.known = 0
        self.waiting: list[str] = []
        self.refused: Refused = []

    def add(self, taken: DatabasesTaken) -> None:
        self.landed += taken.landed
        self.known += taken.known
        self.refused += taken.refused

    def result(self) -> CollectResult:
        for label, reason in self.refused:
            _log.warning("refused", file=label, reason=reason)
        return CollectResult(tuple(self.landed), self.known, tuple(self.waiting), tuple(self.refused))


def _too_large(file: Found, settings: Settings) -> str:
    return (
        f"has {file.size} bytes, more than the {settings.max_file_bytes} allowed; "
        "split the export, or raise CCHC_MAX_FILE_BYTES"
    )


def _seen(ledger: Ledger) -> set[str]:
    taken = {look_text(b.label, b.size_bytes, b.modified_at or "") for b in ledger.select()}
    return taken | {r["name"].removeprefix(_SEEN) for r in ledger.rows("facts") if r["name"].startswith(_SEEN)}


def _take_all(
    settings: Settings,
    home: Home,
    ledger: Ledger,
    inbox: Inbox,
    files: Sequence[tuple[Found, Stamp]],
    outcome: _Outcome,
) -> None:
    """Land files (of this machine several side by side: hashing takes longest) and note each as soon as it is there."""
    with ThreadPoolExecutor(settings.workers if inbox.is_local else 1) as pool:
        taken = [(file, pool.submit(_take, settings, inbox, file, stamp)) for file, stamp in files]
        try:
            for file, manifest in taken:
                _note(home, ledger, file, manifest.result(), outcome)
        finally:
            pool.shutdown(cancel_futures=True)


def _take(settings: Settings, inbox: Inbox, file: Found, stamp: Stamp) -> Taken | str | None:
    """Land one file; None when it is not complete yet, the reason when it is refused."""
    home = Home(settings.home)
    try:
        wanted = checksum_of(inbox, file)
        with reading(inbox, file) as stream:
            head = stream.read(len(ZIP_SIGN))
            whole = Rejoined(head, stream)
            if head == ZIP_SIGN:
                return land_members(settings, whole, file, collected_from=inbox.public, sha256=wanted)
            origin = {"source": file.source, "stream_name": file.stream, "file_name": file.name, "size": file.size}
            manifest = land(home, whole, stamp=stamp, collected_from=inbox.public, sha256=wanted, **origin)
            return Taken((manifest,))
    except (SizeChanged, FileNotFoundError):
        return None  # still being written, or gone for now: looked at again next time
    except PermissionError:
        return "may not be read; ask for its permissions to be mended"
    except DataRefused as refused:
        return str(refused)


def _note(home: Home, ledger: Ledger, file: Found, taken: Taken | str | None, outcome: _Outcome) -> None:
    """What became of one file, or of the files in one archive."""
    if taken is None:
        outcome.waiting.append(file.label)
        return
    if isinstance(taken, str):
        outcome.refused.append((file.label, taken))
        return
    for manifest in taken.manifests:
        _note_landed(home, ledger, file, manifest, outcome)
    outcome.refused += [(f"{file.source}/{file.stream}/{name}", reason) for name, reason in taken.refused]
    if taken.archive_sha256 is not None and not taken.refused:
        ledger.set_fact(_SEEN + file.look, taken.archive_sha256)


def _note_landed(home: Home, ledger: Ledger, file: Found, manifest: Manifest, outcome: _Outcome) -> None:
    if note_landed(home, ledger, manifest, modified_at=file.modified.isoformat()):
        outcome.landed.append(manifest.batch_id)
        return
    outcome.known += 1
    if manifest.file_name == file.name:
        ledger.set_fact(_SEEN + file.look, manifest.sha256)  # so that it is not read again every night
