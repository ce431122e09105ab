"""Builds staging, intermediate and marts with dbt, in a private database.

A build takes in the batches that are loaded and not built yet; killed, it is repeated with the same
ones and gives the same tables. The database is disposable: one that cannot be opened, or was made by
another warehouse (models, macros, seeds), is built anew.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import structlog

from pipelines.domain.errors import InternalFault, SourceUnavailable
from pipelines.flows.dbt_process import DbtProcess
from pipelines.flows.warehouse_mark import is_marked, write_mark
from pipelines.settings import Settings
from pipelines.sources.registry import all_contracts
from pipelines.storage.engine import open_engine
from pipelines.storage.home import Home
from pipelines.storage.ledger import Batch, Ledger
from pipelines.storage.lock import single_writer
from pipelines.storage.raw_relations import write_raw_relations

_log = structlog.get_logger()
_PATIENCE, _PAUSE = 600.0, 0.5  # seconds to wait for a locked database in all, and between two looks


@dataclass(frozen=True)
class BuildResult:
    """The database, the batches taken in, how many models ran, seconds; ``skipped`` when nothing was new."""

    database: Path
    batches: tuple[str, ...]
    models: int
    seconds: float
    skipped: bool = False


def build(
    settings: Settings, *, full_refresh: bool = False, as_of: date | None = None, dbt: DbtProcess | None = None
) -> BuildResult:
    """Bring the build database up to what is loaded.

    Args:
        settings: the installation.
        full_refresh: build everything anew from the lake, and run every test of the data.
        as_of: build what had been exported by the end of that day, in a database of its own.
        dbt: one over the nightly build database that was started before; else one is started now.

    Raises:
        InternalFault: a model or a test of the warehouse failed; the message names it.
    """
    home = Home(settings.home)
    ledger = Ledger(home.ledger)
    with single_writer(home):
        if as_of is not None:
            return _build_as_of(settings, home, ledger, as_of)
        if full_refresh or not _is_ours(home.warehouse):
            _discard(home.warehouse)
            ledger.forget_built()
        pending = ledger.select(unbuilt=True)
        if not pending and home.warehouse.exists():
            return BuildResult(home.warehouse, (), 0, 0.0, skipped=True)
        known = ledger.select(states=["loaded"])
        with dbt or DbtProcess(settings, home.warehouse) as running:
            result = _build(settings, home, running, batches=known, pending=pending, all_tests=full_refresh)
        ledger.mark_built(result.batches)
        return result


def _build_as_of(settings: Settings, home: Home, ledger: Ledger, as_of: date) -> BuildResult:
    database = home.build / f"as_of/{as_of:%Y%m%d}" / home.warehouse.name
    database.parent.mkdir(parents=True, exist_ok=True)
    _discard(database)
    known = [b for b in ledger.select(states=["loaded"]) if b.exported_at[:10] <= as_of.isoformat()]
    with DbtProcess(settings, database) as dbt:
        return _build(settings, home, dbt, batches=known, pending=known)


def _is_ours(database: Path) -> bool:
    """Whether the database can be gone on with; a killed writer may have left a log that cannot be replayed."""
    if not database.exists():
        return False
    try:
        with _connect_when_free(database) as connection:
            ours = is_marked(connection)
    except duckdb.Error as error:
        _log.warning("build database cannot be opened, building anew", error=type(error).__name__)
        return False
    if not ours:
        _log.warning("models, seeds or variables have changed, building anew")
    return ours


def _connect_when_free(database: Path) -> duckdb.DuckDBPyConnection:
    """Wait for a process that has the database open: a dbt that outlived a killed build, or an onlooker.

    Raises:
        SourceUnavailable: it does not let go.
    """
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            return duckdb.connect(str(database))
        except duckdb.IOException as error:
            if "lock" not in str(error):
                raise
            if time.monotonic() > deadline:
                raise SourceUnavailable(
                    f"Another process holds {database} open.", next_step="Close what looks into it, and try again."
                ) from error
        time.sleep(_PAUSE)


def _discard(database: Path) -> None:
    for path in (database, database.with_name(database.name + ".wal")):
        path.unlink(missing_ok=True)


def _build(
    settings: Settings,
    home: Home,
    dbt: DbtProcess,
    *,
    batches: list[Batch],
    pending: list[Batch],
    all_tests: bool = False,
) -> BuildResult:
    started = time.perf_counter()
    dbt.start()
    with open_engine(home, **settings.engine, database=dbt.database) as connection:
        write_mark(connection)
        write_raw_relations(connection, home, all_contracts(), batches=batches, pending=pending)
    # What was built before has the seeds; changed ones have everything built anew.
    models = _run_dbt(dbt, all_tests=all_tests, seeds=len(pending) == len(batches))
    return BuildResult(dbt.database, tuple(b.batch_id for b in pending), models, time.perf_counter() - started)


def _run_dbt(dbt: DbtProcess, *, all_tests: bool, seeds: bool) -> int:
    """One ``dbt build``; how many nodes ran.

    Unit tests belong to the test suite; tests over whole facts cost what history holds (tag ``full``).
    """
    results = dbt.target / "run_results.json"
    results.unlink(missing_ok=True)
    command = ["build", "--exclude-resource-type", "unit_test"]
    command += [] if seeds else ["--exclude-resource-type", "seed"]
    command += [] if all_tests else ["--exclude", "tag:full"]
    went_well, printed = dbt.invoke(command)
    if not went_well:
        raise InternalFault(
            f"The warehouse could not be built: {_first_failure(results) or printed}",
            next_step=f"The whole story is in {dbt.target / 'dbt.log'}. Nothing was published.",
        )
    return len(json.loads(results.read_text(encoding="utf-8"))["results"])


def _first_failure(results: Path) -> str:
    try:
        found = json.loads(results.read_text(encoding="utf-8"))["results"]
    except (OSError, ValueError):
        return ""
    failed = [r for r in found if r["status"] in ("error", "fail", "runtime error")]
    return "; ".join(f"{r['unique_id']}: {' '.join((r.get('message') or '').split())}" for r in failed[:3])
