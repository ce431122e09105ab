"""Simulates the whole province."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from pipelines.simulate import idesk, igate, igate_dossiers, mail, places, randomness, reference
from pipelines.simulate.config import SimulationConfig
from pipelines.simulate.truth import Truth
from pipelines.simulate.world import build_world
from pipelines.storage.engine import quote_text

_SAMPLE = 600


@dataclass(frozen=True)
class SimulationResult:
    """Files and rows written, and seconds."""

    directory: Path
    files: int
    rows: int
    seconds: float


def simulate(
    config: SimulationConfig,
    *,
    memory_limit: str = "1500MB",
    threads: int | None = None,
    on_progress: Callable[[str], None] | None = None,
) -> SimulationResult:
    """Write the exports of a province and ``truth.json`` into ``config.directory``.

    The bytes do not depend on the memory or the number of ``threads`` (None: as many as the machine has).
    Files of a former simulation there are replaced; nothing else in the folder is touched.
    """
    started = time.perf_counter()
    config.directory.mkdir(parents=True, exist_ok=True)
    for source in ("igate", "idesk", "mail", "reference"):
        shutil.rmtree(config.directory / source, ignore_errors=True)
    scratch = Path(tempfile.mkdtemp(prefix=".simulating-", dir=config.directory))
    try:
        # Tables live in memory and spill: a database file would only compress what is read once or twice.
        with duckdb.connect() as connection:
            connection.execute(f"set memory_limit = '{memory_limit}'")
            if threads is not None:
                connection.execute(f"set threads = {threads}")
            connection.execute(f"set temp_directory = {quote_text(scratch / 'spill')}")
            # Rows wait here while files are written, so that the threads need not.
            connection.execute("set streaming_buffer_size = '64MB'")
            truth = Truth(connection)
            _write_all(connection, config, truth, on_progress)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return SimulationResult(config.directory, truth.files, truth.rows, time.perf_counter() - started)


def _write_all(
    connection: duckdb.DuckDBPyConnection,
    config: SimulationConfig,
    truth: Truth,
    on_progress: Callable[[str], None] | None,
) -> None:
    randomness.install(connection, config.seed)
    build_world(connection, config)
    # Joins are built as they are written: turned round, a large table's rows would lose their order.
    connection.execute("set disabled_optimizers = 'join_order,build_side_probe_side'")
    tell = on_progress or (lambda _: None)
    with ThreadPoolExecutor(1) as pool:
        # Mail is half of everything and needs nothing of the others.
        tell("mail")
        letters = truth.beside(connection.cursor())
        mail_written = pool.submit(mail.write, letters.connection, config, letters)
        for name, write in (("igate", igate.write), ("idesk", idesk.write), ("reference", reference.write)):
            tell(name)
            write(connection, config, truth)
        mail_written.result()
    truth.take(letters)
    truth.write(config.directory / "truth.json", _head(config), _personal(connection))


def _head(config: SimulationConfig) -> dict[str, Any]:
    scenario = {
        "planted": "on purpose, with the figures of a newspaper article; see pipelines/simulate/igate_dossiers.py",
        "agency_code": f"H15.{places.EDUCATION:02}",
        "from": "2020-01",
        "to": "2021-04",
        "resolved": igate_dossiers.RESOLVED,
        "early": igate_dossiers.EARLY,
        "on_time": igate_dossiers.ON_TIME,
        "late": igate_dossiers.LATE,
        "unexplained": dict.fromkeys(igate_dossiers.UNEXPLAINED, 1),
    }
    return {
        "seed": config.seed,
        "scale": config.scale,
        "from": f"{config.start:%Y-%m}",
        "months": config.months,
        "dirt": config.dirt,
        "scenario": scenario if config.has_inspection else None,
    }


def _personal(connection: duckdb.DuckDBPyConnection) -> dict[str, list[str]]:
    """Personal values that stand in the exports, for a scan of everything after landing."""
    some = f"(select person_id from dossier order by u('sample', id), id limit {_SAMPLE})"
    queries = {
        "names": f"select {igate.full_name('person_id')} from {some}",
        "id_numbers": f"select {igate.id_number('person_id')} from {some}",
        "phones": f"select {igate.phone('person_id')} from {some}",
        "mail_local_parts": f"select local_part from staff order by u('sample', staff_id) limit {_SAMPLE}",
        "officer_names": f"select full_name from staff order by u('sample', staff_id) limit {_SAMPLE}",
    }
    return {kind: sorted({str(v) for (v,) in connection.execute(query).fetchall()}) for kind, query in queries.items()}
