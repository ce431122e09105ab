"""``python -m deploy.postgres_copy``: the published marts in a PostgreSQL, for tools that do not read DuckDB.

All tables of the current snapshot go into the schema ``marts`` in one transaction: readers see one publication or the
next, never half of one. Comments go along. Run it after ``cchc run``; it does nothing else than copy.
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import psycopg2
from psycopg2 import sql
from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from deploy.commands import exit_code_of, say
from pipelines.domain.errors import SourceUnavailable, WrongUse
from pipelines.settings import Settings
from pipelines.storage.home import Home
from pipelines.storage.snapshots import open_current

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection
    from psycopg2.extensions import cursor

SCHEMA, _NEXT = "marts", "marts_next"
_TYPES = {"VARCHAR": "text", "DOUBLE": "double precision", "HUGEINT": "numeric", "UBIGINT": "numeric"}

_TABLES = f"select table_name from duckdb_tables() where schema_name = '{SCHEMA}' order by table_name"


class PostgresSettings(BaseSettings):
    """Where to copy to, read from ``CCHC_POSTGRES_…``."""

    model_config = SettingsConfigDict(env_prefix="CCHC_POSTGRES_", frozen=True, extra="ignore")

    url: SecretStr | None = Field(None, description="postgresql://user:password@host/database; may make schemas there.")
    reader: str | None = Field(None, description="Role that may read the copy.")


def copy(home: Home, url: str, *, reader: str | None = None) -> dict[str, int]:
    """Copy every table; rows by table.

    Args:
        home: whose current snapshot.
        url: of the PostgreSQL.
        reader: role that may read the copy.

    Raises:
        WrongUse: nothing is published yet.
        SourceUnavailable: the PostgreSQL does not answer or refuses.
    """
    with open_current(home) as snapshot, TemporaryDirectory(prefix="cchc-postgres-") as folder:
        names = [row[0] for row in snapshot.execute(_TABLES).fetchall()]
        try:
            connection = psycopg2.connect(url)
            try:
                with connection, connection.cursor() as target:
                    return _copy_all(snapshot, target, names, Path(folder), reader)
            finally:
                connection.close()
        except psycopg2.Error as error:
            raise SourceUnavailable(
                f"The marts could not be copied to PostgreSQL: {str(error).strip()}",
                next_step="Check CCHC_POSTGRES_URL and what its user may do. Readers keep the former copy.",
            ) from error


def _copy_all(
    snapshot: DuckDBPyConnection, target: cursor, names: list[str], folder: Path, reader: str | None
) -> dict[str, int]:
    """Fill a schema beside the one that is read, then put it in its place."""
    current, following = sql.Identifier(SCHEMA), sql.Identifier(_NEXT)
    target.execute(sql.SQL("drop schema if exists {} cascade").format(following))
    target.execute(sql.SQL("create schema {}").format(following))
    counts = {name: _copy_table(snapshot, target, name, folder / f"{name}.csv") for name in names}
    target.execute(sql.SQL("drop schema if exists {} cascade").format(current))
    target.execute(sql.SQL("alter schema {} rename to {}").format(following, current))
    if reader is not None:
        role = sql.Identifier(reader)
        target.execute(sql.SQL("grant usage on schema {} to {}").format(current, role))
        target.execute(sql.SQL("grant select on all tables in schema {} to {}").format(current, role))
    return counts


def _copy_table(snapshot: DuckDBPyConnection, target: cursor, name: str, file: Path) -> int:
    table = sql.Identifier(_NEXT, name)
    columns = snapshot.execute(
        "select column_name, data_type, comment from duckdb_columns() where schema_name = ? and table_name = ?"
        " order by column_index",
        [SCHEMA, name],
    ).fetchall()
    typed = [sql.SQL("{} {}").format(sql.Identifier(c), sql.SQL(_TYPES.get(t, t.lower()))) for c, t, _ in columns]
    target.execute(sql.SQL("create table {} ({})").format(table, sql.SQL(", ").join(typed)))
    snapshot.execute(f"copy {SCHEMA}.{name} to '{file}' (format csv, header false, nullstr '\\N', force_quote *)")
    with file.open(encoding="utf-8") as rows:
        target.copy_expert(sql.SQL("copy {} from stdin (format csv, null '\\N')").format(table), rows)
    copied = target.rowcount
    file.unlink()
    (told,) = snapshot.execute(
        "select comment from duckdb_tables() where schema_name = ? and table_name = ?", [SCHEMA, name]
    ).fetchall()
    target.execute(sql.SQL("comment on table {} is %s").format(table), told)
    for column, _, comment in columns:
        place = sql.Identifier(_NEXT, name, column)
        target.execute(sql.SQL("comment on column {} is %s").format(place), [comment])
    return copied


def main() -> int:
    """Copy as the settings say; the exit code of the error's class when something is wrong."""
    return exit_code_of(_copy_as_set)


def _copy_as_set() -> None:
    chosen = PostgresSettings()
    if chosen.url is None:
        raise WrongUse(
            "There is no CCHC_POSTGRES_URL.", next_step="Set it to postgresql://user:password@host/database."
        )
    counts = copy(Home(Settings().home), chosen.url.get_secret_value(), reader=chosen.reader)
    say(f"{len(counts)} tables, {sum(counts.values()):,} rows are in the schema {SCHEMA}.")


if __name__ == "__main__":
    sys.exit(main())
