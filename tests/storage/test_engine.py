"""Connections of our own settings."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import pytest

from pipelines.settings import Settings
from pipelines.storage.engine import open_engine
from pipelines.storage.home import Home


def test_engines_that_spill_side_by_side_do_not_touch_each_other(tmp_path: Path) -> None:
    home = Home(tmp_path)

    def spill(letter: str) -> tuple[int, int]:
        with open_engine(home, memory_limit="60MB", threads=1) as engine:
            engine.execute(f"create table t as select i, repeat('{letter}', 100) || i as s from range(800000) as r(i)")
            row = engine.execute(
                f"select count(*), count(*) filter (s = repeat('{letter}', 100) || i) from t"
            ).fetchone()
            assert row is not None
            return row

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(spill, "ab")) == [(800000, 800000)] * 2
    assert list((home.build / "spill").iterdir()) == []


def test_moments_are_local_time_of_vietnam(tmp_path: Path) -> None:
    with open_engine(Home(tmp_path)) as engine:
        assert engine.execute("select '2020-01-01T00:00:00Z'::timestamptz::varchar").fetchone() == (
            "2020-01-01 07:00:00+07",
        )


@pytest.mark.parametrize(
    ("limit", "share", "told"),
    [
        ("1500MB", 0.5, "750MB"),
        ("1.5GB", 0.7, "1.05GB"),
        ("1500 MB", 1, "1500MB"),
        ("-1", 0.5, "-1"),
    ],
)
def test_a_part_of_a_limit_is_a_limit(limit: str, share: float, told: str) -> None:
    assert Settings(memory_limit=limit, pseudonym_key=None).memory(share) == told
    if limit != "-1":
        with duckdb.connect() as connection:
            connection.execute(f"set memory_limit = '{told}'")
