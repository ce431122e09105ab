"""Builds staging, intermediate and marts with dbt, in a private database.

A build takes in the batches that are loaded and not built yet; killed, it is repeated with the same
ones and gives the same tables. The database is disposable: one that cannot be opened is built anew.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import structlog

from pipelines.domain.errors import InternalFault, SourceUnavailable
from pipelines.settings import Settings
from pipelines.sources.registry import all_contracts
from pipelines.storage.engine import open_engine
from pipelines.storage.home import Home
from pipelines.storage.ledger import Batch, Ledger
from pipelines.storage.lock import single_writer
from pipelines.storage.raw_relations import write_raw_relations

_log = structlog.get_logger()
_PATIENCE, _PAUSE = 600.0, 0.5  # seconds to wait for a locked database in all, and between two looks
_PROJECT = Path(__file__).resolve().parents[2] / "warehouse"


@dataclass(frozen=True)
class BuildResult:
    """The database, the batches taken in, how many models ran, seconds; ``skipped`` when nothing was new."""

    database: Path
    batches: tuple[str, ...]
    models: int
    seconds: float
    skipped: bool = False


def build(settings: Settings, *, full_refresh: bool = False, as_of: date | None = None) -> BuildResult:
    """Bring the build database up to what is loaded.

    Args:
        settings: the installation.
        full_refresh: build everything anew from the lake, and run every test of the data.
        as_of: build what had been exported by the end of that day, in a database of its own.

    Raises:
        InternalFault: a model or a test of the warehouse failed; the message names it.
    """
    home = Home(settings.home)
    ledger = Ledger(home.ledger)
    with single_writer(home):
        if as_of is not None:
            return _build_as_of(settings, home, ledger, as_of)
        if full_refresh or not _opens(home.warehouse):
            _discard(home.warehouse)
            ledger.forget_built()
        pending = ledger.select(unbuilt=True)
        if not pending and home.warehouse.exists():
            return BuildResult(home.warehouse, (), 0, 0.0, skipped=True)
        known = ledger.select(states=["loaded"])
        result = _build(settings, home, home.warehouse, batches=known, pending=pending, all_tests=full_refresh)
        ledger.mark_built(result.batches)
        return result


def _build_as_of(settings: Settings, home: Home, ledger: Ledger, as_of: date) -> BuildResult:
    database = home.build / f"as_of_{as_of:%Y%m%d}.duckdb"
    _discard(database)
    known = [b for b in ledger.select(states=["loaded"]) if b.exported_at[:10] <= as_of.isoformat()]
    return _build(settings, home, database, batches=known, pending=known)


def _opens(database: Path) -> bool:
    """Whether the database can be opened; a killed writer may have left a log that cannot be replayed."""
    if not database.exists():
        return False
    try:
        _connect_when_free(database).close()
    except duckdb.Error as error:
        _log.warning("build database cannot be opened, building anew", error=type(error).__name__)
        return False
    return True


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
    database: Path,
    *,
    batches: list[Batch],
    pending: list[Batch],
    all_tests: bool = False,
) -> BuildResult:
    started = time.perf_counter()
    with open_engine(home, memory_limit=settings.memory_limit, database=database) as connection:
        write_raw_relations(connection, home, all_contracts(), batches=batches, pending=pending)
    models = _run_dbt(settings, home, database, all_tests=all_tests)
    return BuildResult(database, tuple(b.batch_id for b in pending), models, time.perf_counter() - started)


def _run_dbt(settings: Settings, home: Home, database: Path, *, all_tests: bool = False) -> int:
    """One ``dbt build`` as a process of its own: in-process it would keep the file's lock.

    Unit tests belong to the test suite; tests over whole facts cost what history holds (tag ``full``).
    """
    # Another database has another folder: dbt would forget what it has parsed of the nightly one.
    target = home.build / ("dbt" if database == home.warehouse else "dbt_as_of")
    target.mkdir(parents=True, exist_ok=True)
    results = target / "run_results.json"
    results.unlink(missing_ok=True)
    variables = {"default_rule": settings.default_rule, "min_group": settings.min_group}
    command = [str(Path(sys.executable).with_name("dbt")), "--quiet", "build"]
    command += ["--project-dir", str(_PROJECT), "--profiles-dir", str(_PROJECT), "--target-path", str(target)]
    command += ["--log-path", str(target), "--vars", json.dumps(variables), "--no-use-colors"]
    command += ["--exclude-resource-type", "unit_test"] + ([] if all_tests else ["--exclude", "tag:full"])
    ended = subprocess.run(
        command, env=_environment(settings, home, database), capture_output=True, text=True, check=False, cwd=target
    )
    if ended.returncode:
        story = _first_failure(results) or ended.stdout[-1500:] or ended.stderr[-1500:]
        raise InternalFault(
            f"The warehouse could not be built: {story}",
            next_step=f"The whole story is in {target / 'dbt.log'}. Nothing was published.",
        )
    return len(json.loads(results.read_text(encoding="utf-8"))["results"])


def _environment(settings: Settings, home: Home, database: Path) -> dict[str, str]:
    spill = home.build / "spill"
    spill.mkdir(parents=True, exist_ok=True)
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("CCHC_PSEUDONYM")}  # noqa: TID251 - to pass on
    return inherited | {
        "CCHC_BUILD_DATABASE": str(database.resolve()),
        "CCHC_BUILD_MEMORY": settings.memory_limit,
        "CCHC_BUILD_SPILL": str(spill.resolve()),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DO_NOT_TRACK": "1",
    }


def _first_failure(results: Path) -> str:
    try:
        found = json.loads(results.read_text(encoding="utf-8"))["results"]
    except (OSError, ValueError):
        return ""
    failed = [r for r in found if r["status"] in ("error", "fail", "runtime error")]
    return "; ".join(f"{r['unique_id']}: {' '.join((r.get('message') or '').split())}" for r in failed[:3])
