"""Delimited text as the relation ``raw``: every record once, numbered, nothing lost.

DuckDB reads the file each time that ``raw`` is asked: two readings cost less than one and a copy of the records, which
would not fit into memory. What is no row stands in the table ``apart`` as well, so that only rows are asked of ``raw``.

Spare columns and a null sign that never occurs keep records of a wrong length whole: a cell that was
not there is null, an empty one is ''; surplus cells stand in the spare columns.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pyarrow as pa

from pipelines.formats.apart import set_apart
from pipelines.formats.lines import LONGEST, UTF8, copy_text, has_empty_lines, refuse_endless_lines
from pipelines.formats.sniff import Sniffed
from pipelines.storage.engine import in_one_thread, quote_text

SPARE = 4
_NEVER = "\x02cchc-null\x02"
_BATCH = 20_000
_MOST_SIGNS = 32 * 2**20


def _unknown(_odd: bool) -> str:
    return "null::varchar"


def read_delimited(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    sniffed: Sniffed,
    width: int,
    *,
    scratch: Path,
    kind: Callable[[bool], str] = _unknown,
    keep: bool = False,
) -> None:
    """Give ``raw(rn, c0, c1, …, kind)`` and ``apart``; ``width`` is the number of cells in the header.

    A file in another encoding is first copied to ``scratch`` in UTF-8; ``raw`` is a view of the file or the copy,
    which must stay as long as it is asked, or with ``keep`` a table of its own. ``kind`` gives the expression
    that says what a record is; it is told whether records may hold bytes that were no text.

    ``rn`` counts every record, from 1; an empty line is one. DuckDB reads the file; a file
    it cannot read (broken quotes, bytes that are no text, empty lines between records) goes the slow
    way through ``csv``, where such bytes become U+FFFD.
    """
    utf8 = path if sniffed.encoding in UTF8 else copy_text(path, sniffed.encoding, scratch / "utf8")
    if not has_empty_lines(utf8):
        try:
            _read_fast(connection, utf8, sniffed.delimiter, width, kind(False), keep=keep)
        except duckdb.Error:
            connection.execute("drop view if exists raw")
        else:
            return
    refuse_endless_lines(utf8)
    _read_slowly(connection, utf8, sniffed.delimiter, width, kind(True))
    set_apart(connection)


def _names(width: int) -> list[str]:
    return [f"c{n}" for n in range(width + SPARE)]


def _read_fast(
    connection: duckdb.DuckDBPyConnection, path: Path, delimiter: str, width: int, kind: str, *, keep: bool
) -> None:
    columns = ", ".join(f"'{n}': 'VARCHAR'" for n in _names(width))
    signs = f"delim = {quote_text(delimiter)}, quote = '\"', escape = '\"', nullstr = {quote_text(_NEVER)}"
    records = (
        f"read_csv({quote_text(path)}, header = false, columns = {{{columns}}}, auto_detect = false, {signs}, "
        f"compression = 'none', null_padding = true, parallel = false, max_line_size = {LONGEST})"
    )
    numbered = f"select row_number() over () as rn, * from {records}"
    connection.execute(f"create {'table' if keep else 'view'} raw as select *, {kind} as kind from ({numbered})")
    if not keep:
        in_one_thread(connection)
    set_apart(connection)


def _read_slowly(connection: duckdb.DuckDBPyConnection, path: Path, delimiter: str, width: int, kind: str) -> None:
    names = _names(width)
    schema = pa.schema([("rn", pa.int64()), *((n, pa.string()) for n in names)])
    reader = pa.RecordBatchReader.from_batches(schema, _batches(path, delimiter, len(names), schema))
    connection.register("records", reader)
    connection.execute(f"create table raw as select *, {kind} as kind from records")
    connection.unregister("records")


def _batches(path: Path, delimiter: str, width: int, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    csv.field_size_limit(LONGEST)
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as stream:
        records = csv.reader(stream, delimiter=delimiter)
        number = 0
        for chunk in _chunks(lenient_records(records)):
            padded = [[*record[:width], *[None] * (width - len(record))] for record in chunk]
            columns = [list(range(number + 1, number + 1 + len(chunk))), *map(list, zip(*padded, strict=True))]
            number += len(chunk)
            yield pa.record_batch([pa.array(c, t.type) for c, t in zip(columns, schema, strict=True)], schema=schema)


def _chunks(records: Iterator[list[str]]) -> Iterator[list[list[str]]]:
    """As many records as a batch holds, fewer when they are long."""
    chunk: list[list[str]] = []
    size = 0
    for record in records:
        chunk.append(record)
        size += sum(map(len, record))
        if len(chunk) == _BATCH or size > _MOST_SIGNS:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


def lenient_records(records: Iterator[list[str]]) -> Iterator[list[str]]:
    """Records, an unreadable one as a record of no cells (it is rejected as too short)."""
    while True:
        try:
            yield next(records)
        except csv.Error:
            yield ["\ufffd"]
        except StopIteration:
            return
