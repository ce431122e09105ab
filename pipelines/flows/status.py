"""How things stand: sources with their age, files by state, row accounting, gates, what is published."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from pipelines.settings import Settings
from pipelines.sources.registry import all_contracts
from pipelines.storage.home import Home
from pipelines.storage.landing import VIETNAM
from pipelines.storage.ledger import Batch, Ledger
from pipelines.storage.snapshots import current_name, manifest_of, open_current, snapshot_names

_OPEN = ("landed", "prepared", "validated")
_ENDED = """
select agencies.agency_code, agencies.agency_name, agencies.valid_to::varchar
from marts.dim_agency as agencies
where agencies.agency_code in (select agency_code from marts.rpt_quality where rule_code = 'ended_without_successor')
order by agencies.valid_to, agencies.agency_code
"""


@dataclass(frozen=True)
class StreamStatus:
    """One stream: its files, the rows of those loaded, and how old its newest loaded export is.

    ``accounting_closes``: for each loaded file, rows in it = loaded + quarantined + non-data.
    ``stale``: older than the contract allows. ``age_days`` is None when nothing is loaded.
    """

    source: str
    stream: str
    files: int
    loaded_files: int
    open_files: int
    refused_files: int
    rows_in_file: int
    rows_loaded: int
    rows_quarantined: int
    rows_non_data: int
    rows_flagged: int
    accounting_closes: bool
    last_exported_at: str | None
    last_loaded_at: str | None
    age_days: float | None
    stale: bool


@dataclass(frozen=True)
class FileStatus:
    """One file and where its rows went; ``closes`` is None while it is not loaded.

    ``sheets_left_over``: sheets or tables of it that hold rows and are not the stream's.
    """

    batch_id: str
    file: str
    state: str
    rows_in_file: int | None
    rows_loaded: int | None
    rows_quarantined: int | None
    rows_non_data: int | None
    rows_flagged: int | None
    closes: bool | None
    refusal: str | None
    sheets_left_over: tuple[str, ...] = ()


@dataclass(frozen=True)
class Gate:
    """What a gate said last. ``subject`` is a stream, or ``marts``."""

    kind: str
    subject: str
    at: str
    passed: bool
    evaluated: int
    failed: int


@dataclass(frozen=True)
class Publication:
    """The published snapshot; ``behind``: something newer is built or loaded and not published."""

    snapshot: str
    as_of: str | None
    published_at: str | None
    tables: int
    rows: int
    snapshots_kept: int
    behind: bool


@dataclass(frozen=True)
class EndedAgency:
    """An agency that has ended, of which no succession says who took its figures over (docs/agencies.md)."""

    agency_code: str
    agency_name: str
    valid_to: str


@dataclass(frozen=True)
class StatusResult:
    """The whole standing of a home. ``files`` is every file ever taken; ``ended_agencies`` are those published."""

    streams: tuple[StreamStatus, ...]
    states: Mapping[str, int]
    files: tuple[FileStatus, ...]
    gates: tuple[Gate, ...]
    publication: Publication | None
    ended_agencies: tuple[EndedAgency, ...] = ()

    @property
    def accounting_closes(self) -> bool:
        """Whether the rows of every loaded file add up."""
        return all(s.accounting_closes for s in self.streams)


def status(settings: Settings, *, now: datetime | None = None) -> StatusResult:
    """How things stand in a home; changes nothing.

    Args:
        settings: the installation.
        now: the moment that ages are counted to (local time); the present when None.
    """
    home = Home(settings.home)
    if not home.ledger.exists():
        return StatusResult((), {}, (), (), None)
    ledger = Ledger(home.ledger)
    batches = ledger.select()
    left_over = ledger.left_over()
    moment = now or datetime.now(VIETNAM).replace(tzinfo=None)
    return StatusResult(
        streams=_streams(batches, moment),
        states=dict(sorted(Counter(b.state for b in batches).items())),
        files=tuple(_file(b, left_over.get(b.batch_id, ())) for b in batches),
        gates=_last_gates(ledger.rows("gates")),
        publication=_publication(home, ledger),
        ended_agencies=_ended_agencies(home),
    )


def _streams(batches: Sequence[Batch], now: datetime) -> tuple[StreamStatus, ...]:
    def name(batch: Batch) -> tuple[str, str]:
        return batch.source, batch.stream

    return tuple(_stream(key, list(group), now) for key, group in groupby(sorted(batches, key=name), key=name))


def _stream(key: tuple[str, str], batches: Sequence[Batch], now: datetime) -> StreamStatus:
    loaded = [b for b in batches if b.state == "loaded"]
    last = max((b.exported_at for b in loaded), default=None)
    age = None if last is None else round((now - datetime.fromisoformat(last)).total_seconds() / 86400, 1)
    allowed = {(c.source, c.stream): c.stale_after_days for c in all_contracts()}
    return StreamStatus(
        source=key[0],
        stream=key[1],
        files=len(batches),
        loaded_files=len(loaded),
        open_files=sum(b.state in _OPEN for b in batches),
        refused_files=sum(b.state == "refused" for b in batches),
        rows_in_file=sum(b.rows_in_file or 0 for b in loaded),
        rows_loaded=sum(b.rows_loaded or 0 for b in loaded),
        rows_quarantined=sum(b.rows_quarantined or 0 for b in loaded),
        rows_non_data=sum(b.rows_non_data or 0 for b in loaded),
        rows_flagged=sum(b.rows_flagged or 0 for b in loaded),
        accounting_closes=all(b.accounting_closes for b in loaded),
        last_exported_at=last,
        last_loaded_at=max((b.loaded_at or "" for b in loaded), default=None),
        age_days=age,
        stale=age is not None and age > allowed.get(key, float("inf")),
    )


def _file(batch: Batch, left_over: tuple[str, ...]) -> FileStatus:
    return FileStatus(
        batch_id=batch.batch_id,
        file=batch.label,
        state=batch.state,
        rows_in_file=batch.rows_in_file,
        rows_loaded=batch.rows_loaded,
        rows_quarantined=batch.rows_quarantined,
        rows_non_data=batch.rows_non_data,
        rows_flagged=batch.rows_flagged,
        closes=batch.accounting_closes if batch.state == "loaded" else None,
        refusal=batch.refusal,
        sheets_left_over=left_over,
    )


def _last_gates(said: Sequence[Mapping[str, Any]]) -> tuple[Gate, ...]:
    last = {(g["kind"], g["subject"]): g for g in said}
    fields = ("kind", "subject", "at", "passed", "evaluated", "failed")
    return tuple(Gate(**{f: last[key][f] for f in fields}) for key in sorted(last))


def _publication(home: Home, ledger: Ledger) -> Publication | None:
    name = current_name(home)
    if name is None:
        return None
    manifest = manifest_of(home, name)
    noted = {p["snapshot"]: p["published_at"] for p in ledger.rows("publications")}
    return Publication(
        snapshot=name,
        as_of=manifest["as_of"],
        published_at=noted.get(name),
        tables=len(manifest["tables"]),
        rows=sum(t["rows"] for t in manifest["tables"].values()),
        snapshots_kept=len(snapshot_names(home)),
        behind=ledger.unpublished or bool(ledger.select(unbuilt=True)),
    )


def _ended_agencies(home: Home) -> tuple[EndedAgency, ...]:
    name = current_name(home)
    if name is None or not {"dim_agency", "rpt_quality"} <= set(manifest_of(home, name)["tables"]):
        return ()
    with open_current(home) as connection:
        rows = connection.execute(_ENDED).fetchall()
    return tuple(EndedAgency(*row) for row in rows)
