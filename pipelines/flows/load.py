"""Brings validated packages into the lake: Parquet first, then one commit in the ledger."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

import duckdb
import structlog

from pipelines.domain.contracts import Contract
from pipelines.domain.errors import InternalFault
from pipelines.settings import Settings
from pipelines.sources.registry import contract_for
from pipelines.storage.atomic import sweep, whole_file
from pipelines.storage.engine import open_engine, quote_name, quote_text
from pipelines.storage.home import Home
from pipelines.storage.ledger import Batch, Ledger, now_utc
from pipelines.storage.lock import single_writer

_log = structlog.get_logger()


@dataclass(frozen=True)
class LoadResult:
    """Batches loaded, and the rows of their files by where they went."""

    batches: tuple[str, ...]
    rows_in_file: int
    rows_loaded: int
    rows_quarantined: int
    rows_non_data: int


@dataclass(frozen=True)
class _Placed:
    """Rows of one file by where they went."""

    rows_in_file: int
    rows_loaded: int
    rows_quarantined: int
    rows_non_data: int


def load(
    settings: Settings,
    *,
    batch_ids: Sequence[str] | None = None,
    on_progress: Callable[[Batch], None] | None = None,
) -> LoadResult:
    """Load every validated batch (or those named) into the lake.

    A load that is killed leaves files that nobody counts: a batch is in the lake when the ledger
    says ``loaded``, and loading it again replaces them.

    Raises:
        InternalFault: the rows of a file do not add up; the message names it.
        SourceUnavailable: another run is writing to this home.
    """
    home = Home(settings.home)
    ledger = Ledger(home.ledger)
    loaded: list[Batch] = []
    with single_writer(home), open_engine(home, **settings.engine) as connection:
        todo = ledger.select(states=["validated"], batch_ids=batch_ids)
        _sweep(home, todo)
        for batch, placed in _placed(settings, connection, home, todo):
            loaded.append(_commit(ledger, batch, placed))
            if on_progress:
                on_progress(loaded[-1])
    return LoadResult(
        batches=tuple(b.batch_id for b in loaded),
        rows_in_file=sum(b.rows_in_file or 0 for b in loaded),
        rows_loaded=sum(b.rows_loaded or 0 for b in loaded),
        rows_quarantined=sum(b.rows_quarantined or 0 for b in loaded),
        rows_non_data=sum(b.rows_non_data or 0 for b in loaded),
    )


def _sweep(home: Home, todo: Sequence[Batch]) -> None:
    """Remove the drafts of a load that was killed."""
    for source, stream in {(b.source, b.stream) for b in todo}:
        for root in (home.lake, home.quarantine, home.findings):
            sweep(root / source / stream)


def _placed(
    settings: Settings, connection: duckdb.DuckDBPyConnection, home: Home, todo: Sequence[Batch]
) -> Iterator[tuple[Batch, _Placed]]:
    """The files of each batch in their places, several batches side by side, in the order given."""
    with ThreadPoolExecutor(settings.workers) as pool:
        futures = [pool.submit(_place, connection.cursor(), home, batch) for batch in todo]
        try:
            for batch, future in zip(todo, futures, strict=True):
                yield batch, future.result()
        finally:
            pool.shutdown(cancel_futures=True)


def _place(connection: duckdb.DuckDBPyConnection, home: Home, batch: Batch) -> _Placed:
    """Rows, findings and quarantine of one batch where nobody counts them yet."""
    package = home.package_of(batch.source, batch.stream, batch.batch_id)
    counts = json.loads((package / "package.json").read_text(encoding="utf-8"))["counts"]
    relative = Path(batch.source) / batch.stream / f"{batch.batch_id}.parquet"
    held = _rows(connection, package / "quarantine.parquet")
    kept = _kept_columns(contract_for(batch.source, batch.stream))
    _place_rows(connection, package, home.lake / relative, held, kept)
    _copy(package / "findings.parquet", home.findings / relative)
    _place_quarantine(connection, package, home.quarantine / relative)
    loaded, quarantined = (_rows(connection, root / relative) for root in (home.lake, home.quarantine))
    if counts["rows_in_file"] != loaded + quarantined + counts["non_data"] or quarantined != held + counts["rejected"]:
        raise InternalFault(
            f"The rows of {batch.file_name} do not add up: {counts['rows_in_file']} in the file, {loaded} to load, "
            f"{quarantined} held back, {counts['non_data']} that are no data.",
            next_step=f"Nothing of it was loaded. Please report it with the batch id {batch.batch_id}.",
        )
    return _Placed(counts["rows_in_file"], loaded, quarantined, counts["non_data"])


def _commit(ledger: Ledger, batch: Batch, placed: _Placed) -> Batch:
    """From here on the batch is in the lake."""
    ledger.update(batch.batch_id, state="loaded", loaded_at=now_utc(), **asdict(placed))
    _log.info("loaded", batch_id=batch.batch_id, rows=placed.rows_loaded, quarantined=placed.rows_quarantined)
    return ledger.batch(batch.batch_id)


def _rows(connection: duckdb.DuckDBPyConnection, path: Path) -> int:
    found = connection.execute("select count(*) from read_parquet($1)", [str(path)]).fetchone()
    return int(found[0]) if found else 0


def _kept_columns(contract: Contract) -> str | None:
    """A select list without values of a wrong type, where the contract discards those; None where all stays."""
    if contract.surprises.wrong_type != "discard_value":
        return None
    from expectations.row_rules import typed

    kept = ", ".join(
        f"case when {typed(c)} is not null then {quote_name(c.name)} end as {quote_name(c.name)}"
        for c in contract.columns
    )
    return f"r.* replace ({kept})"


def _place_rows(
    connection: duckdb.DuckDBPyConnection, package: Path, target: Path, held: int, kept: str | None
) -> None:
    """The rows that passed; the package's own file when all did (a hard link costs nothing)."""
    if held == 0 and kept is None:
        _copy(package / "rows.parquet", target)
        return
    with whole_file(target) as draft:
        connection.execute(
            f"""
            copy (
                select {kept or "r.*"} from read_parquet({quote_text(package / "rows.parquet")}) as r
                where r._row_number not in (
                    select q._row_number from read_parquet({quote_text(package / "quarantine.parquet")}) as q)
            ) to {quote_text(draft)} (format parquet, compression zstd, compression_level 1)
            """
        )


def _place_quarantine(connection: duckdb.DuckDBPyConnection, package: Path, target: Path) -> None:
    """Rows held back by a rule, and records that were no rows (lineage and reason only)."""
    quarantine, rejects = (quote_text(package / f"{n}.parquet") for n in ("quarantine", "rejects"))
    with whole_file(target) as draft:
        connection.execute(
            f"""
            copy (
                from read_parquet({quarantine})
                union all by name
                select _batch_id, _source_file, _exported_at, _row_number, list(rule order by rule) as _rules
                from read_parquet({rejects}) group by all
            ) to {quote_text(draft)} (format parquet, compression zstd)
            """
        )


def _copy(source: Path, target: Path) -> None:
    with whole_file(target) as draft:
        draft.unlink()
        try:
            os.link(source, draft)
        except OSError:
            shutil.copyfile(source, draft)
