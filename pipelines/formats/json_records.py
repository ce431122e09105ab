"""JSON into ``raw(rn, c0, …, kind)``: an object a line, an array, one record, or an envelope around a list.

DuckDB reads the file, one record at a time but for an envelope, which stands in memory whole and is limited for
that. ``rn`` is the line where every record has a line of its own, else the place in the list, from 1. A file is
looked through once for its keys, then read: where nothing in it needs care, each cell straight from the file as
text, and not kept at all where every record is a row. ``read_json`` is only given the columns that it is to read:
left to find them, it recurses, and a few kilobytes of brackets would bring the process down.

Keys inside an object, ``outer.inner``, are columns where the contract has an alias of that name.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from pipelines.domain.contracts import Contract
from pipelines.domain.errors import DataRefused
from pipelines.formats.children import keys_by_column, pointer
from pipelines.formats.headers import Header
from pipelines.formats.json_cells import Cells, from_file_sql, from_texts_sql
from pipelines.formats.json_documents import (
    LARGEST_ENVELOPE,
    LONGEST_RECORD,
    MOST_LEVELS,
    Documents,
    NoRecord,
    count_plain_lines,
    every_line,
    find_documents,
    is_deep,
    names_key,
)
from pipelines.formats.json_look import Look, look_through, nested_paths
from pipelines.formats.lines import copy_text
from pipelines.formats.sniff import Sniffed
from pipelines.storage.engine import in_one_thread

_LOOK = 500


@dataclass(frozen=True)
class _Seen:
    """What a look through the records told."""

    look: Look
    header: Header
    cells: Cells


def read_json_records(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    sniffed: Sniffed,
    contract: Contract,
    *,
    file_name: str,
    scratch: Path,
    keep: bool = True,
) -> Header:
    """Fill ``raw``; each key of the records is a column's label or alias, in any capitals.

    An absent key is an empty value, so a required column that no record names is told of row by row.

    Without ``keep``, records that are rows by every sign are left in the file, and ``raw`` reads them there; should
    that fail, they are to be read anew and kept.

    Returns:
        which key is which column; ``unknown`` are the keys that no column is for; ``rows``, where they are not kept.

    Raises:
        DataRefused: broken JSON, no record, no key of the contract, or larger than the limits.
    """
    with _refusing(sniffed, file_name):
        documents, seen = _see(connection, path, sniffed, contract, file_name, scratch)
        if not keep and _left_in_file(connection, documents, seen):
            return replace(seen.header, rows=seen.look.documents)
        _fill(connection, documents, seen)
    return seen.header


def look_at_json(path: Path, sniffed: Sniffed, contract: Contract, *, file_name: str) -> Header:
    """What the keys of the first records would mean to a contract; the file is not read further.

    Raises:
        DataRefused: as ``read_json_records``.
    """
    with duckdb.connect() as connection, tempfile.TemporaryDirectory() as scratch, _refusing(sniffed, file_name):
        return _see(connection, path, sniffed, contract, file_name, Path(scratch), limit=_LOOK)[1].header


@contextmanager
def _refusing(sniffed: Sniffed, file_name: str) -> Iterator[None]:
    """What DuckDB cannot read is refused; of a file that holds nothing but brackets, they are the reason."""
    try:
        yield
    except duckdb.OutOfMemoryException:
        raise
    except (duckdb.Error, NoRecord) as error:
        if is_deep(sniffed.head):
            raise DataRefused(
                f"{file_name} opens more than {MOST_LEVELS} lists and objects in one another, and no record is read.",
                next_step="Ask its owner for the export again, best with one record a line (NDJSON).",
            ) from error
        if isinstance(error, NoRecord):
            raise
        raise _broken(file_name, error) from error


def _broken(file_name: str, error: Exception) -> DataRefused:
    """The parser's words may quote the file, so they are not repeated."""
    large = "maximum_object_size" in str(error)
    limits = f"{LONGEST_RECORD >> 20} MiB for a record, {LARGEST_ENVELOPE >> 20} MiB for an object around records"
    said = f"holds more than is read at once ({limits})" if large else "is broken JSON"
    return DataRefused(
        f"{file_name} {said}.",
        next_step="Ask its owner for the export again, best with one record a line (NDJSON).",
    )


def _see(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    sniffed: Sniffed,
    contract: Contract,
    file_name: str,
    scratch: Path,
    *,
    limit: int | None = None,
) -> tuple[Documents, _Seen]:
    """How the records lie and what is in them; of the first ones only, under a limit.

    Lines that DuckDB cannot read as they are (empty ones, bytes that are no text, one without end) are copied.
    """
    utf8 = path if sniffed.encoding == "utf-8" else copy_text(path, sniffed.encoding, scratch / "utf8.json")
    documents = find_documents(connection, utf8, sniffed.head, contract, file_name)
    if documents.form != "newline_delimited":
        return documents, _seen(connection, _first(documents, limit), contract, file_name)
    try:
        seen = _seen(connection, _first(documents, limit), contract, file_name)
    except duckdb.OutOfMemoryException:
        raise
    except duckdb.Error:
        seen = None
    if seen is not None and (limit is not None or seen.look.documents == count_plain_lines(utf8)):
        return documents, seen
    copied = every_line(utf8, scratch)
    return copied, _seen(connection, _first(copied, limit), contract, file_name)


def _first(documents: Documents, limit: int | None) -> Documents:
    return documents if limit is None else replace(documents, relation=f"(from {documents.relation} limit {limit})")


def _seen(connection: duckdb.DuckDBPyConnection, documents: Documents, contract: Contract, file_name: str) -> _Seen:
    """What the keys of all records mean, and every spelling of each column."""
    look = look_through(connection, documents, file_name)
    _, others = keys_by_column(look.keys, contract.columns)
    nested = nested_paths(connection, documents, others) if look.inner_objects else {k: pointer(k) for k in others}
    pointers = {key: pointer(key) for key in look.keys if key not in others} | nested
    if not names_key(list(pointers), contract):
        said = f"{file_name} is JSON, but no record of it has a key of {contract.name}."
        raise NoRecord(said, keys=list(pointers))
    by_column, unknown = keys_by_column(list(pointers), contract.columns)
    positions = {name: n for n, name in enumerate(by_column)}
    missing = tuple(c.name for c in contract.columns if c.name not in by_column and not c.required and not c.children)
    labels = {name: spellings[0] for name, spellings in by_column.items()}
    header = Header(0, len(by_column), positions, labels, tuple(unknown), missing)
    columns = tuple((contract.column(name), tuple((k, pointers[k]) for k in keys)) for name, keys in by_column.items())
    return _Seen(look, header, Cells(columns, frozenset(k for k in look.keys if k not in others)))


def _left_in_file(connection: duckdb.DuckDBPyConnection, documents: Documents, seen: _Seen) -> bool:
    """Make ``raw`` a view of the file, where each record is certain to be a row."""
    if not (seen.look.plain and seen.look.all_records) or documents.copied:
        return False
    straight = from_file_sql(documents, seen.cells, seen.look)
    if straight is not None:
        connection.execute(f"create view raw as select row_number() over () as rn, * from ({straight})")
        in_one_thread(connection)
    return straight is not None


def _fill(connection: duckdb.DuckDBPyConnection, documents: Documents, seen: _Seen) -> None:
    """Make ``raw``. Each document is read once; a reject keeps its text in the first cell."""
    if seen.look.all_records and not seen.look.odd_numbers and not documents.copied:
        straight = from_file_sql(documents, seen.cells, seen.look)
        if straight is not None and _made(connection, straight, seen.look):
            return
    _make(connection, from_texts_sql(documents, seen.cells, seen.look))


def _made(connection: duckdb.DuckDBPyConnection, query: str, look: Look) -> bool:
    """Whether a query gave every record, and each is a row."""
    try:
        _make(connection, query)
    except duckdb.OutOfMemoryException:
        raise
    except duckdb.Error:
        return False
    return connection.execute("select count(*), count(kind) from raw").fetchone() == (look.documents, 0)


def _make(connection: duckdb.DuckDBPyConnection, query: str) -> None:
    """``raw`` of a query that gives the cells in the order of the file: rows of a table are numbered as they came."""
    connection.execute("drop view if exists raw")
    connection.execute(f"create or replace table records as {query}")
    connection.execute("create view raw as select rowid + 1 as rn, * from records")
