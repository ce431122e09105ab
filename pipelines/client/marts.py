"""The published marts for Python: relations, pandas, Arrow, SQLAlchemy and Parquet, with the pointer handled.

Only the snapshot's own file is opened, read-only and by its real path. Nothing is ever written, so a publication
is neither waited for nor held up.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import duckdb

from pipelines.domain.errors import WrongUse
from pipelines.settings import Settings
from pipelines.storage.engine import quote_name
from pipelines.storage.home import Home
from pipelines.storage.snapshots import current_name, current_snapshot, open_current

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa
    from sqlalchemy import Engine

Parameters = Sequence[Any] | Mapping[str, Any]

# Tables need no "marts." before them; moments are local; nothing is spilled beside the snapshot or downloaded.
_SETTINGS = (
    "set schema = 'marts'",
    "set TimeZone = 'Asia/Ho_Chi_Minh'",
    "set temp_directory = ''",
    "set autoinstall_known_extensions = false",
)


class Marts:
    """One snapshot of the published marts.

    All answers come from the snapshot that was opened, so that they agree with each other, until ``refresh``
    opens the newest. With ``follow`` every question goes to the newest. What was asked before stays usable.

    Args:
        home: the installation; default ``CCHC_HOME``, else ``./data``.
        follow: look at the pointer before every question.

    Raises:
        WrongUse: nothing is published yet.
    """

    def __init__(self, home: Path | str | None = None, *, follow: bool = False) -> None:
        self._home = Home(Path(home) if home is not None else Settings().home)
        self._follow = follow
        self._open()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Marts({self.snapshot}, as of {self.as_of})"

    @property
    def connection(self) -> duckdb.DuckDBPyConnection:
        """DuckDB's own connection to the snapshot, read-only; of the newest one with ``follow``."""
        if self._follow:
            self.refresh()
        return self._connection

    @property
    def snapshot(self) -> str:
        """Name of the snapshot that is open."""
        return self._path.stem

    @property
    def as_of(self) -> datetime:
        """The newest export that its figures know of."""
        (found,) = self._connection.sql("select max(as_of) from rpt_source_freshness").fetchall()
        moment: datetime = found[0]
        return moment

    def refresh(self) -> bool:
        """Open the newest snapshot if the pointer has moved; whether it had."""
        moved = current_name(self._home) != self.snapshot
        if moved:
            self._open()
        return moved

    def close(self) -> None:
        """Let go of the snapshot."""
        self._connection.close()

    def tables(self) -> list[str]:
        """Names of the tables."""
        found = self.connection.sql("select table_name from duckdb_tables() where schema_name = 'marts' order by 1")
        return [name for (name,) in found.fetchall()]

    def describe(self, table: str) -> duckdb.DuckDBPyRelation:
        """Columns of a table: name, type, meaning (Vietnamese — English).

        Raises:
            WrongUse: there is no such table.
        """
        return self.sql(
            "select column_name, data_type, comment as meaning from duckdb_columns() "
            "where schema_name = 'marts' and table_name = $1 order by column_index",
            [self._known(table)],
        )

    def table(self, name: str) -> duckdb.DuckDBPyRelation:
        """A table as a relation: ``filter``, ``aggregate``, ``order``, ``df`` and the like go on from it.

        Raises:
            WrongUse: there is no such table; the message names those that are called like it.
        """
        known = self._known(name)
        return self.connection.sql(f"from {quote_name(known)}")

    def sql(self, query: str, params: Parameters | None = None) -> duckdb.DuckDBPyRelation:
        """The answer to one query as a relation; values stand as ``?``, ``$1`` or ``$name`` in it."""
        return self.connection.sql(query, params=params)

    def pandas(self, question: str, params: Parameters | None = None) -> pd.DataFrame:
        """A table, or the answer to a query, as a pandas frame."""
        return self._asked(question, params).df()

    def arrow(self, question: str, params: Parameters | None = None) -> pa.Table:
        """A table, or the answer to a query, as an Arrow table."""
        return self._asked(question, params).to_arrow_table()

    def parquet(self, table: str) -> Path:
        """The same table as a Parquet file of the same snapshot, for Polars, Spark or Power Query.

        Raises:
            WrongUse: there is no such table, or the snapshot has made room for newer ones.
        """
        path = self._home.published / "parquet" / self.snapshot / f"{self._known(table)}.parquet"
        if not path.exists():
            raise WrongUse(f"{self.snapshot} is no longer kept.", next_step="refresh() opens the newest snapshot.")
        return path

    def sqlalchemy_url(self) -> str:
        """Address of the current snapshot for SQLAlchemy in a process of its own; here, take ``engine``.

        It names the real file: ask again when the pointer may have moved.
        """
        return f"duckdb:///{current_snapshot(self._home)}?access_mode=read_only"

    def engine(self) -> Engine:
        """A read-only SQLAlchemy engine; each of its connections opens what is current then."""
        from duckdb_sqlalchemy import ConnectionWrapper
        from sqlalchemy import create_engine
        from sqlalchemy.pool import NullPool

        # DuckDB wants one configuration for a file within a process: the engine's connections are opened like ours.
        return create_engine(
            "duckdb://", creator=lambda: ConnectionWrapper(_connect(self._home)[1]), poolclass=NullPool
        )

    def _open(self) -> None:
        # The former connection is not closed: relations that came from it are still in use.
        self._path, self._connection = _connect(self._home)

    def _asked(self, question: str, params: Parameters | None) -> duckdb.DuckDBPyRelation:
        return self.table(question) if re.fullmatch(r"\s*\w+\s*", question) else self.sql(question, params)

    def _known(self, table: str) -> str:
        name, there = table.strip().lower().removeprefix("marts."), self.tables()
        if name in there:
            return name
        near = get_close_matches(name, there, n=3) or [t for t in there if name in t]
        next_step = f"Did you mean {' or '.join(near)}?" if near else f"There are {', '.join(there)}."
        raise WrongUse(f"No published table is called {table}.", next_step=next_step)


def _connect(home: Home) -> tuple[Path, duckdb.DuckDBPyConnection]:
    """The current snapshot's file, and a connection to it."""
    connection = open_current(home)
    for setting in _SETTINGS:
        connection.execute(setting)
    (path,) = connection.sql("select path from duckdb_databases() where path is not null").fetchall()
    return Path(path[0]), connection
