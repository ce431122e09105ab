"""Writes the marts of the build database as a new snapshot, and moves the pointer to it last."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import structlog

import pipelines
from pipelines.domain.errors import InternalFault, WrongUse
from pipelines.settings import Settings
from pipelines.storage.atomic import fsync_path, sweep, whole_file, write_json
from pipelines.storage.home import Home
from pipelines.storage.ledger import Ledger
from pipelines.storage.snapshots import current_name, manifest_of, point_to, snapshot_names

_log = structlog.get_logger()
_SCHEMA = "marts"


@dataclass(frozen=True)
class PublishResult:
    """The current snapshot, the hash of its content, and whether the pointer moved."""

    snapshot: str
    content_hash: str
    moved: bool


def publish(settings: Settings) -> PublishResult:
    """Publish the marts, if they differ from what is published.

    The snapshot gets a name of its own, is complete on the disk before the pointer moves, and is
    read once through the pointer's target. Older snapshots beyond ``keep_snapshots`` go, except the
    last of each month.

    Raises:
        WrongUse: there is nothing built.
        InternalFault: the written snapshot does not hold what was built.
    """
    home = Home(settings.home)
    if not home.warehouse.exists():
        raise WrongUse("There is nothing to publish yet.", next_step="`cchc build` makes the marts.")
    home.published.mkdir(parents=True, exist_ok=True)
    sweep(home.published)
    with duckdb.connect(str(home.warehouse), read_only=True) as build:
        tables = _fingerprints(build)
        content_hash = hashlib.sha256(repr(sorted(tables.items())).encode()).hexdigest()
        current = current_name(home)
        if current is not None and manifest_of(home, current)["content_hash"] == content_hash:
            Ledger(home.ledger).mark_published()
            return PublishResult(current, content_hash, moved=False)
        name = f"marts_{datetime.now(UTC):%Y%m%dT%H%M%S%f}_{content_hash[:8]}"
        as_of = _as_of(build)
        comments = _comments(build)
    _write_snapshot(home, name, tables, comments)
    _write_parquet(home, name, tables)
    manifest = {
        "snapshot": name,
        "content_hash": content_hash,
        "as_of": as_of,
        "tables": {t: {"rows": r, "hash": h} for t, (r, h) in tables.items()},
        "code_version": pipelines.__version__,
    }
    write_json(home.published / f"{name}.json", manifest)
    _read_back(home, name, tables)
    Ledger(home.ledger).add_publication(snapshot=name, as_of=as_of, content_hash=content_hash)
    point_to(home, name)
    Ledger(home.ledger).mark_published()
    _prune(home, keep=settings.keep_snapshots)
    _log.info("published", snapshot=name, tables=len(tables))
    return PublishResult(name, content_hash, moved=True)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _fingerprints(connection: duckdb.DuckDBPyConnection) -> dict[str, tuple[int, str]]:
    """Rows and an order-independent hash of every table of the marts."""
    names = connection.execute(
        "select table_name from duckdb_tables() where schema_name = $1 order by table_name", [_SCHEMA]
    ).fetchall()
    if not names:
        raise WrongUse("There are no marts to publish.", next_step="`cchc build` makes them.")
    found: dict[str, tuple[int, str]] = {}
    for (name,) in names:
        row = connection.execute(
            f"select count(*), coalesce(sum(hash(t)), 0)::varchar, coalesce(bit_xor(hash(t)), 0)::varchar "
            f"from {_SCHEMA}.{_quoted(name)} as t"
        ).fetchone()
        found[name] = (row[0], f"{row[1]}-{row[2]}") if row else (0, "")
    return found


def _as_of(connection: duckdb.DuckDBPyConnection) -> str | None:
    row = connection.execute(f"select max(as_of)::varchar from {_SCHEMA}.rpt_source_freshness").fetchone()
    return row[0] if row else None


def _comments(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """The statements that put every table's and column's meaning into the snapshot."""
    tables = connection.execute(
        "select table_name, comment from duckdb_tables() where schema_name = $1 and comment is not null", [_SCHEMA]
    ).fetchall()
    columns = connection.execute(
        "select table_name, column_name, comment from duckdb_columns() where schema_name = $1 and comment is not null",
        [_SCHEMA],
    ).fetchall()
    texts = [f"comment on table {_SCHEMA}.{_quoted(t)} is {_text(c)}" for t, c in tables]
    return texts + [f"comment on column {_SCHEMA}.{_quoted(t)}.{_quoted(n)} is {_text(c)}" for t, n, c in columns]


def _text(value: Any) -> str:
    return "'" + str(value).replace("'", "''") + "'"


@contextmanager
def _build_attached(home: Home, database: str) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(database) as connection:
        connection.execute(f"attach {_text(home.warehouse)} as build (read_only)")
        yield connection


def _write_snapshot(home: Home, name: str, tables: dict[str, tuple[int, str]], comments: list[str]) -> None:
    with whole_file(home.published / f"{name}.duckdb") as draft:
        draft.unlink()
        with _build_attached(home, str(draft)) as connection:
            connection.execute(f"create schema {_SCHEMA}")
            for table in tables:
                connection.execute(f"create table {_SCHEMA}.{_quoted(table)} as from build.{_SCHEMA}.{_quoted(table)}")
            for comment in comments:
                connection.execute(comment)
            connection.execute("checkpoint")
    (home.published / f"{name}.duckdb").chmod(0o444)


def _write_parquet(home: Home, name: str, tables: dict[str, tuple[int, str]]) -> None:
    folder = home.published / "parquet" / name
    folder.mkdir(parents=True, exist_ok=True)
    with _build_attached(home, ":memory:") as connection:
        for table in tables:
            with whole_file(folder / f"{table}.parquet") as draft:
                connection.execute(
                    f"copy build.{_SCHEMA}.{_quoted(table)} to {_text(draft)} (format parquet, compression zstd)"
                )
    fsync_path(folder)


def _read_back(home: Home, name: str, tables: dict[str, tuple[int, str]]) -> None:
    with duckdb.connect(str(home.published / f"{name}.duckdb"), read_only=True) as connection:
        if _fingerprints(connection) != tables:
            raise InternalFault(f"The snapshot {name} does not hold what was built; the pointer was not moved.")


def _prune(home: Home, *, keep: int) -> None:
    names = snapshot_names(home)
    last_of_month = {n.split("_")[1][:6]: n for n in names}
    kept = {*names[-keep:], *last_of_month.values(), current_name(home)}
    for name in names:
        if name not in kept:
            _remove(home, name)


def _remove(home: Home, name: str) -> None:
    """The database goes first: what has no database is no snapshot."""
    for path in (home.published / f"{name}.duckdb", home.published / f"{name}.json"):
        path.unlink(missing_ok=True)
    folder = home.published / "parquet" / name
    for part in sorted(folder.glob("*")) if folder.exists() else ():
        Path(part).unlink(missing_ok=True)
    if folder.exists():
        folder.rmdir()
