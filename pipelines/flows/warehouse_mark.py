"""Which warehouse a build database was made by: its models, macros, seeds and variables.

A night only computes what it touches. When a calendar, office hours or a model has changed, what stands in the database
would mix figures of before and after, so such a database is built anew (``docs/decisions/0011-working-time.md``).
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import duckdb

from pipelines.flows.dbt_parsing import PROJECT

_KINDS = ("dbt_project.yml", "macros/*.sql", "models/*/*.sql", "seeds/*.csv")


def warehouse_mark(project: Path = PROJECT) -> str:
    """A digest of everything that figures depend on; descriptions and tests do not count."""
    digest = hashlib.sha256()
    for path in sorted(path for kind in _KINDS for path in project.glob(kind)):
        digest.update(path.relative_to(project).as_posix().encode() + b"\0")
        digest.update(path.read_bytes() + b"\0")
    return digest.hexdigest()


def write_mark(connection: duckdb.DuckDBPyConnection) -> None:
    """Note in a build database who makes it."""
    connection.execute("create schema if not exists audit")
    connection.execute("create or replace table audit.made_by as select $1 as mark", [warehouse_mark()])


def is_marked(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether a build database was made by the warehouse as it is now."""
    try:
        found = connection.execute("select mark from audit.made_by").fetchone()
    except duckdb.CatalogException:
        return False
    return found is not None and found[0] == warehouse_mark()
