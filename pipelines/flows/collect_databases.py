"""Databases beside the inbox: what is new in each lands as an export file, and goes the way of every file."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import structlog

from pipelines.domain.contracts import ColumnType
from pipelines.domain.errors import DataRefused, SourceUnavailable, WrongUse
from pipelines.formats.database_rows import Watermark, write_new_rows, write_parquet, write_taken
from pipelines.formats.headers import ColumnNames
from pipelines.settings import Settings, secret
from pipelines.sources.databases import DatabaseSource, read_databases
from pipelines.storage.databases import public_of, streamed, url_of
from pipelines.storage.engine import open_engine
from pipelines.storage.home import Home
from pipelines.storage.landing import VIETNAM, Manifest, Stamp, drop_landed, land, manifest_of, note_landed, raw_scratch
from pipelines.storage.ledger import Ledger

_log = structlog.get_logger()
_FACT = "watermark:"


@dataclass
class DatabasesTaken:
    """What came of all databases: batches landed, those refused with the reason, those that did not answer."""

    landed: list[str] = field(default_factory=list)
    known: int = 0
    refused: list[tuple[str, str]] = field(default_factory=list)
    unreachable: list[SourceUnavailable] = field(default_factory=list)


@dataclass(frozen=True)
class _State:
    """How far a database was read: the newest watermark, and the file of hashes of the rows of the overlap."""

    definition: str
    watermark: Watermark
    taken: str


def databases_of(settings: Settings, sources: Sequence[str] | None) -> tuple[DatabaseSource, ...]:
    """The databases that the settings' file names, of these sources.

    Raises:
        WrongUse: the file is not valid.
    """
    if settings.databases is None:
        return ()
    found = read_databases(settings.databases)
    return tuple(d for d in found if sources is None or d.stream.partition(".")[0] in sources)


def take_databases(settings: Settings, ledger: Ledger, databases: Sequence[DatabaseSource]) -> DatabasesTaken:
    """Land what is new in each; one that does not answer, or gives nothing we can read, keeps no other waiting."""
    outcome = DatabasesTaken()
    for database in databases:
        label = f"{database.stream.replace('.', '/')}/{database.label}"
        try:
            _take(settings, ledger, database, outcome)
        except SourceUnavailable as error:
            outcome.unreachable.append(error)
        except (DataRefused, WrongUse) as error:
            outcome.refused.append((label, str(error)))
    return outcome


def _take(settings: Settings, ledger: Ledger, database: DatabaseSource, outcome: DatabasesTaken) -> None:
    home = Home(settings.home)
    password = secret(database.password) if database.password else None
    text = database.url or secret(database.url_from or "")
    url = url_of(text, password=password, in_file=database.url is not None)
    _drop_half_taken(home, ledger, database, public_of(url))
    state = _state_of(ledger, database)
    if state is not None and not (_marks(home) / state.taken).exists():
        state = None  # what was taken is not known any more: all of it again rather than some of it lost
    since = state.watermark.before(database.overlap).value if state else None
    moment = datetime.now(VIETNAM).replace(tzinfo=None, microsecond=0)
    with raw_scratch(home) as scratch:
        rows, export = scratch / "rows.parquet", scratch / "export.csv"
        with streamed(
            url, table=database.table, query=database.query, watermark=database.watermark, since=since
        ) as result:
            names = result.names
            _, newest = write_parquet(
                result,
                rows,
                watermark=database.watermark,
                max_bytes=settings.max_file_bytes,
                codes=_codes(database, names),
            )
        with open_engine(home, memory_limit=settings.engine["memory_limit"], threads=1) as connection:
            taken = _marks(home) / state.taken if state else None
            new = write_new_rows(connection, rows, export, names=names, taken=taken)
            if not new and not database.contract.full_export:
                _log.info("nothing new", database=public_of(url), stream=database.stream)
                return
            after = None
            newest = _newest(newest, state)
            if newest is not None:
                since_next = newest.before(database.overlap)
                after = _State(_definition(database), newest, _new_mark(database, newest, moment))
                write_taken(connection, rows, _marks(home, create=True) / after.taken, names=names, since=since_next)
        manifest = _land(home, database, export, moment, public_of(url))
    _note(home, ledger, database, manifest, after, outcome)


def _codes(database: DatabaseSource, names: Sequence[str]) -> set[str]:
    """The columns that the contract has as text."""
    known, contract = ColumnNames(database.contract.columns), database.contract
    found = {name: known.column(name) for name in names}
    return {name for name, column in found.items() if column and contract.column(column).type is ColumnType.TEXT}


def _drop_half_taken(home: Home, ledger: Ledger, database: DatabaseSource, public: str) -> None:
    """Exports that a killed run landed without noting them: their rows are about to be read again."""
    source, _, stream = database.stream.partition(".")
    known = {b.batch_id for b in ledger.select(source=source, stream=stream)}
    for folder in (home.landing / source / stream).glob(f"{source}.{stream}.*"):
        if folder.name not in known:
            manifest = manifest_of(home, source, stream, folder.name)
            if manifest.collected_from == public and manifest.file_name.startswith(f"{database.label}_"):
                drop_landed(home, manifest)


def _newest(found: Watermark | None, state: _State | None) -> Watermark | None:
    """It never goes back, not even when the row that held it is gone."""
    if state is None:
        return found
    return max((found or state.watermark, state.watermark), key=lambda w: w.sortable)


def _land(home: Home, database: DatabaseSource, export: Path, moment: datetime, public: str) -> Manifest:
    source, _, stream = database.stream.partition(".")
    period = f"{moment:%Y%m%d}" if database.watermark else "all"
    with export.open("rb") as opened:
        return land(
            home,
            opened,
            source=source,
            stream_name=stream,
            file_name=f"{database.label}_{period}_{moment:%Y%m%dT%H%M%S}.csv",
            stamp=Stamp(period, moment),
            size=export.stat().st_size,
            collected_from=public,
        )


def _note(
    home: Home,
    ledger: Ledger,
    database: DatabaseSource,
    manifest: Manifest,
    after: _State | None,
    outcome: DatabasesTaken,
) -> None:
    """The batch and how far it reaches become known in one step: neither is ever true without the other."""
    facts = {_fact(database): _written(after)} if after else {}
    if note_landed(home, ledger, manifest, facts=facts):
        outcome.landed.append(manifest.batch_id)
    else:
        outcome.known += 1
    for old in _marks(home).glob(f"{_stem(database)}.*.parquet"):
        if after is None or old.name != after.taken:
            with suppress(FileNotFoundError):
                old.unlink()


def _marks(home: Home, *, create: bool = False) -> Path:
    """Where hashes of rows lie: under landing, as they are made of raw values."""
    folder = home.landing / ".watermarks"
    if create:
        folder.mkdir(parents=True, exist_ok=True)
    return folder


def _stem(database: DatabaseSource) -> str:
    return f"{database.stream}.{database.label}"


def _new_mark(database: DatabaseSource, newest: Watermark, moment: datetime) -> str:
    digest = hashlib.sha256(f"{newest.sortable} {moment}".encode()).hexdigest()[:12]
    return f"{_stem(database)}.{digest}.parquet"


def _fact(database: DatabaseSource) -> str:
    return f"{_FACT}{_stem(database)}"


def _definition(database: DatabaseSource) -> str:
    """Another table, query or column starts anew."""
    told = json.dumps([database.table, database.query, database.watermark])
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def _written(state: _State) -> str:
    told: dict[str, Any] = {"definition": state.definition, "taken": state.taken, **state.watermark.to_json()}
    return json.dumps(told, sort_keys=True)


def _state_of(ledger: Ledger, database: DatabaseSource) -> _State | None:
    written = next((r["value"] for r in ledger.rows("facts") if r["name"] == _fact(database)), None)
    if written is None or database.watermark is None:
        return None
    told = json.loads(written)
    if told["definition"] != _definition(database):
        return None
    return _State(told["definition"], Watermark.from_json(told), told["taken"])
