"""Fixtures that every area uses."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pipelines.settings import Settings

TEST_KEY = "a key for tests only, long enough"


@pytest.fixture
def make_settings(tmp_path: Path) -> Callable[..., Settings]:
    """Settings of a fresh home; keyword arguments override."""

    def make(**changes: object) -> Settings:
        values: dict[str, object] = {"home": tmp_path / "home", "pseudonym_key": TEST_KEY, "settle_seconds": 0}
        return Settings(**(values | changes))  # type: ignore[arg-type]

    return make
