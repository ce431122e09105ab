"""Columns of text in canonical form, personal values hashed: each distinct value of a batch of rows once.

Exports repeat themselves: agencies, days, states, officers, mailboxes. To find a value among those of its batch costs
a few hundredths of a microsecond, to hash one costs almost two: what was hashed is remembered from batch to batch.
Columns whose values hardly repeat go as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import accumulate, pairwise
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipelines.domain.contracts import Column, Privacy
from pipelines.formats.canonical import tidied_sql, value_sql
from pipelines.formats.children import ChildKeys, children_sql
from pipelines.formats.hashed import hashed_sql
from pipelines.formats.remembered import Remembered
from pipelines.formats.tidiness import is_tidy
from pipelines.storage.engine import quote_name

# What a batch, which is a row group of the Parquet file, holds at most; and the pieces it is put together from.
ROWS, _BYTES, _PIECE = 122_880, 64 * 2**20, 8192
_SAMPLE = 2048
# Of values, how many may be distinct for a dictionary of them to pay; a hash is dearer than a look.
_MOST_DISTINCT, _MOST_HASHED = 0.5, 0.9
_TEXT = pa.large_string()
_SAME = "v"
_HASHED = (Privacy.PERSONAL, Privacy.EMAIL, Privacy.EMAILS)


class ByValue:
    """The columns of a contract, and how their values come into form."""

    def __init__(
        self,
        columns: Sequence[Column],
        key: bytes,
        children: Mapping[str, ChildKeys] = {},
        forms: Mapping[str, Callable[[str], str]] = {},
    ) -> None:
        """How the columns go.

        Args:
            columns: those of the contract.
            key: that of the pseudonyms.
            children: the lists inside records, by column.
            forms: of columns that have one of their own: from an expression of the text as it came to one of the value.
        """
        self.columns = columns
        self._steps = [_steps(c, key, children.get(c.name), forms.get(c.name)) for c in columns]
        self._remembered: list[Remembered | None] = []
        self._is_encoded: list[bool] = []

    def write(
        self,
        connection: duckdb.DuckDBPyConnection,
        texts: Mapping[str, str | None],
        relation: str,
        constants: Mapping[str, str],
        target: Path,
    ) -> int:
        """Write the rows of ``relation`` as Parquet, in their order: ``constants``, ``_row_number`` and the columns.

        Args:
            connection: where ``relation`` can be asked.
            texts: of each column the expression of its text as it came; None for one that the file lacks.
            relation: what stands behind ``from``; it has ``rn``.
            constants: columns that have one value in all rows.
            target: the file to write.

        Returns:
            How many rows were written.

        Raises:
            duckdb.Error: ``relation`` cannot be read to its end.
        """
        wanted = {c.name: None if c.privacy is Privacy.DROP else texts[c.name] for c in self.columns}
        listed = ", ".join(f"{text or 'null::varchar'} as {quote_name(name)}" for name, text in wanted.items())
        rows = 0
        writer: pq.ParquetWriter | None = None
        with connection.cursor() as own, _arrow(connection, f"select rn, {listed} from {relation}") as reader:
            try:
                for batch in _row_groups(reader):
                    table = self._table(own, batch, constants)
                    writer = writer or _writer(target, table.schema)
                    writer.write_table(table, row_group_size=ROWS)
                    rows += table.num_rows
            finally:
                if writer is not None:
                    writer.close()
        return rows

    def _table(
        self, connection: duckdb.DuckDBPyConnection, batch: pa.RecordBatch, constants: Mapping[str, str]
    ) -> pa.Table:
        same = pa.array(np.zeros(batch.num_rows, np.int32))
        lineage = {n: pa.DictionaryArray.from_arrays(same, pa.array([v], _TEXT)) for n, v in constants.items()}
        values = self._in_form(connection, [batch.column(c.name) for c in self.columns])
        named = {c.name: v for c, v in zip(self.columns, values, strict=True)}
        return pa.table({**lineage, "_row_number": batch.column("rn"), **named})

    def _in_form(self, connection: duckdb.DuckDBPyConnection, cells: Sequence[pa.Array]) -> list[pa.Array]:
        """The columns in form."""
        if not self._is_encoded:
            self._is_encoded = [_repeats(a, c) for a, c in zip(cells, self.columns, strict=True)]
            hashed = [e and c.privacy in _HASHED for e, c in zip(self._is_encoded, self.columns, strict=True)]
            self._remembered = [Remembered() if h else None for h in hashed]
        encoded = [a.dictionary_encode() if e else None for a, e in zip(cells, self._is_encoded, strict=True)]
        values = [a if e is None else e.dictionary for a, e in zip(cells, encoded, strict=True)]
        new = [v if r is None else r.unknown(v) for v, r in zip(values, self._remembered, strict=True)]
        found = self._asked_for(connection, new)
        found = [f if r is None else r.of_all(f) for f, r in zip(found, self._remembered, strict=True)]
        return [v if e is None else _each_once(e.indices, v) for v, e in zip(found, encoded, strict=True)]

    def _asked_for(self, connection: duckdb.DuckDBPyConnection, columns: Sequence[pa.Array]) -> list[pa.Array]:
        """Values after the steps of their columns; those that take the same are asked for in one query."""
        found = list(columns)
        together: dict[tuple[str, ...], list[int]] = {}
        for place, (values, steps) in enumerate(zip(found, self._steps, strict=True)):
            if values.null_count == len(values):
                continue  # nothing comes of nothing
            left = steps[1:] if is_tidy(values) else steps
            together.setdefault(tuple(step for step in left if step != _SAME), []).append(place)
        for needed, places in together.items():
            for place, values in zip(places, _asked(connection, needed, [found[p] for p in places]), strict=True):
                found[place] = values
        return found


def _steps(
    column: Column, key: bytes, children: ChildKeys | None, form: Callable[[str], str] | None
) -> tuple[str, str, str]:
    """Expressions over ``v``, one after the other: text in form, value, value as it may pass."""
    private = children_sql(column, children, _SAME, key) if children else hashed_sql(column, _SAME, key)
    in_form = (_SAME, form(_SAME)) if form else (tidied_sql(_SAME), value_sql(column, _SAME))
    return *in_form, private


def _asked(connection: duckdb.DuckDBPyConnection, steps: Sequence[str], columns: Sequence[pa.Array]) -> list[pa.Array]:
    """Several columns of values after the same steps; each step stands for itself: see ``canonical_query``."""
    if not steps:
        return list(columns)
    query = "cells"
    for step in steps:
        query = f"(select {step} as v from {query})"
    connection.register("cells", pa.table({"v": pa.concat_arrays(columns)}))
    found = connection.execute(f"from {query}").to_arrow_table().column(0).combine_chunks()
    connection.unregister("cells")
    ends = accumulate((len(c) for c in columns), initial=0)
    return [found[start:end] for start, end in pairwise(ends)]


def _repeats(cells: pa.Array, column: Column) -> bool:
    """Whether the first values of a column say that a dictionary of them pays."""
    head = cells.drop_null()[:_SAMPLE]
    most = _MOST_HASHED if column.privacy in _HASHED else _MOST_DISTINCT
    return bool(pc.count_distinct(head).as_py() <= most * len(head))


def _each_once(indices: pa.Array, values: pa.Array) -> pa.Array:
    """The dictionary ``values`` with its ``indices``; several values may have become one, or null.

    Each stands in the dictionary once: for more, Arrow's writer sets apart room that it never fills, and what lay in
    memory there would pass into the file.
    """
    once = values.dictionary_encode()
    return pa.DictionaryArray.from_arrays(once.indices.take(indices), once.dictionary)


def _writer(target: Path, schema: pa.Schema) -> pq.ParquetWriter:
    # A package is soon read again: quick to write counts for more than small. No other dictionary is worth a try.
    repeating = [field.name for field in schema if pa.types.is_dictionary(field.type)]
    numbers = {"_row_number": "DELTA_BINARY_PACKED"}
    return pq.ParquetWriter(
        target, schema, compression="snappy", store_schema=False, use_dictionary=repeating, column_encoding=numbers
    )


@contextmanager
def _arrow(connection: duckdb.DuckDBPyConnection, query: str) -> Iterator[pa.RecordBatchReader]:
    """The rows of a query as they come; what breaks it on the way is an error of DuckDB, as it would be at once."""
    connection.execute("set arrow_large_buffer_size = true")  # for all cursors: texts may be more than 2 GB in all
    try:
        with connection.execute(query).to_arrow_reader(_PIECE) as reader:
            yield reader
    except OSError as error:
        if error.errno is not None:
            raise
        out_of_memory = str(error).startswith("Out of Memory")
        raise (duckdb.OutOfMemoryException if out_of_memory else duckdb.Error)(str(error)) from error


def _row_groups(reader: pa.RecordBatchReader) -> Iterator[pa.RecordBatch]:
    """The rows in batches that are bounded however long they are; one without rows where there are none."""
    pieces = [pa.RecordBatch.from_pylist([], reader.schema)]
    for piece in reader:
        pieces.append(piece)
        if sum(p.num_rows for p in pieces) >= ROWS or sum(p.nbytes for p in pieces) >= _BYTES:
            yield pa.concat_batches(pieces)
            pieces = []
    if pieces:
        yield pa.concat_batches(pieces)
