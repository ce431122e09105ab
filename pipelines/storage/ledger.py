"""The audit tables: every file ever taken, how far it came, and its row accounting.

SQLite, so that ``status`` can look while a load writes. A file belongs to the lake if and only if
its batch is ``loaded`` here: the row in this table is the commit of a load.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from pipelines.domain.errors import InternalFault, WrongUse

_metadata = sa.MetaData()

batches = sa.Table(
    "batches",
    _metadata,
    sa.Column("batch_id", sa.String, primary_key=True),
    sa.Column("source", sa.String, nullable=False),
    sa.Column("stream", sa.String, nullable=False),
    sa.Column("file_name", sa.String, nullable=False),
    sa.Column("sha256", sa.String, nullable=False),
    sa.Column("size_bytes", sa.Integer, nullable=False),
    sa.Column("modified_at", sa.String),
    sa.Column("period", sa.String),
    sa.Column("exported_at", sa.String, nullable=False),
    sa.Column("state", sa.String, nullable=False, default="landed"),
    sa.Column("contract_version", sa.Integer),
    sa.Column("rows_in_file", sa.Integer),
    sa.Column("rows_loaded", sa.Integer),
    sa.Column("rows_quarantined", sa.Integer),
    sa.Column("rows_non_data", sa.Integer),
    sa.Column("rows_flagged", sa.Integer),
    sa.Column("refusal", sa.String),
    sa.Column("landed_at", sa.String, nullable=False),
    sa.Column("loaded_at", sa.String),
    sa.Column("built_at", sa.String),
    sa.UniqueConstraint("source", "stream", "sha256"),
)
sheets_left_over = sa.Table(
    "sheets_left_over",
    _metadata,
    sa.Column("batch_id", sa.String, primary_key=True),
    sa.Column("name", sa.String, primary_key=True),
)
gates = sa.Table(
    "gates",
    _metadata,
    sa.Column("gate_id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("at", sa.String, nullable=False),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("subject", sa.String, nullable=False),
    sa.Column("passed", sa.Boolean, nullable=False),
    sa.Column("evaluated", sa.Integer, nullable=False),
    sa.Column("failed", sa.Integer, nullable=False),
    sa.Column("detail", sa.String),
)
publications = sa.Table(
    "publications",
    _metadata,
    sa.Column("snapshot", sa.String, primary_key=True),
    sa.Column("published_at", sa.String, nullable=False),
    sa.Column("as_of", sa.String),
    sa.Column("content_hash", sa.String, nullable=False),
)
facts = sa.Table(
    "facts",
    _metadata,
    sa.Column("name", sa.String, primary_key=True),
    sa.Column("value", sa.String, nullable=False),
)

UNPUBLISHED = "unpublished"

# landed → prepared → validated → loaded; refused: the file as a whole could not be taken in.
STATES = ("landed", "prepared", "validated", "loaded", "refused")


@dataclass(frozen=True)
class Batch:
    """One landed file and how far it came. Times are ISO text, Asia/Ho_Chi_Minh for exports."""

    batch_id: str
    source: str
    stream: str
    file_name: str
    sha256: str
    size_bytes: int
    modified_at: str | None
    period: str | None
    exported_at: str
    state: str
    contract_version: int | None
    rows_in_file: int | None
    rows_loaded: int | None
    rows_quarantined: int | None
    rows_non_data: int | None
    rows_flagged: int | None
    refusal: str | None
    landed_at: str
    loaded_at: str | None
    built_at: str | None

    @property
    def label(self) -> str:
        """The file as people name it: ``source/stream/name``."""
        return f"{self.source}/{self.stream}/{self.file_name}"

    @property
    def accounting_closes(self) -> bool:
        """Whether rows in the file = loaded + quarantined + declared non-data."""
        parts = (self.rows_loaded, self.rows_quarantined, self.rows_non_data)
        return self.rows_in_file is not None and self.rows_in_file == sum(p or 0 for p in parts)


def now_utc() -> str:
    """The present moment as ISO text in UTC, to the second."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Ledger:
    """Reads and writes the audit tables of one home."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._engine = sa.create_engine(f"sqlite:///{path}", connect_args={"timeout": 60})
        sa.event.listen(self._engine, "connect", _pragmas)
        if _metadata.tables.keys() - set(sa.inspect(self._engine).get_table_names()):
            with self.transaction() as connection:  # of several processes that come first, one makes the tables
                _metadata.create_all(connection)

    @contextmanager
    def transaction(self) -> Iterator[sa.Connection]:
        """One write transaction; nothing of it stays when it raises."""
        with self._engine.connect() as connection:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.exec_driver_sql("ROLLBACK")
                raise
            connection.exec_driver_sql("COMMIT")

    def add_landed(self, *, facts: Mapping[str, str] | None = None, **values: Any) -> bool:
        """Note a landed file, and facts with it; false when the very same bytes of that stream are known already."""
        with self.transaction() as connection:
            same = [batches.c[name] == values[name] for name in ("source", "stream", "sha256")]
            known = connection.execute(sa.select(batches.c.batch_id).where(*same)).first()
            if known is None:
                connection.execute(batches.insert().values(state="landed", landed_at=now_utc(), **values))
            for name, value in (facts or {}).items():
                _set_fact(connection, name, value)
            return known is None

    def update(self, batch_id: str, *, left_over: Iterable[str] | None = None, **values: Any) -> None:
        """Change one batch; ``left_over`` are its sheets that hold rows and were not read, in place of those noted."""
        with self.transaction() as connection:
            connection.execute(batches.update().where(batches.c.batch_id == batch_id).values(**values))
            if left_over is not None:
                connection.execute(sa.delete(sheets_left_over).where(sheets_left_over.c.batch_id == batch_id))
                for name in dict.fromkeys(left_over):
                    connection.execute(sheets_left_over.insert().values(batch_id=batch_id, name=name))

    def left_over(self) -> dict[str, tuple[str, ...]]:
        """The sheets that were not read, of every batch that has any, in their order."""
        found: dict[str, tuple[str, ...]] = {}
        for row in self.rows("sheets_left_over"):
            found[row["batch_id"]] = (*found.get(row["batch_id"], ()), row["name"])
        return found

    def mark_built(self, batch_ids: Iterable[str]) -> None:
        """The build has taken these batches in."""
        moment = now_utc()
        with self.transaction() as connection:
            for batch_id in batch_ids:
                connection.execute(batches.update().where(batches.c.batch_id == batch_id).values(built_at=moment))
            _set_fact(connection, UNPUBLISHED, "yes")

    def forget_built(self) -> None:
        """The build database is gone: everything loaded is to be built again."""
        with self.transaction() as connection:
            connection.execute(batches.update().values(built_at=None))

    def batch(self, batch_id: str) -> Batch:
        """One batch.

        Raises:
            WrongUse: there is none of that id.
        """
        found = self.select(batch_ids=[batch_id])
        if not found:
            raise WrongUse(f"There is no batch {batch_id}.", next_step="`cchc status` lists them.")
        return found[0]

    def select(
        self,
        *,
        states: Sequence[str] | None = None,
        source: str | None = None,
        stream: str | None = None,
        batch_ids: Sequence[str] | None = None,
        unbuilt: bool = False,
    ) -> list[Batch]:
        """Batches that fit, oldest export first (ties by batch id)."""
        query = sa.select(batches).order_by(batches.c.exported_at, batches.c.batch_id)
        if states is not None:
            query = query.where(batches.c.state.in_(states))
        if source is not None:
            query = query.where(batches.c.source == source)
        if stream is not None:
            query = query.where(batches.c.stream == stream)
        if batch_ids is not None:
            query = query.where(batches.c.batch_id.in_(list(batch_ids)))
        if unbuilt:
            query = query.where(batches.c.state == "loaded", batches.c.built_at.is_(None))
        with self._engine.connect() as connection:
            return [Batch(**row._mapping) for row in connection.execute(query)]

    def add_gate(self, **values: Any) -> None:
        """Note what a gate said: kind ``incoming`` or ``release``."""
        with self.transaction() as connection:
            connection.execute(gates.insert().values(at=now_utc(), **values))

    def add_publication(self, **values: Any) -> None:
        """Note a published snapshot (once)."""
        with self.transaction() as connection:
            connection.execute(sa.delete(publications).where(publications.c.snapshot == values["snapshot"]))
            connection.execute(publications.insert().values(published_at=now_utc(), **values))

    def rows(self, table: str) -> list[dict[str, Any]]:
        """All rows of one audit table, in the order they were written."""
        with self._engine.connect() as connection:
            return [dict(r._mapping) for r in connection.execute(sa.select(_metadata.tables[table]))]

    def mark_published(self) -> None:
        """What is built is published."""
        with self.transaction() as connection:
            _set_fact(connection, UNPUBLISHED, "no")

    @property
    def unpublished(self) -> bool:
        """Whether something was built that has not been published."""
        with self._engine.connect() as connection:
            query = sa.select(facts.c.value).where(facts.c.name == UNPUBLISHED)
            return bool(connection.execute(query).scalar() == "yes")

    def set_fact(self, name: str, value: str) -> None:
        """Write a fact, or write it anew."""
        with self.transaction() as connection:
            _set_fact(connection, name, value)

    def hold_fact(self, name: str, value: str) -> None:
        """Write a fact once; a different value later is a fault the caller must explain.

        Raises:
            InternalFault: the fact is known with another value.
        """
        with self.transaction() as connection:
            known = connection.execute(sa.select(facts.c.value).where(facts.c.name == name)).scalar()
            if known is None:
                connection.execute(facts.insert().values(name=name, value=value))
            elif known != value:
                raise InternalFault(f"{name} was {known} and is now {value}.")


def _set_fact(connection: sa.Connection, name: str, value: str) -> None:
    connection.execute(sa.delete(facts).where(facts.c.name == name))
    connection.execute(facts.insert().values(name=name, value=value))


def _pragmas(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
