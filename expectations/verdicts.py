"""What validation leaves in the folder of each package, written from the table ``findings``.

Everything is computed for the whole group and split by batch while it is written, so that five
hundred small files cost little more than one big one. Every file is whole or absent, and the same
input gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from expectations.row_rules import FINDING_COLUMNS, parquet_relation

_CHUNK_ROWS = 50_000
_BROKEN_SUMMARY = """
    select _batch_id,
        count(distinct _row_number) filter (where severity = 'fail' and not is_reject) as failed,
        count(distinct _row_number) filter (where severity = 'warn') as flagged
    from findings group by _batch_id
"""
_BY_RULE = "select _batch_id, rule, count(*) from findings group by all order by all"


@dataclass(frozen=True)
class BatchCounts:
    """Rows of one batch that broke a ``fail`` rule, that broke a ``warn`` rule, and findings by rule.

    ``by_rule`` has the structural rejects too; ``failed_rows`` has not, for they are no rows.
    """

    failed_rows: int = 0
    flagged_rows: int = 0
    by_rule: Mapping[str, int] = field(default_factory=dict)


@contextmanager
def replaced(target: Path) -> Iterator[Path]:
    """A path beside ``target`` that takes its place when the block ends well.

    Unlike the lake's files these are not each brought to the disk: waiting for hundreds of small
    ones costs more than making them. Whoever relies on them calls ``os.sync`` once for all.
    """
    draft = target.with_name(f".{target.name}.tmp")
    try:
        yield draft
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)


def counts_by_batch(connection: duckdb.DuckDBPyConnection) -> dict[str, BatchCounts]:
    """Counts of every batch that has a finding."""
    rules: dict[str, dict[str, int]] = {}
    for batch_id, rule, count in connection.execute(_BY_RULE).fetchall():
        rules.setdefault(batch_id, {})[rule] = count
    summary = connection.execute(_BROKEN_SUMMARY).fetchall()
    return {b: BatchCounts(failed, flagged, rules[b]) for b, failed, flagged in summary}


def write_findings(connection: duckdb.DuckDBPyConnection, folders: Mapping[str, Path]) -> None:
    """``findings.parquet`` in each of the folders (batch id → package folder), empty where there are none."""
    found = connection.execute(
        f"select {FINDING_COLUMNS} from findings order by _batch_id, _row_number, rule, column_name, value"
    )
    _write_by_batch(found.to_arrow_reader(_CHUNK_ROWS), folders, "findings.parquet")


def write_quarantine(
    connection: duckdb.DuckDBPyConnection, folders: Mapping[str, Path], rows: Mapping[str, Path]
) -> None:
    """``quarantine.parquet`` in each folder: the rows that broke a ``fail`` rule, with ``_rules VARCHAR[]``.

    ``rows`` are the ``rows.parquet`` by batch id; only those with something to hold back are read.
    """
    held = connection.execute(
        "select distinct _batch_id from findings where severity = 'fail' and not is_reject order by 1"
    ).fetchall()
    paths = [rows[batch_id] for (batch_id,) in held] or [next(iter(rows.values()))]
    found = connection.execute(
        f"""
        with held as (
            select _batch_id, _row_number, list(distinct rule order by rule) as _rules
            from findings where severity = 'fail' and not is_reject group by all
        )
        select r.*, held._rules
        from {parquet_relation(paths)} as r
        inner join held on held._batch_id = r._batch_id and held._row_number = r._row_number
        order by r._batch_id, r._row_number
        """
    )
    _write_by_batch(found.to_arrow_reader(_CHUNK_ROWS), folders, "quarantine.parquet")


def _write_by_batch(reader: pa.RecordBatchReader, folders: Mapping[str, Path], name: str) -> None:
    """Write a result that is ordered by batch into one file for each folder."""
    missing = set(folders)
    for batch_id, parts in groupby(_runs(reader), key=lambda run: run[0]):
        missing.discard(batch_id)
        with _parquet_file(folders[batch_id] / name, reader.schema) as writer:
            for _, part in parts:
                writer.write_batch(part)
    for batch_id in sorted(missing):
        with _parquet_file(folders[batch_id] / name, reader.schema):
            pass


def _runs(reader: pa.RecordBatchReader) -> Iterator[tuple[str, pa.RecordBatch]]:
    """The chunks of a result, cut where the batch changes."""
    for chunk in reader:
        if chunk.num_rows == 0:
            continue
        runs = pc.run_end_encode(chunk.column("_batch_id"))
        start = 0
        for batch_id, end in zip(runs.values.to_pylist(), runs.run_ends.to_pylist(), strict=True):
            yield batch_id, chunk.slice(start, end - start)
            start = end


@contextmanager
def _parquet_file(target: Path, schema: pa.Schema) -> Iterator[pq.ParquetWriter]:
    """A Parquet writer to a file that takes its place when the block ends well."""
    with replaced(target) as draft, _writer(draft, schema) as writer:
        yield writer


def _writer(path: Path, schema: pa.Schema) -> pq.ParquetWriter:
    """Plain pages: dictionaries and statistics of fifty columns cost more than these few rows."""
    return pq.ParquetWriter(path, schema, compression="zstd", use_dictionary=False, write_statistics=False)
