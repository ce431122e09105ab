"""Writes the marts of the build database as a new snapshot, and moves the pointer to it last."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import duckdb
import structlog

import pipelines
from pipelines.domain.errors import InternalFault, WrongUse
from pipelines.settings import Settings
from pipelines.storage.atomic import fsync_path, whole_file, write_json
from pipelines.storage.engine import open_engine, quote_name, quote_text
from pipelines.storage.home import Home
from pipelines.storage.ledger import Ledger
from pipelines.storage.lock import single_writer
from pipelines.storage.snapshots import (
    current_name,
    manifest_of,
    point_to,
    remove_snapshot,
    snapshot_names,
    sweep_unfinished,
)

_log = structlog.get_logger()
_SCHEMA = "marts"
_STORAGE = "v1.5.0"  # the oldest clients that can read a snapshot

# Rows and an order-independent hash, by table.
Fingerprints = dict[str, tuple[int, str]]


@dataclass(frozen=True)
class PublishResult:
    """The current snapshot, the hash of its content, and whether the pointer moved."""

    snapshot: str
    content_hash: str
    moved: bool


def publish(settings: Settings) -> PublishResult:
    """Publish the marts, if they differ from what is published and the gate has let them pass.

    The snapshot gets a name of its own, is complete on the disk and read once before the pointer
    moves. Marts that were built after the last green gate are held to it here. Older snapshots
    beyond ``keep_snapshots`` go, except the last of each month.

    Raises:
        WrongUse: there is nothing built.
        DataRefused: the gate is red.
        InternalFault: the written snapshot does not hold what was built.
        SourceUnavailable: another run is writing to this home.
    """
    home = Home(settings.home)
    if not home.warehouse.exists():
        raise WrongUse("There is nothing to publish yet.", next_step="`cchc build` makes the marts.")
    home.published.mkdir(parents=True, exist_ok=True)
    with single_writer(home):
        if not _passed_the_gate(home):
            from pipelines.flows.gate import gate

            gate(settings)
        ledger = Ledger(home.ledger)
        sweep_unfinished(home, published={p["snapshot"] for p in ledger.rows("publications")})
        return _publish(settings, home, ledger)


def _passed_the_gate(home: Home) -> bool:
    """Whether the last release gate was green and the build database has not changed since."""
    said = [g for g in Ledger(home.ledger).rows("gates") if g["kind"] == "release"]
    if not said or not said[-1]["passed"] or home.warehouse.with_name(home.warehouse.name + ".wal").exists():
        return False
    at = datetime.strptime(said[-1]["at"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    return home.warehouse.stat().st_mtime <= at.timestamp()


def _publish(settings: Settings, home: Home, ledger: Ledger) -> PublishResult:
    with open_engine(home, **settings.engine) as connection:
        connection.execute(f"attach {quote_text(home.warehouse)} as build (read_only)")
        connection.execute("set preserve_insertion_order = false")  # the build has not kept any
        tables = _fingerprints(connection, "build")
        content_hash = hashlib.sha256(repr(sorted(tables.items())).encode()).hexdigest()
        current = current_name(home)
        name = current or ""
        moved = current is None or manifest_of(home, current)["content_hash"] != content_hash
        if moved:
            name = f"marts_{datetime.now(UTC):%Y%m%dT%H%M%S%f}_{content_hash[:8]}"
            _write_snapshot(connection, home, name, tables)
            _write_parquet(connection, home, name, tables)
            _read_back(connection, home, name, tables)
            write_json(home.published / f"{name}.json", _manifest(connection, name, content_hash, tables))
    point_to(home, name)
    _note(home, ledger, name)
    for old in _beyond(home, keep=settings.keep_snapshots):
        remove_snapshot(home, old)
    _log.info("published", snapshot=name, tables=len(tables), moved=moved)
    return PublishResult(name, content_hash, moved)


def _note(home: Home, ledger: Ledger, name: str) -> None:
    """The pointer is what counts; the ledger remembers it. Done again after a kill in between."""
    manifest = manifest_of(home, name)
    if name not in {p["snapshot"] for p in ledger.rows("publications")}:
        ledger.add_publication(snapshot=name, as_of=manifest["as_of"], content_hash=manifest["content_hash"])
    ledger.mark_published()


def _fingerprints(connection: duckdb.DuckDBPyConnection, database: str) -> Fingerprints:
    """Rows and an order-independent hash of every table of the marts."""
    names = connection.execute(
        "select table_name from duckdb_tables() where database_name = $1 and schema_name = $2 order by table_name",
        [database, _SCHEMA],
    ).fetchall()
    if not names:
        raise WrongUse("There are no marts to publish.", next_step="`cchc build` makes them.")
    found: Fingerprints = {}
    for (name,) in names:
        row = connection.execute(
            f"select count(*), coalesce(sum(hash(t)), 0)::varchar, coalesce(bit_xor(hash(t)), 0)::varchar "
            f"from {database}.{_SCHEMA}.{quote_name(name)} as t"
        ).fetchone()
        found[name] = (row[0], f"{row[1]}-{row[2]}") if row else (0, "")
    return found


def _manifest(
    connection: duckdb.DuckDBPyConnection, name: str, content_hash: str, tables: Fingerprints
) -> dict[str, Any]:
    row = connection.execute(f"select max(as_of)::varchar from build.{_SCHEMA}.rpt_source_freshness").fetchone()
    return {
        "snapshot": name,
        "content_hash": content_hash,
        "as_of": row[0] if row else None,
        "created": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "tables": {t: {"rows": r, "hash": h} for t, (r, h) in tables.items()},
        "code_version": pipelines.__version__,
        "duckdb_version": duckdb.__version__,
    }


def _comments(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """The statements that put every table's and column's meaning into the snapshot."""
    tables = connection.execute(
        "select table_name, comment from duckdb_tables() "
        "where database_name = 'build' and schema_name = $1 and comment is not null",
        [_SCHEMA],
    ).fetchall()
    columns = connection.execute(
        "select table_name, column_name, comment from duckdb_columns() where database_name = 'build' "
        "and schema_name = $1 and comment is not null and table_name in "
        "(select table_name from duckdb_tables() where database_name = 'build' and schema_name = $1)",
        [_SCHEMA],
    ).fetchall()
    place = f"snapshot.{_SCHEMA}"
    texts = [f"comment on table {place}.{quote_name(t)} is {quote_text(c)}" for t, c in tables]
    return texts + [
        f"comment on column {place}.{quote_name(t)}.{quote_name(n)} is {quote_text(c)}" for t, n, c in columns
    ]


@contextmanager
def _attached(connection: duckdb.DuckDBPyConnection, path: str, options: str) -> Iterator[None]:
    connection.execute(f"attach {path} as snapshot ({options})")
    try:
        yield
    finally:
        connection.execute("detach snapshot")


def _write_snapshot(connection: duckdb.DuckDBPyConnection, home: Home, name: str, tables: Fingerprints) -> None:
    target = home.published / f"{name}.duckdb"
    with whole_file(target) as draft:
        draft.unlink()
        with _attached(connection, quote_text(draft), f"storage_version '{_STORAGE}'"):
            connection.execute(f"create schema snapshot.{_SCHEMA}")
            for table in tables:
                place = f"{_SCHEMA}.{quote_name(table)}"
                connection.execute(f"create table snapshot.{place} as from build.{place}")
            for comment in _comments(connection):
                connection.execute(comment)
            connection.execute("checkpoint snapshot")
    target.chmod(0o444)


def _write_parquet(connection: duckdb.DuckDBPyConnection, home: Home, name: str, tables: Fingerprints) -> None:
    folder = home.published / "parquet" / name
    folder.mkdir(parents=True, exist_ok=True)
    for table in tables:
        with whole_file(folder / f"{table}.parquet") as draft:
            connection.execute(
                f"copy build.{_SCHEMA}.{quote_name(table)} to {quote_text(draft)} "
                "(format parquet, compression zstd, compression_level 1)"
            )
        (folder / f"{table}.parquet").chmod(0o444)
    fsync_path(folder.parent)


def _read_back(connection: duckdb.DuckDBPyConnection, home: Home, name: str, tables: Fingerprints) -> None:
    with _attached(connection, quote_text(home.published / f"{name}.duckdb"), "read_only"):
        if _fingerprints(connection, "snapshot") != tables:
            raise InternalFault(f"The snapshot {name} does not hold what was built; the pointer was not moved.")


def _beyond(home: Home, *, keep: int) -> list[str]:
    """Snapshots that need not be kept: neither recent, nor the last of a month, nor current."""
    names = snapshot_names(home)
    last_of_month = {n.split("_")[1][:6]: n for n in names}
    kept = {*names[-keep:], *last_of_month.values(), current_name(home)}
    return [name for name in names if name not in kept]
