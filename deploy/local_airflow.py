"""``make airflow``: a real Airflow on this machine, its processes ended together by Ctrl-C."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from deploy.airflow_environment import ROOT, AirflowSettings, environment
from deploy.commands import say, until_stopped
from pipelines.domain.errors import InternalFault, WrongUse
from pipelines.flows.doctor import create_key
from pipelines.settings import Settings

_HEALTHY = ("metadatabase", "scheduler", "triggerer", "dag_processor")
_START_SECONDS = 180
_STOP_SECONDS = 20
_PAUSE = 0.5


def commands(airflow: AirflowSettings) -> dict[str, list[str]]:
    """The processes by name. Task logs are read from the disk, so nobody serves them on a port of its own."""
    call = [sys.executable, "-m", "airflow"]
    return {
        "api-server": [*call, "api-server", "--host", airflow.host, "--port", str(airflow.port), "--workers", "1"],
        "scheduler": [sys.executable, "-m", "deploy.scheduler", "--skip-serve-logs"],
        "dag-processor": [*call, "dag-processor"],
        "triggerer": [*call, "triggerer", "--skip-serve-logs"],
    }


def set_up(values: Mapping[str, str], airflow: AirflowSettings) -> None:
    """Make tables, pool, connection and login; only this step is told a password that was set.

    Raises:
        InternalFault: it did not work; the end of its output says why.
    """
    login = {"CCHC_AIRFLOW_USER": airflow.user}
    if airflow.password is not None:
        login["CCHC_AIRFLOW_PASSWORD"] = airflow.password.get_secret_value()
    ended = subprocess.run(
        [sys.executable, "-m", "deploy.airflow_setup"],
        env={**values, **login},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if ended.returncode:
        raise InternalFault(f"Airflow could not be set up: {(ended.stderr or ended.stdout)[-1500:]}")


@contextmanager
def running(values: Mapping[str, str], airflow: AirflowSettings) -> Iterator[dict[str, subprocess.Popen[bytes]]]:
    """Start every process, each with a log of its own; at the end all of them and their children end."""
    logs = logs_of(values)
    logs.mkdir(parents=True, exist_ok=True)
    started: dict[str, subprocess.Popen[bytes]] = {}
    try:
        for name, command in commands(airflow).items():
            with (logs / f"{name}.log").open("wb") as log:
                started[name] = subprocess.Popen(
                    command, env=values, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
                )
        yield started
    finally:
        _end(started)


def _end(started: Mapping[str, subprocess.Popen[bytes]]) -> None:
    """Ask each to end, wait, then make sure of it. A session of its own has its children with it."""
    for process in started.values():
        with suppress(ProcessLookupError):
            process.terminate()
    deadline = time.monotonic() + _STOP_SECONDS
    for process in started.values():
        with suppress(subprocess.TimeoutExpired):
            process.wait(max(deadline - time.monotonic(), 0.1))
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def logs_of(values: Mapping[str, str]) -> Path:
    """Where the processes write."""
    return Path(values["AIRFLOW_HOME"]) / "logs" / "processes"


def health(airflow: AirflowSettings) -> dict[str, Any]:
    """What the API says about each component; empty while it does not answer."""
    connection = http.client.HTTPConnection(airflow.host, airflow.port, timeout=5)
    try:
        connection.request("GET", "/api/v2/monitor/health")
        answer = connection.getresponse()
        return dict(json.loads(answer.read())) if answer.status == http.HTTPStatus.OK else {}
    except (OSError, http.client.HTTPException, ValueError):
        return {}
    finally:
        connection.close()


def is_healthy(told: Mapping[str, Any]) -> bool:
    """Whether every component is at work."""
    return all((told.get(name) or {}).get("status") == "healthy" for name in _HEALTHY)


def wait_until_healthy(
    started: Mapping[str, subprocess.Popen[bytes]],
    values: Mapping[str, str],
    airflow: AirflowSettings,
    *,
    seconds: float = _START_SECONDS,
) -> None:
    """Wait until every component is at work.

    Raises:
        InternalFault: one ended, or they are not ready in time.
    """
    deadline = time.monotonic() + seconds
    while not is_healthy(health(airflow)):
        check_alive(started, values)
        if time.monotonic() > deadline:
            raise InternalFault(f"Airflow is not ready after {seconds:.0f} s.", next_step=f"See {logs_of(values)}.")
        time.sleep(_PAUSE)


def check_alive(started: Mapping[str, subprocess.Popen[bytes]], values: Mapping[str, str]) -> None:
    """All processes live.

    Raises:
        InternalFault: one has ended; the message holds the end of its log.
    """
    for name, process in started.items():
        if process.poll() is not None:
            log = logs_of(values) / f"{name}.log"
            end = log.read_text(encoding="utf-8", errors="replace")[-1500:]
            raise InternalFault(f"The {name} ended with code {process.returncode}: {end}", next_step=f"See {log}.")


def with_key(settings: Settings) -> Settings:
    """The settings with a pseudonym key: the one that is set, else one kept in the home, made the first time."""
    if settings.pseudonym_key is not None or settings.pseudonym_key_file is not None:
        return settings
    path = settings.home.resolve() / "pseudonym.key"
    if not path.exists():
        create_key(path)
        say(f"No pseudonym key was set, so one was made: {path}. Keep a copy in a safe place: without it new")
        say("pseudonyms will not match the old ones.")
    return settings.model_copy(update={"pseudonym_key_file": path})


def serve(settings: Settings, airflow: AirflowSettings) -> None:
    """Set up, start, say where it is, and stay until Ctrl-C or until a process ends.

    Raises:
        WrongUse: the port is taken.
        InternalFault: it does not start, or a process ended.
    """
    _check_port(airflow)
    settings = with_key(settings)
    values = environment(settings, airflow)
    if settings.pseudonym_key_file is not None:
        values["CCHC_PSEUDONYM_KEY_FILE"] = str(settings.pseudonym_key_file.resolve())
    say("Setting up Airflow …")
    set_up(values, airflow)
    with running(values, airflow) as started:
        say("Starting api-server, scheduler, dag-processor and triggerer …")
        wait_until_healthy(started, values, airflow)
        _greet(values, airflow)
        while True:
            check_alive(started, values)
            time.sleep(_PAUSE)


def _check_port(airflow: AirflowSettings) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((airflow.host, airflow.port))
        except OSError as error:
            raise WrongUse(
                f"Port {airflow.port} of {airflow.host} cannot be used: {error.strerror}.",
                next_step="Set CCHC_AIRFLOW_PORT to another one.",
            ) from error


def _greet(values: Mapping[str, str], airflow: AirflowSettings) -> None:
    file = Path(values["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE"])
    password = json.loads(file.read_text(encoding="utf-8"))[airflow.user]
    say(f"\nAirflow is ready: {values['AIRFLOW__API__BASE_URL']}")
    say(f"  login     {airflow.user}\n  password  {password}   (kept in {file})")
    say(f"  home      {values['CCHC_HOME']}\n  logs      {logs_of(values)}")
    say("Drop exports into inbox/<source>/<stream>/ of the home. Ctrl-C ends everything.")


def main() -> int:
    """Run until stopped; the exit code of the error's class when something is wrong."""
    return until_stopped("Airflow", lambda: serve(Settings(), AirflowSettings()))


if __name__ == "__main__":
    sys.exit(main())
