"""Killed in ``build``, by itself or with dbt, and run again: the same marts as undisturbed."""

from __future__ import annotations

import os
import signal
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

from pipelines.flows.build import build
from pipelines.flows.run import Progress, RunResult, run
from pipelines.storage.home import Home
from pipelines.storage.ledger import Ledger
from pipelines.storage.snapshots import current_name, manifest_of
from tests.crash import killing
from tests.crash.stages import accounts_of, at, marts_of, settings_of, stage
from tests.few_marts import few_marts
from tests.forking import FORKS

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


def _run(home: str, told: str) -> RunResult:
    def listen(progress: Progress) -> None:
        if progress.step == "waiting":
            Path(told).touch()

    with few_marts():
        return run(settings_of(Path(home)), on_progress=listen)


@pytest.mark.timeout(600)  # three builds of everything, on a machine that may be busy
def test_killed_again_and_again_it_is_finished_by_one_of_two_runs_at_once(tmp_path: Path) -> None:
    """From a database that cannot be opened on: every build after it begins where a kill has left it."""
    home = at("loaded")
    Home(home).warehouse.write_bytes(b"no database at all" * 1000)
    _break_off(home, after_models=8, dbt=True, itself=False)  # only dbt: a fault of the build
    assert Ledger(Home(home).ledger).select(unbuilt=True)
    # dbt goes on, so all will be built and not noted; the next build waits for it and does it again.
    _break_off(home, after_models=3, dbt=False, itself=True)
    assert Ledger(Home(home).ledger).select(unbuilt=True)
    with ProcessPoolExecutor(2, mp_context=FORKS) as pool:
        results = [r.result() for r in [pool.submit(_run, str(home), str(tmp_path / "waited")) for _ in range(2)]]
    worked, idle = sorted(results, key=lambda r: r.nothing_new)
    assert [s.name for s in worked.steps if s.name != "collect"] == ["build", "gate", "publish", "report"]
    assert idle.nothing_new
    assert (tmp_path / "waited").exists()
    assert not Ledger(Home(home).ledger).select(unbuilt=True)
    assert accounts_of(home) == accounts_of(stage("loaded"))
    assert marts_of(home) == marts_of(stage("built")), "made anew, and night by night"
    reference, name = Home(stage("published")), current_name(Home(stage("published")))
    assert name is not None
    assert worked.snapshot is not None
    assert worked.snapshot == idle.snapshot == current_name(Home(home))
    hashes = [manifest_of(h, n)["content_hash"] for h, n in ((Home(home), worked.snapshot), (reference, name))]
    assert hashes[0] == hashes[1]
    assert len(Ledger(Home(home).ledger).rows("publications")) == 2
