"""Sheets (xlsx, xls, xlsb, ods) into the table ``raw`` through calamine, cells as text."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from pipelines.domain.errors import DataRefused

_BATCH = 20_000


def open_sheet(path: Path, *, file_name: str) -> CalamineSheet:
    """The first sheet that holds anything.

    Raises:
        DataRefused: protected, broken, or without any row.
    """
    try:
        book = CalamineWorkbook.from_path(str(path))
        for name in book.sheet_names:
            sheet = book.get_sheet_by_name(name)
            if sheet.height:
                return sheet
    except (CalamineError, OSError, ValueError) as error:
        raise DataRefused(
            f"{file_name} cannot be opened as a sheet ({type(error).__name__}).",
            next_step="Save it again without a password, as .xlsx or CSV.",
        ) from error
    raise DataRefused(f"{file_name} holds no row.", next_step="Ask its owner for the export again.")


def first_rows(sheet: CalamineSheet, limit: int) -> list[list[str]]:
    """The first rows as text, from the sheet's very first row."""
    return [[cell_text(c) or "" for c in row] for row in itertools.islice(sheet.iter_rows(), limit)]


def read_sheet(
    connection: duckdb.DuckDBPyConnection, sheet: CalamineSheet, width: int, kind: str = "null::varchar"
) -> None:
    """Fill ``raw(rn, c0, …, kind)``; ``rn`` is the row number that Excel shows, ``kind`` says what a record is."""
    names = [f"c{n}" for n in range(width)]
    schema = pa.schema([("rn", pa.int64()), *((n, pa.string()) for n in names)])
    reader = pa.RecordBatchReader.from_batches(schema, _batches(sheet, width, schema))
    connection.register("cells", reader)
    connection.execute(f"create table raw as select *, {kind} as kind from cells")
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


def _batches(sheet: CalamineSheet, width: int, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    rows = iter(sheet.iter_rows())
    number = 0
    while chunk := list(itertools.islice(rows, _BATCH)):
        columns = list(itertools.islice(itertools.zip_longest(*chunk, fillvalue=""), width))
        columns += [("",) * len(chunk)] * (width - len(columns))
        numbers = pa.array(range(number + 1, number + 1 + len(chunk)), pa.int64())
        number += len(chunk)
        yield pa.record_batch([numbers, *map(_text_array, columns)], schema=schema)


def _text_array(values: Sequence[Any]) -> pa.Array:
    """A column of text costs no Python per cell; a column of mixed types does."""
    try:
        return pa.array(values, pa.string())
    except (pa.ArrowTypeError, pa.ArrowInvalid):
        return pa.array([cell_text(v) for v in values], pa.string())
