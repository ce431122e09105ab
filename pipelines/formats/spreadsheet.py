"""Sheets (xlsx, xls, xlsb, ods) into the table ``raw`` through calamine, cells as text."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from pipelines.domain.errors import DataRefused
from pipelines.formats.encodings import TCVN3, UNICODE, VNI, CellReader
from pipelines.formats.numbers import number_text
from pipelines.formats.workbook import Sheet, Workbook

_BATCH = 20_000
_JUDGED_ROWS = 500


def open_sheet(path: Path, *, file_name: str) -> Sheet:
    """The first sheet that holds anything.

    Raises:
        DataRefused: protected, broken, or without any row.
    """
    book = Workbook(path, file_name=file_name)
    for name in book.names:
        sheet = book.sheet(name)
        if sheet.height:
            return sheet
    raise DataRefused(f"{file_name} holds no row.", next_step="Ask its owner for the export again.")


def cell_reader(sheet: Sheet, encoding: str | None = None) -> CellReader:
    """How the cells of a sheet are to be read, judged by its first rows.

    Args:
        sheet: the sheet.
        encoding: what the contract says of its letters, if anything.
    """
    told = {None: None, TCVN3: TCVN3, VNI: VNI}.get(encoding, UNICODE)
    rows = itertools.islice(sheet.iter_rows(), _JUDGED_ROWS)
    return CellReader((cell for row in rows for cell in row if isinstance(cell, str)), told)


def first_rows(sheet: Sheet, limit: int, reader: CellReader | None = None) -> list[list[str]]:
    """The first rows as text, from the sheet's very first row."""
    rows = [[cell_text(c) or "" for c in row] for row in itertools.islice(sheet.iter_rows(), limit)]
    return rows if reader is None or reader.is_plain else [[reader.read(c) for c in row] for row in rows]


def read_sheet(
    connection: duckdb.DuckDBPyConnection,
    sheet: Sheet,
    width: int,
    kind: str = "null::varchar",
    *,
    cells: CellReader | None = None,
    numbers: Collection[int] = (),
    before: int = 0,
) -> None:
    """Fill ``raw(rn, c0, …, kind)``; ``rn`` is the row number that Excel shows, ``kind`` says what a record is.

    ``cells`` reads letters that are not Unicode; text in Unicode passes untouched, at no cost. ``numbers`` are the
    positions of the contract's numbers: what is a number there gets a comma before decimals. ``before`` is how many
    records ``raw`` has from sheets read before: the rows are added to them, and numbered on from there.
    """
    names = [f"c{n}" for n in range(width)]
    schema = pa.schema([("rn", pa.int64()), *((n, pa.string()) for n in names)])
    reader = pa.RecordBatchReader.from_batches(
        schema, _batches(sheet, width, schema, None if cells is None or cells.is_plain else cells, numbers)
    )
    connection.register("cells", reader)
    records = f"select *, {kind} as kind from cells"
    if before:
        connection.execute(f"insert into raw select * replace (rn + {before} as rn) from ({records})")
    else:
        connection.execute(f"create table raw as {records}")
    connection.unregister("cells")


def cell_text(value: Any) -> str | None:
    """A cell as a person would read it: whole numbers without ``.0``, moments in ISO form."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, dt.datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    return None if value is None else str(value)


def _batches(
    sheet: Sheet, width: int, schema: pa.Schema, reader: CellReader | None, decimals: Collection[int]
) -> Iterator[pa.RecordBatch]:
    rows = iter(sheet.iter_rows())
    number = 0
    while chunk := list(itertools.islice(rows, _BATCH)):
        columns = list(itertools.islice(itertools.zip_longest(*chunk, fillvalue=""), width))
        columns += [("",) * len(chunk)] * (width - len(columns))
        numbers = pa.array(range(number + 1, number + 1 + len(chunk)), pa.int64())
        number += len(chunk)
        for n in decimals:
            columns[n] = tuple(number_text(v) if isinstance(v, float) else v for v in columns[n])
        texts = (text_array(c) if reader is None else read_array(c, reader) for c in columns)
        yield pa.record_batch([numbers, *texts], schema=schema)


def read_array(values: Sequence[Any], reader: CellReader) -> pa.Array:
    """A column of cells as text in NFC, its letters read."""
    texts = (cell_text(v) for v in values)
    return pa.array([None if t is None else reader.read(t) for t in texts], pa.string())


def text_array(values: Sequence[Any]) -> pa.Array:
    """A column of text costs no Python per cell; a column of mixed types does."""
    try:
        return pa.array(values, pa.string())
    except (pa.ArrowTypeError, pa.ArrowInvalid):
        return pa.array([cell_text(v) for v in values], pa.string())
