"""Superset's configuration and its start, without Superset: what it opens, what it refuses, what it is made of."""

from __future__ import annotations

import re
import runpy
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest
import sqlalchemy as sa

from deploy.superset import start
from deploy.superset.start import SupersetSettings
from pipelines.domain.errors import WrongUse
from pipelines.settings import Settings
from pipelines.storage.home import Home
from pipelines.storage.snapshots import point_to

FOLDER = Path(start.__file__).parent
POINTER = sa.make_url("duckdb:///current.duckdb")
KEY = "a long random text for tests only"


@pytest.fixture
def published(tmp_path: Path) -> Home:
    """A home with two snapshots; the older one is current."""
    home = Home(tmp_path / "home")
    home.create()
    for number in (1, 2):
        with duckdb.connect(str(home.published / f"marts_{number}.duckdb")) as made:
            made.execute(f"create table told as select {number} as n")
    point_to(home, "marts_1")
    return home


def _config(home: Home, monkeypatch: pytest.MonkeyPatch, **more: str) -> dict[str, Any]:
    for name, value in ({"CCHC_HOME": str(home.root), "CCHC_SUPERSET_SECRET_KEY": KEY} | more).items():
        monkeypatch.setenv(name, value)
    return runpy.run_path(str(FOLDER / "superset_config.py"))


def test_each_connection_opens_what_the_pointer_leads_to(published: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    mutate = _config(published, monkeypatch)["DB_CONNECTION_MUTATOR"]

    def told() -> tuple[Any, ...] | None:
        uri, params = mutate(POINTER, {"poolclass": "none"}, "admin", None, None)
        assert params["poolclass"] == "none"
        return duckdb.connect(uri.database, **params["connect_args"]).execute("select n from told").fetchone()

    kept_open = mutate(POINTER, {}, "admin", None, None)
    with duckdb.connect(kept_open[0].database, **kept_open[1]["connect_args"]):
        assert told() == (1,)
        point_to(published, "marts_2")
        assert told() == (2,)


@pytest.mark.parametrize(
    "sql", ["create table mine as select 1", "from read_text('/etc/hostname')", "attach 'x.duckdb'", "set threads = 9"]
)
def test_what_it_opens_cannot_be_written_or_left(published: Home, monkeypatch: pytest.MonkeyPatch, sql: str) -> None:
    uri, params = _config(published, monkeypatch)["DB_CONNECTION_MUTATOR"](POINTER, {}, "admin", None, None)
    with duckdb.connect(uri.database, **params["connect_args"]) as connection, pytest.raises(duckdb.Error):
        connection.execute(sql)


def test_other_databases_are_left_alone_and_an_empty_home_is_told(
    published: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    mutate = _config(published, monkeypatch)["DB_CONNECTION_MUTATOR"]
    other = sa.make_url("postgresql://somewhere/else")
    assert mutate(other, {"a": 1}, None, None, None) == (other, {"a": 1})
    (published.published / "current.duckdb").unlink()
    with pytest.raises(FileNotFoundError, match="Nothing is published"):
        mutate(POINTER, {}, None, None, None)


def test_there_is_no_secret_but_the_one_that_is_set(published: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    config = _config(published, monkeypatch)
    secrets = {name: value for name, value in config.items() if re.search("SECRET", name)}
    assert secrets["SECRET_KEY"] == KEY
    assert set(secrets) == {"SECRET_KEY", "GLOBAL_ASYNC_QUERIES_JWT_SECRET", "GUEST_TOKEN_JWT_SECRET"}
    assert len(set(secrets.values())) == 3
    with pytest.raises(SystemExit, match="CCHC_SUPERSET_SECRET_KEY"):
        _config(published, monkeypatch, CCHC_SUPERSET_SECRET_KEY="")


def test_pages_ask_no_other_host_and_records_go_where_one_says(
    published: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = _config(published, monkeypatch)
    policy = config["TALISMAN_CONFIG"]["content_security_policy"]
    sources = {source for value in policy.values() for source in ([value] if isinstance(value, str) else value)}
    assert sources <= {"'self'", "'none'", "'unsafe-inline'", "'strict-dynamic'", "blob:", "data:"}
    assert config["SQLALCHEMY_DATABASE_URI"] == f"sqlite:///{published.superset / 'superset.db'}"
    assert not config.get("SESSION_COOKIE_SECURE")
    database = "postgresql+psycopg2://somewhere/superset"
    config = _config(published, monkeypatch, CCHC_SUPERSET_DATABASE=database, CCHC_SUPERSET_HTTPS="1")
    assert config["SQLALCHEMY_DATABASE_URI"] == database
    config = _config(published, monkeypatch, CCHC_SUPERSET_DATABASE="", CCHC_SUPERSET_HOME="/var/lib/records")
    assert config["SQLALCHEMY_DATABASE_URI"] == "sqlite:////var/lib/records/superset.db"
    assert config["SESSION_COOKIE_SECURE"] is True


def test_no_login_without_a_password() -> None:
    command = [sys.executable, str(FOLDER / "prepare.py")]
    told = subprocess.run(command, env={"CCHC_SUPERSET_PASSWORD": "short"}, capture_output=True, text=True, check=False)
    assert (told.returncode, told.stderr) == (2, "Error: CCHC_SUPERSET_PASSWORD needs at least 12 characters.\n")


def test_secrets_are_made_once_and_for_their_owner_only(published: Home) -> None:
    settings, superset = Settings(home=published.root), SupersetSettings()
    first, second = (start.variables(settings, superset) for _ in range(2))
    assert first == second
    for name in ("password", "secret_key"):
        kept = published.superset / name
        assert kept.stat().st_mode & 0o777 == 0o600
        assert len(kept.read_text(encoding="utf-8")) >= 32
        assert first[f"CCHC_SUPERSET_{name.upper()}"] == kept.read_text(encoding="utf-8")
    assert published.superset.stat().st_mode & 0o777 == 0o700
    chosen = SupersetSettings(password="one that is set", database="sqlite:///x")  # type: ignore[arg-type]
    values = start.variables(settings, chosen)
    assert (values["CCHC_SUPERSET_PASSWORD"], values["CCHC_SUPERSET_DATABASE"]) == ("one that is set", "sqlite:///x")


def test_it_does_not_start_over_an_empty_home(tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match="Nothing is published yet"):
        start.variables(Settings(home=tmp_path / "home"), SupersetSettings())
    assert not (tmp_path / "home" / "superset").exists()


def test_what_is_installed_is_not_installed_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(start, "HERE", tmp_path / "recipe")
    shutil.copytree(FOLDER, tmp_path / "recipe", ignore=shutil.ignore_patterns("__pycache__", "assets"))
    calls: list[list[str]] = []

    def run(command: list[str], check: bool) -> subprocess.CompletedProcess[str]:
        calls.append(command)
        (tmp_path / "there").mkdir(exist_ok=True)
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(start.subprocess, "run", run)
    start.install(tmp_path / "there")
    start.install(tmp_path / "there")
    assert [call[1] for call in calls] == ["venv", "pip"]
    with (tmp_path / "recipe" / "requirements.txt").open("a", encoding="utf-8") as recipe:
        recipe.write("# another\n")
    start.install(tmp_path / "there")
    assert len(calls) == 4


def test_everything_that_it_is_made_of_is_pinned() -> None:
    def pins(name: str) -> dict[str, str]:
        lines = (FOLDER / name).read_text(encoding="utf-8").splitlines()
        return dict(line.split("==") for line in lines if line and not line.startswith("#"))

    direct, all_of_it = pins("requirements.txt"), pins("constraints.txt")
    assert direct.items() <= all_of_it.items()
    assert len(all_of_it) > 100
    (ours,) = re.findall(r'name = "duckdb"\nversion = "([^"]+)"', (FOLDER.parents[1] / "uv.lock").read_text("utf-8"))
    assert direct["duckdb"] == ours, "a snapshot is read by the version that wrote it"
