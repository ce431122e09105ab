"""``make superset``: Superset on this machine, in an environment of its own; Ctrl-C ends it.

Installs what ``requirements.txt`` names into ``.venv-superset`` (once), makes login and dashboard ready, serves.
"""

from __future__ import annotations

import hashlib
import http.client
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from deploy.commands import say, until_stopped
from pipelines.domain.errors import InternalFault
from pipelines.settings import Settings
from pipelines.storage.home import Home
from pipelines.storage.snapshots import current_snapshot

HERE = Path(__file__).resolve().parent
DASHBOARD = "/superset/dashboard/tien-do/"
_PYTHON = ">=3.10,<3.13"  # pandas and numpy of Superset 6.1 have no wheels for newer ones
_START_SECONDS = 180
_STOP_SECONDS = 20
_PAUSE = 0.5


class SupersetSettings(BaseSettings):
    """Settings of a local Superset, read from ``CCHC_SUPERSET_…``."""

    model_config = SettingsConfigDict(env_prefix="CCHC_SUPERSET_", frozen=True, extra="ignore")

    database: SecretStr | None = Field(None, description="postgresql+psycopg2://…; SQLite in the home when not set.")
    environment: Path = Field(HERE.parents[1] / ".venv-superset", description="Where Superset is installed.")
    host: str = Field("127.0.0.1", description="Where the pages listen.")
    password: SecretStr | None = Field(None, description="Password of the login; made up once when not set.")
    port: int = Field(8088, ge=1, le=65535)
    secret_key: SecretStr | None = Field(None, description="Signs the sessions; made up once when not set.")
    user: str = Field("admin", pattern=r"^[A-Za-z0-9_.-]+$", description="Name of the login.")


def install(environment: Path) -> None:
    """Superset as ``requirements.txt`` and ``constraints.txt`` name it, unless it is there already.

    Raises:
        InternalFault: it cannot be installed; what the installer says stands above.
    """
    wanted = [HERE / "requirements.txt", HERE / "constraints.txt"]
    state = hashlib.sha256(b"".join(path.read_bytes() for path in wanted)).hexdigest()
    stamp = environment / ".installed"
    if stamp.exists() and stamp.read_text(encoding="utf-8") == state:
        return
    say(f"Installing Superset into {environment} (once, about 1 GB) …")
    uv = str(Path(sys.executable).with_name("uv"))
    python = environment / "bin" / "python"
    files = ["--requirements", str(wanted[0]), "--constraints", str(wanted[1])]
    for command in (
        [uv, "venv", "--quiet", "--clear", "--no-python-downloads", "--python", _PYTHON, str(environment)],
        [uv, "pip", "install", "--quiet", "--python", str(python), *files],
    ):
        if subprocess.run(command, check=False).returncode:
            raise InternalFault("Superset could not be installed.", next_step=f"It needs a Python {_PYTHON}.")
    stamp.write_text(state, encoding="utf-8")


def variables(settings: Settings, superset: SupersetSettings) -> dict[str, str]:
    """The environment of Superset's processes; makes its secrets the first time.

    Raises:
        WrongUse: nothing is published yet.
    """
    home = Home(settings.home)
    current_snapshot(home)
    home.superset.mkdir(mode=0o700, parents=True, exist_ok=True)
    database = superset.database.get_secret_value() if superset.database else ""
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("CCHC_")},  # noqa: TID251
        "CCHC_HOME": str(home.root),
        "CCHC_SUPERSET_DATABASE": database,
        "CCHC_SUPERSET_PASSWORD": _kept(superset.password, home.superset / "password"),
        "CCHC_SUPERSET_SECRET_KEY": _kept(superset.secret_key, home.superset / "secret_key"),
        "CCHC_SUPERSET_USER": superset.user,
        "SUPERSET_CONFIG_PATH": str(HERE / "superset_config.py"),
    }


def _kept(chosen: SecretStr | None, path: Path) -> str:
    """The secret that is set, else one that is kept in a file of its owner only."""
    if chosen is not None:
        return chosen.get_secret_value()
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(24), encoding="utf-8")
    return path.read_text(encoding="utf-8").strip()


def prepare(values: Mapping[str, str], superset: SupersetSettings) -> None:
    """Tables, login and assets.

    Raises:
        InternalFault: it did not work; the end of its output says why.
    """
    python = superset.environment / "bin" / "python"
    command = [str(python), str(HERE / "prepare.py")]
    ended = subprocess.run(command, env=dict(values), capture_output=True, text=True, check=False)
    if ended.returncode:
        raise InternalFault(f"Superset could not be made ready: {ended.stderr[-1500:]}")


@contextmanager
def running(values: Mapping[str, str], superset: SupersetSettings) -> Iterator[subprocess.Popen[bytes]]:
    """A Superset that answers; it ends with the block.

    Raises:
        InternalFault: it does not start; the message names its log.
    """
    log = Path(values["CCHC_HOME"]) / "superset" / "server.log"
    where = ["--bind", f"{superset.host}:{superset.port}", "--config", str(HERE / "gunicorn_config.py")]
    command = [str(superset.environment / "bin" / "gunicorn"), *where, "superset.app:create_app()"]
    with log.open("wb") as output:
        process = subprocess.Popen(command, env=dict(values), stdout=output, stderr=subprocess.STDOUT)
    try:
        _wait_until_it_answers(process, superset, log)
        yield process
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(_STOP_SECONDS)
        process.kill()
        process.wait()


def _wait_until_it_answers(process: subprocess.Popen[bytes], superset: SupersetSettings, log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while not _answers(superset):
        if process.poll() is not None or time.monotonic() > deadline:
            end = log.read_text(encoding="utf-8", errors="replace")[-1500:]
            raise InternalFault(f"Superset does not start: {end}", next_step=f"See {log}.")
        time.sleep(_PAUSE)


def _answers(superset: SupersetSettings) -> bool:
    connection = http.client.HTTPConnection(superset.host, superset.port, timeout=5)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def serve(settings: Settings, superset: SupersetSettings) -> None:
    """Install, make ready, serve, and stay until Ctrl-C or until it ends.

    Raises:
        WrongUse: nothing is published yet.
        InternalFault: it does not start, or it ended.
    """
    values = variables(settings, superset)
    install(superset.environment)
    say("Making login and dashboard ready …")
    prepare(values, superset)
    with running(values, superset) as process:
        say(f"\nSuperset is ready: http://{superset.host}:{superset.port}{DASHBOARD}")
        where = "as set" if superset.password else f"in {Home(settings.home).superset / 'password'}"
        say(f"  login     {superset.user}\n  password  {where}\n  home      {values['CCHC_HOME']}\nCtrl-C ends it.")
        raise InternalFault(f"Superset ended with code {process.wait()}.")


def main() -> int:
    """Run until stopped; the exit code of the error's class when something is wrong."""
    return until_stopped("Superset", lambda: serve(Settings(), SupersetSettings()))


if __name__ == "__main__":
    sys.exit(main())
