"""dbt in a process of its own, started before it is needed.

Its project here has one model: what is looked at is the process, and parsing the warehouse takes long.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pipelines.flows import dbt_parsing, dbt_process
from pipelines.flows.dbt_parsing import keep_parsing, kept_parsing, take_over_parsing
from pipelines.flows.dbt_process import DbtProcess
from pipelines.settings import Settings
from pipelines.storage.home import Home


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of one model with the warehouse's own profile."""
    folder = tmp_path / "project"
    (folder / "models").mkdir(parents=True)
    (folder / "models" / "one.sql").write_text("select 1 as one", encoding="utf-8")
    (folder / "dbt_project.yml").write_text("{name: cchc, profile: cchc, config-version: 2}", encoding="utf-8")
    shutil.copy(dbt_parsing.PROJECT / "profiles.yml", folder)
    for module in (dbt_parsing, dbt_process):
        monkeypatch.setattr(module, "PROJECT", folder)
    return folder


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("CCHC_PSEUDONYM_KEY", "a secret that dbt need not know, long enough")
    return Settings(home=tmp_path / "home")


def _dbt(settings: Settings) -> DbtProcess:
    return DbtProcess(settings, Home(settings.home).warehouse)


def _ended(pid: int, within: float = 30.0) -> bool:
    deadline = time.monotonic() + within
    while Path(f"/proc/{pid}").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    return not Path(f"/proc/{pid}").exists()


def test_what_goes_wrong_is_told(settings: Settings) -> None:
    with _dbt(settings) as dbt:
        went_well, printed = dbt.invoke(["list", "--no-such-flag"])
    assert not went_well
    assert "no-such-flag" in printed


def test_one_that_is_not_needed_is_gone_with_the_block(settings: Settings) -> None:
    with _dbt(settings) as dbt:
        pid = dbt.start()
        assert not _ended(pid, within=0)
    assert _ended(pid)


def test_the_key_is_not_passed_on(settings: Settings) -> None:
    with _dbt(settings) as dbt:
        assert b"PSEUDONYM" not in Path(f"/proc/{dbt.start()}/environ").read_bytes()


def test_it_does_not_outlive_whoever_started_it_and_gave_no_command(settings: Settings) -> None:
    code = """
import time
from pipelines.flows.dbt_process import DbtProcess
from pipelines.settings import Settings
from pipelines.storage.home import Home
settings = Settings()
home = Home(settings.home)
dbt = DbtProcess(settings, home.warehouse)
print(dbt.start(), flush=True)
time.sleep(600)
"""
    environment = {**os.environ, "CCHC_HOME": str(settings.home)}
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, env=environment) as starter:
        assert starter.stdout is not None
        child = int(starter.stdout.readline())
        starter.send_signal(signal.SIGKILL)
    assert _ended(child)


def test_what_one_home_has_parsed_serves_the_next(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    cache.mkdir()
    kept_parsing(cache).write_bytes(b"nothing that was ever parsed")
    stories = []
    for name in ("first", "second"):
        with _dbt(Settings(home=tmp_path / name, parsing_cache=cache)) as dbt:
            assert dbt.invoke(["list", "--select", "one"])[0]
            stories.append((dbt.target / "dbt.log").read_text(encoding="utf-8"))
    assert "Failed to load parsed file" in stories[0], "a broken file does no harm"
    assert "no changes found, skipping parsing" in stories[1]


@pytest.mark.parametrize("cache", ["/proc/no/such/folder", "/dev/null"])
def test_where_nothing_can_be_kept_each_parses_for_itself(tmp_path: Path, cache: str) -> None:
    (tmp_path / "partial_parse.msgpack").write_bytes(b"parsed")
    keep_parsing(tmp_path, Path(cache))
    take_over_parsing(tmp_path / "other", Path(cache))
    assert list(tmp_path.glob("other/*")) == []
