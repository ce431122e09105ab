"""Any database that SQLAlchemy knows, as a source: read-only, streamed, its errors told without secrets."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from pipelines.domain.errors import CchcError, SourceUnavailable, WrongUse

ROWS = 5000
_SECONDS = 10
_SECRET_KEY = re.compile("pass|pwd|secret|token|key", re.IGNORECASE)
_BIND = re.compile(r"(?<![:\w\\]):(?=\w)")  # what SQLAlchemy would take for a parameter
_READ_ONLY = {
    "sqlite": "PRAGMA query_only = 1",
    "mysql": "SET TRANSACTION READ ONLY",
    "mariadb": "SET TRANSACTION READ ONLY",
    "oracle": "SET TRANSACTION READ ONLY",
}


@dataclass(frozen=True)
class Rows:
    """A result that streams: names of its columns, and lists of rows of at most ``ROWS``."""

    names: tuple[str, ...]
    parts: Iterator[Sequence[sa.Row[Any]]]


def url_of(text: str, *, password: str | None, in_file: bool) -> sa.URL:
    """A database's address.

    Args:
        text: the SQLAlchemy URL.
        password: what to log in with, when it does not stand in ``text``.
        in_file: ``text`` stands in a file, where no secret may stand.

    Raises:
        WrongUse: no URL, or one with a secret in a file.
    """
    try:
        url = sa.make_url(text)
    except (sa.exc.ArgumentError, ValueError):
        raise WrongUse(
            "The address of a database is no SQLAlchemy URL.",
            next_step="Write it like postgresql+psycopg2://user@host/db.",
        ) from None
    if in_file and (url.password is not None or any(_SECRET_KEY.search(k) for k in url.query)):
        raise WrongUse(
            f"The address of {public_of(url)} holds a secret.",
            next_step="Take it out of the file, and name the secret that holds it under `password` or `url_from`.",
        )
    return url if password is None else url.set(password=password)


def public_of(url: sa.URL) -> str:
    """The address without user, password and parameters."""
    bare = sa.URL.create(url.drivername, host=url.host, port=url.port, database=url.database)
    return bare.render_as_string(hide_password=True)


@contextmanager
def streamed(
    url: sa.URL, *, table: str | None, query: str | None, watermark: str | None = None, since: Any = None
) -> Iterator[Rows]:
    """Rows of a table or a query, in a transaction that cannot write and is rolled back.

    Args:
        url: where.
        table: name, with its schema when needed; or
        query: one SELECT.
        watermark: the column to go by.
        since: only rows from this value of ``watermark`` on, and those without one.

    Raises:
        SourceUnavailable: the database cannot be reached, or the connection broke.
        WrongUse: no driver, no such table or column, not allowed.
    """
    with _telling(url):
        limit = {"connect_timeout": _SECONDS} if url.get_backend_name() in ("postgresql", "mysql", "mariadb") else {}
        engine = sa.create_engine(url, poolclass=sa.NullPool, hide_parameters=True, connect_args=limit)
        with engine.connect() as connection:
            reader = _reader(connection)
            result = reader.execute(_select(table, query, watermark, since))
            try:
                yield Rows(tuple(result.keys()), result.partitions(ROWS))
            finally:
                result.close()
                reader.rollback()


def _reader(connection: sa.Connection) -> sa.Connection:
    options: dict[str, Any] = {"stream_results": True, "max_row_buffer": ROWS}
    if connection.dialect.name == "postgresql":
        options |= {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    reader = connection.execution_options(**options)
    statement = _READ_ONLY.get(connection.dialect.name)
    if statement is not None:
        reader.exec_driver_sql(statement)
    return reader


def _select(table: str | None, query: str | None, watermark: str | None, since: Any) -> sa.Select[Any]:
    source: sa.FromClause
    if table is not None:
        schema, _, name = table.rpartition(".")
        source = sa.table(name, schema=schema or None)
    else:
        source = sa.text(_BIND.sub(r"\\:", query or "") + "\n").columns().subquery("exported")
    chosen = sa.select(sa.text("*")).select_from(source)
    if watermark is None:
        return chosen
    column: sa.ColumnClause[Any] = sa.column(watermark)
    if since is not None:
        chosen = chosen.where(sa.or_(column >= since, column.is_(None)))
    return chosen.order_by(column)


@contextmanager
def _telling(url: sa.URL) -> Iterator[None]:
    """Errors of drivers as ours. What is told of them is their first line, without secrets."""
    try:
        yield
    except CchcError:
        raise
    except (sa.exc.NoSuchModuleError, ImportError) as error:
        raise WrongUse(
            f"There is no driver for {url.drivername}.",
            next_step="Install it beside cchc, or write another one's name.",
        ) from error
    except sa.exc.DBAPIError as error:
        told = _first_line(error, url)
        lacks = isinstance(error, sa.exc.ProgrammingError) or "no such" in told
        if lacks and not error.connection_invalidated:
            raise WrongUse(
                f"The database {public_of(url)} does not give this: {told}",
                next_step="Look at the table, the query and the rights of the login in the file of databases.",
            ) from None
        raise SourceUnavailable(
            f"The database {public_of(url)} cannot be read: {told}",
            next_step="Check the network, its firewall and the login, and try again; nothing is lost.",
        ) from None
    except sa.exc.SQLAlchemyError as error:
        raise WrongUse(
            f"The database {public_of(url)} does not give this ({type(error).__name__}).",
            next_step="Look at the table, the query and the rights of the login in the file of databases.",
        ) from None


def _first_line(error: sa.exc.DBAPIError, url: sa.URL) -> str:
    if isinstance(error, sa.exc.DataError):
        return type(error.orig).__name__  # its text holds values of rows
    line = f"{type(error.orig).__name__}: {str(error.orig).strip().splitlines()[0] if str(error.orig).strip() else ''}"
    for secret in (url.password, url.username):
        line = line.replace(str(secret), "…") if secret else line
    return line
