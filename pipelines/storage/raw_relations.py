"""The raw relations of a build database: the batches that this build takes in, and the audit tables.

A raw relation is a view over the lake files of the pending batches, or an empty one with the same
columns, so that staging never asks whether a stream has anything new.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import duckdb
import pyarrow as pa

from pipelines.domain.contracts import Contract
from pipelines.storage.engine import quote_name, quote_text
from pipelines.storage.home import Home
from pipelines.storage.ledger import Batch

LINEAGE = {"_batch_id": "varchar", "_source_file": "varchar", "_exported_at": "varchar", "_row_number": "bigint"}


def write_raw_relations(
    connection: duckdb.DuckDBPyConnection,
    home: Home,
    contracts: Sequence[Contract],
    *,
    batches: Sequence[Batch],
    pending: Sequence[Batch],
) -> None:
    """Make schemas ``raw`` and ``audit``.

    Args:
        connection: the build database.
        home: where the lake is.
        contracts: every stream; each gets its relation.
        batches: all batches that the marts will know of.
        pending: those that this build takes in.
    """
    connection.execute("create schema if not exists raw; create schema if not exists audit")
    for contract in contracts:
        files = [_lake_file(home, b) for b in _of(pending, contract)]
        connection.execute(f"create or replace view raw.{contract.table} as {_select(contract, files)}")
        if contract.is_log:  # a log is read where it lies, never copied into the warehouse
            known = [_lake_file(home, b) for b in _of(batches, contract)]
            connection.execute(f"create or replace view raw.{contract.table}_all as {_select(contract, known)}")
    _write_batches(connection, batches, pending)
    _write_findings(connection, home, contracts, pending)


def _lake_file(home: Home, batch: Batch) -> Path:
    return home.lake.resolve() / batch.source / batch.stream / f"{batch.batch_id}.parquet"


def _of(batches: Sequence[Batch], contract: Contract) -> list[Batch]:
    return [b for b in batches if (b.source, b.stream) == (contract.source, contract.stream)]


def _select(contract: Contract, files: Sequence[Path]) -> str:
    columns = [*LINEAGE, *(c.name for c in contract.columns)]
    types = {**dict.fromkeys(columns, "varchar"), **LINEAGE}
    none = f"select {', '.join(f'null::{types[n]} as {quote_name(n)}' for n in columns)} where false"
    if not files:
        return none
    # Files of an older contract lack its newer columns.
    return f"select {', '.join(map(quote_name, columns))} from (from {_parquet(files)} union all by name {none})"


def _parquet(files: Sequence[Path]) -> str:
    return f"read_parquet([{', '.join(quote_text(f) for f in files)}], union_by_name = true)"


def _write_batches(connection: duckdb.DuckDBPyConnection, batches: Sequence[Batch], pending: Sequence[Batch]) -> None:
    fields = ("batch_id", "source", "stream", "file_name", "period", "exported_at", "state")
    counts = ("rows_in_file", "rows_loaded", "rows_quarantined", "rows_non_data", "rows_flagged")
    known = [asdict(b) for b in batches]
    table = pa.table(
        {n: pa.array([b[n] for b in known], pa.string()) for n in fields}
        | {n: pa.array([b[n] or 0 for b in known], pa.int64()) for n in counts}
    )
    new = [asdict(b) for b in pending]
    ids = pa.table({n: pa.array([b[n] for b in new], pa.string()) for n in ("batch_id", "source", "stream")})
    connection.register("known_batches", table)
    connection.register("pending_ids", ids)
    connection.execute("create or replace table audit.batches as from known_batches")
    connection.execute("create or replace table audit.pending_batches as from pending_ids")
    connection.unregister("known_batches")
    connection.unregister("pending_ids")


def _write_findings(
    connection: duckdb.DuckDBPyConnection, home: Home, contracts: Sequence[Contract], pending: Sequence[Batch]
) -> None:
    """Findings and loaded rows of the pending batches, counted by batch, agency and rule."""
    connection.execute(
        """
        create or replace table audit.pending_findings (
            batch_id varchar, source varchar, stream varchar, exported_at varchar, agency_code varchar,
            rule_code varchar, severity varchar, row_count bigint)
        """
    )
    for contract in contracts:
        found = _of(pending, contract)
        if not found:
            continue
        names = [f"{b.batch_id}.parquet" for b in found]
        relative = Path(contract.source) / contract.stream
        lake, held, findings = (
            _parquet([root / relative / n for n in names]) for root in (home.lake, home.quarantine, home.findings)
        )
        agency = "agency_code" if any(c.name == "agency_code" for c in contract.columns) else "null::varchar"
        key = f"_batch_id, _row_number, _exported_at, {agency} as agency_code"
        stream = f"{quote_text(contract.source)}, {quote_text(contract.stream)}"
        connection.execute(
            f"""
            insert into audit.pending_findings
            with accused as (
                select distinct _batch_id, _row_number, rule, severity from {findings}
            ),
            rows as (
                select {key} from {lake}
                where (_batch_id, _row_number) in (select _batch_id, _row_number from accused)
                union all
                select {key} from {held}
            )
            select a._batch_id, {stream}, any_value(r._exported_at), r.agency_code, a.rule, a.severity, count(*)
            from accused as a inner join rows as r on a._batch_id = r._batch_id and a._row_number = r._row_number
            group by a._batch_id, r.agency_code, a.rule, a.severity
            union all
            select _batch_id, {stream}, any_value(_exported_at), {agency}, 'row_loaded', 'info', count(*)
            from {lake} group by _batch_id, {agency}
            """
        )
