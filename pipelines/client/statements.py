"""What the read-only shell runs: statements that read, told apart by DuckDB's own parser.

DuckDB keeps the snapshot from being written; the rest (files, attached databases, settings, extensions) is kept out
by the kind of the statement. Reading a file of one's own, as with ``read_csv``, stays possible.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import duckdb

from pipelines.domain.errors import WrongUse

_READS = {duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN}
_EXPLAIN = re.compile(
    r"^(?:\s|--[^\n]*\n|/\*.*?\*/)*explain(?:\s+analyze)?(?:\s*\([^)]*\))?", re.IGNORECASE | re.DOTALL
)


def readings(text: str) -> list[duckdb.Statement]:
    """The statements of a text.

    Raises:
        WrongUse: one of them is no query, or the text makes no sense.
    """
    with errors_told():
        found = duckdb.extract_statements(text)
        for statement in found:
            _check(statement)
    return found


def answers(
    connection: duckdb.DuckDBPyConnection, statements: Iterable[duckdb.Statement]
) -> Iterator[duckdb.DuckDBPyRelation]:
    """What each statement gives, one after the other."""
    for statement in statements:
        answer = connection.sql(statement)
        if answer is not None:
            yield answer


@contextmanager
def errors_told() -> Iterator[None]:
    """What DuckDB says as an error of ours: one line, its hint the next step."""
    try:
        yield
    except duckdb.Error as error:
        said, _, at = str(error).partition("\n\nLINE ")
        message, *hints = [line.strip() for line in said.splitlines() if line.strip()]
        line = re.match(r"(\d+): ", at)
        where = f" (line {line[1]})" if line and line[1] != "1" else ""
        raise WrongUse(f"{message}{where}", next_step=" ".join(hints)) from error


def stoppable(connection: duckdb.DuckDBPyConnection, work: Callable[[], None]) -> None:
    """Do what asks a connection in a thread of its own, so that Ctrl-C stops it at once.

    DuckDB itself heeds a signal only between the parts of a query, and one part may take very long.
    """
    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(work)
        try:
            done.result()
        except KeyboardInterrupt:
            connection.interrupt()
            raise


def is_whole(text: str) -> bool:
    """Whether a text typed so far can be run: a command of the shell, or ended by a semicolon outside of quotes."""
    stripped = text.strip()
    if not stripped or stripped.startswith("."):
        return True
    tokens = duckdb.tokenize(stripped)  # a quote that is not closed gives none; places are of bytes
    return stripped.endswith(";") and bool(tokens) and tokens[-1][0] == len(stripped.encode()) - 1


def _check(statement: duckdb.Statement) -> None:
    if statement.type in _READS and not _explains_more(statement):
        return
    # PIVOT is two statements without a text: the first makes a type that lives for the second. Anything else
    # that holds a PIVOT begins with a transaction.
    if statement.type == duckdb.StatementType.CREATE and not statement.query:
        return
    raise WrongUse(
        f"The marts are read-only: {statement.type.name} is refused.",
        next_step="Ask with SELECT; --output FILE writes an answer to a file.",
    )


def _explains_more(statement: duckdb.Statement) -> bool:
    """Whether an EXPLAIN is of something else than a query: with ANALYZE it would be run."""
    if statement.type != duckdb.StatementType.EXPLAIN:
        return False
    inner = duckdb.extract_statements(_EXPLAIN.sub("", statement.query, count=1))
    return any(one.type != duckdb.StatementType.SELECT for one in inner)
