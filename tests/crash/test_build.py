"""Killed in ``build``, by itself or with dbt, and run again: the same marts as undisturbed."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from pipelines.flows.build import build
from pipelines.flows.run import Progress, RunResult, run
from pipelines.storage.home import Home
from pipelines.storage.ledger import Ledger
from pipelines.storage.snapshots import current_name, manifest_of
from tests.conftest import TEST_KEY
from tests.crash import killing
from tests.crash.stages import accounts_of, at, bring, copy_of, first_night, marts_of, settings_of, stage

_PATIENCE = 120


def _models_done(home: Path) -> int:
    log = Home(home).build / "dbt" / "dbt.log"
    return log.read_text(encoding="utf-8").count(" OK created ") if log.exists() else 0


def _children(pid: int) -> list[int]:
    return [int(p) for p in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]


def _wait_for_models(home: Path, pid: int, more: int) -> None:
    """Until the build that this process began has made so many models."""
    before, deadline = _models_done(home), time.monotonic() + _PATIENCE
    while _models_done(home) < before + more:
        assert time.monotonic() < deadline, "dbt built nothing"
        assert Path(f"/proc/{pid}/stat").read_text(encoding="ascii").split()[2] != "Z", "the build ended by itself"
        time.sleep(0.02)


def _break_off(home: Path, *, after_models: int, dbt: bool, itself: bool) -> None:
    """Start a build; after so many models kill dbt, the process that started it, or both."""
    process = killing.victim(build, home)
    process.start()
    assert process.pid is not None
    _wait_for_models(home, process.pid, after_models)
    (child,) = _children(process.pid)
    if itself:
        os.kill(process.pid, signal.SIGKILL)
    if dbt:
        os.kill(child, signal.SIGKILL)
    process.join()
    assert process.exitcode != 0


def test_killed_again_and_again_between_models() -> None:
    home = at("loaded")
    _break_off(home, after_models=25, dbt=True, itself=False)  # only dbt: a fault of the build
    assert Ledger(Home(home).ledger).select(unbuilt=True)
    # dbt goes on, so all will be built and not noted; the next build waits for it and does it again.
    _break_off(home, after_models=3, dbt=False, itself=True)
    night = {b.batch_id for b in Ledger(Home(stage("validated")).ledger).select(states=["validated"])}
    assert set(build(settings_of(home)).batches) == night
    assert marts_of(home) == marts_of(stage("built"))
    assert not Ledger(Home(home).ledger).select(unbuilt=True)


def test_a_broken_build_database_is_made_anew_with_the_same_marts_as_night_by_night() -> None:
    home = at("loaded")
    Home(home).warehouse.write_bytes(b"no database at all" * 1000)
    build(settings_of(home))
    assert marts_of(home) == marts_of(stage("built"))


def _run(home: str, told: str) -> RunResult:
    def listen(progress: Progress) -> None:
        if progress.step == "waiting":
            Path(told).touch()

    return run(settings_of(Path(home)), on_progress=listen)


def test_a_run_killed_in_build_is_finished_by_one_of_two_runs_at_once(tmp_path: Path) -> None:
    home = copy_of(first_night()[0])
    bring(home, 2)
    environment = dict(os.environ, CCHC_HOME=str(home), CCHC_PSEUDONYM_KEY=TEST_KEY, CCHC_SETTLE_SECONDS="0")
    code = "from pipelines.flows.run import run; from pipelines.settings import Settings; run(Settings())"
    with subprocess.Popen([sys.executable, "-c", code], env=environment, stdout=subprocess.DEVNULL) as process:
        _wait_for_models(home, process.pid, 10)
        for pid in (*_children(process.pid), process.pid):
            os.kill(pid, signal.SIGKILL)
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("forkserver")) as pool:
        results = [r.result() for r in [pool.submit(_run, str(home), str(tmp_path / "waited")) for _ in range(2)]]
    worked, idle = sorted(results, key=lambda r: r.nothing_new)
    assert [s.name for s in worked.steps if s.name != "collect"] == ["build", "gate", "publish", "report"]
    assert idle.nothing_new
    assert (tmp_path / "waited").exists()
    assert accounts_of(home) == accounts_of(stage("loaded"))
    assert marts_of(home) == marts_of(stage("built"))
    reference, name = Home(stage("published")), current_name(Home(stage("published")))
    assert name is not None
    assert worked.snapshot is not None
    assert worked.snapshot == idle.snapshot == current_name(Home(home))
    hashes = [manifest_of(h, n)["content_hash"] for h, n in ((Home(home), worked.snapshot), (reference, name))]
    assert hashes[0] == hashes[1]
    assert len(Ledger(Home(home).ledger).rows("publications")) == 2
