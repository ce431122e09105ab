"""Readers while one snapshot after another is published."""

from __future__ import annotations

import os
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.flows.publish import publish
from pipelines.storage import snapshots
from pipelines.storage.home import Home
from pipelines.storage.snapshots import manifest_of, open_current, snapshot_names
from tests.crash.stages import at, settings_of
from tests.forking import FORKS

PUBLICATIONS = 4


def _read_until(home: str, stop: str) -> tuple[int, list[str]]:
    """Open what is current and compare two marts in one connection, again and again; looks, and what was seen."""
    looks, seen = 0, []
    while not Path(stop).exists():
        with open_current(Home(Path(home))) as connection:
            path = connection.execute("select path from duckdb_databases() where path is not null").fetchone()
            first = connection.execute("select max(as_of), count(*) from marts.rpt_indicator").fetchone()
            time.sleep(0.05)  # much of what it takes to publish happens here
            second = connection.execute("select max(as_of), count(*) from marts.fct_dossier").fetchone()
        assert path
        assert first
        assert second
        assert first[0] == second[0], f"a mixture: {first} and {second}"
        seen.append(f"{Path(path[0]).stem} {first[1]} {second[1]} {first[0]:%Y}")
        looks += 1
    return looks, sorted(set(seen))


def _alter(home: Path, year: int) -> None:
    """Another state of the marts: every table is of that year, and a dossier is fewer."""
    warehouse = Home(home).warehouse
    with duckdb.connect(str(warehouse)) as connection:
        for table in ("rpt_indicator", "fct_dossier", "rpt_source_freshness"):
            connection.execute(f"update marts.{table} set as_of = make_timestamp({year}, 1, 1, 1, 0, 0.0)")
        connection.execute(
            "delete from marts.fct_dossier where dossier_code = (select min(dossier_code) from marts.fct_dossier)"
        )
    os.utime(warehouse, (0, 0))  # the gate's verdict on it still stands


def test_readers_never_fail_and_never_see_a_mixture(tmp_path: Path) -> None:
    home, stop = at("gated"), tmp_path / "stop"
    settings = settings_of(home, keep_snapshots=1)  # the hardest for readers: the former goes at once
    _alter(home, 2000)
    publish(settings)
    manifests: dict[str, Any] = {}
    with ProcessPoolExecutor(3, mp_context=FORKS) as pool:
        readers = [pool.submit(_read_until, str(home), str(stop)) for _ in range(3)]
        try:
            for number in range(1, PUBLICATIONS + 1):
                _alter(home, 2000 + number)
                name = publish(settings).snapshot
                manifests[name] = (manifest_of(Home(home), name)["tables"], 2000 + number)
        finally:
            stop.touch()
        found = [reader.result() for reader in readers]
    assert sum(looks for looks, _ in found) > PUBLICATIONS
    for line in {line for _, seen in found for line in seen}:
        name, indicators, dossiers, year = line.split()
        if name in manifests:
            tables, published = manifests[name]
            told = (tables["rpt_indicator"]["rows"], tables["fct_dossier"]["rows"], published)
            assert (int(indicators), int(dossiers), int(year)) == told
    assert len({line for _, seen in found for line in seen}) >= 3, "the readers saw no publication"
    assert len(snapshot_names(Home(home))) <= 2


def test_one_connection_keeps_what_it_opened() -> None:
    home = at("gated")
    with open_current(Home(home)) as old:
        before = old.execute("select max(as_of), count(*) from marts.fct_dossier").fetchone()
        _alter(home, 2050)
        publish(settings_of(home, keep_snapshots=1))
        assert old.execute("select max(as_of), count(*) from marts.fct_dossier").fetchone() == before
        with open_current(Home(home)) as new:
            assert new.execute("select max(as_of)::date::varchar from marts.fct_dossier").fetchone() == ("2050-01-01",)


def test_a_snapshot_that_goes_between_a_look_and_its_opening(monkeypatch: pytest.MonkeyPatch) -> None:
    home = at("gated")
    look, looked = snapshots.current_snapshot, []

    def look_and_lose(where: Home) -> Path:
        path = look(where)
        if not looked:
            looked.append(path)
            _alter(home, 2040)
            publish(settings_of(home, keep_snapshots=1))
            assert not path.exists()
        return path

    monkeypatch.setattr(snapshots, "current_snapshot", look_and_lose)
    with open_current(Home(home)) as connection:
        assert connection.execute("select max(as_of)::date::varchar from marts.fct_dossier").fetchone() == (
            "2040-01-01",
        )
