"""Whole files, landing, locks and the ledger."""

from __future__ import annotations

import io
import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipelines.domain.errors import InternalFault, SourceUnavailable, WrongUse
from pipelines.settings import Settings
from pipelines.storage.atomic import sweep, whole_file, write_json
from pipelines.storage.home import Home
from pipelines.storage.landing import SizeChanged, Stamp, land, raw_scratch, stamp_of
from pipelines.storage.ledger import Ledger
from pipelines.storage.lock import single_run, single_writer
from tests.forking import FORKS

MOMENT = datetime(2020, 1, 5, 1)


def _origin(size: int) -> dict[str, object]:
    return {
        **{"source": "igate", "stream_name": "dossiers", "file_name": "a.csv", "size": size},
        **{"stamp": Stamp("20200104", MOMENT), "collected_from": "/inbox"},
    }


def test_a_file_is_there_whole_or_not_at_all(tmp_path: Path) -> None:
    target = tmp_path / "folder" / "file"
    with whole_file(target, mode=0o600) as draft:
        draft.write_text("old", encoding="utf-8")
        assert not target.exists()
    assert target.stat().st_mode & 0o777 == 0o600

    def fail() -> None:
        with whole_file(target) as draft:
            draft.write_text("new", encoding="utf-8")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert target.read_text(encoding="utf-8") == "old"
    assert [p.name for p in target.parent.iterdir()] == ["file"]


def test_json_is_the_same_bytes_for_the_same_content(tmp_path: Path) -> None:
    write_json(tmp_path / "a", {"b": 1, "a": "ồ"})
    write_json(tmp_path / "b", {"a": "ồ", "b": 1})
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert "ồ" in (tmp_path / "a").read_text(encoding="utf-8")


def test_a_sweep_takes_drafts_and_nothing_else(tmp_path: Path) -> None:
    for name in (".x.parquet.abc.tmp", "x.parquet", ".hidden"):
        (tmp_path / name).touch()
    sweep(tmp_path)
    assert sorted(p.name for p in tmp_path.iterdir()) == [".hidden", "x.parquet"]


def test_landing_again_changes_nothing(tmp_path: Path) -> None:
    home = Home(tmp_path)
    first = land(home, io.BytesIO(b"abc"), **_origin(3))
    folder = home.landing_of("igate", "dossiers", first.batch_id)
    moment = (folder / "data.csv").stat().st_mtime_ns
    assert land(home, io.BytesIO(b"abc"), **_origin(3)) == first
    assert (folder / "data.csv").stat().st_mtime_ns == moment
    assert [p.name for p in folder.parent.iterdir()] == [first.batch_id]


@pytest.mark.parametrize("size", [2, 4])
def test_bytes_that_came_in_another_number_are_not_landed(tmp_path: Path, size: int) -> None:
    with pytest.raises(SizeChanged):
        land(Home(tmp_path), io.BytesIO(b"abc"), **_origin(size))
    assert list((tmp_path / "landing" / "igate" / "dossiers").iterdir()) == []


@pytest.mark.parametrize(
    ("name", "period", "moment"),
    [
        ("hoso_20200104_20200105T010000.csv", "20200104", MOMENT),
        ("a_202001_20200105T010000.xlsx", "202001", MOMENT),
        ("a_all_20200105T010000", "all", MOMENT),
        ("a_20200104_20209905T010000.csv", None, datetime(2020, 1, 1, 7)),
        ("báo cáo.csv", None, datetime(2020, 1, 1, 7)),
    ],
)
def test_what_a_name_says(name: str, period: str | None, moment: datetime) -> None:
    assert stamp_of(name, datetime(2020, 1, 1, tzinfo=UTC)) == Stamp(period, moment)


def test_raw_text_lies_under_landing_and_goes(tmp_path: Path) -> None:
    home = Home(tmp_path)
    with raw_scratch(home) as scratch:
        assert scratch.parent == home.landing
        assert scratch.stat().st_mode & 0o077 == 0
    assert not scratch.exists()


def _hold(home: str, ready: str) -> None:
    with single_writer(Home(Path(home))):
        Path(ready).touch()
        time.sleep(60)


def test_a_killed_holder_frees_the_lock_at_once(tmp_path: Path) -> None:
    process = FORKS.Process(target=_hold, args=(str(tmp_path), str(tmp_path / "ready")))
    process.start()
    while not (tmp_path / "ready").exists():
        time.sleep(0.01)
    home = Home(tmp_path)
    with pytest.raises(SourceUnavailable, match="Another run") as refused, single_writer(home, wait_seconds=0.3):
        pass
    assert refused.value.retryable
    with single_run(home, wait_seconds=0):  # another lock
        pass
    assert process.pid is not None
    os.kill(process.pid, 9)
    process.join()
    with single_writer(home, wait_seconds=1):
        pass


def test_who_waits_for_a_run_is_told_once(tmp_path: Path) -> None:
    told: list[int] = []
    home = Home(tmp_path)
    again = single_run(home, wait_seconds=0.5, on_wait=lambda: told.append(1))
    with single_run(home), pytest.raises(SourceUnavailable), again:
        pass
    assert told == [1]


def _landed(ledger: Ledger, number: int, **changes: object) -> bool:
    values = {
        **{"batch_id": f"b{number}", "source": "igate", "stream": "dossiers", "file_name": "a.csv"},
        **{"sha256": f"{number}", "size_bytes": 1, "exported_at": f"2020-01-{number:02d} 01:00:00"},
    }
    return ledger.add_landed(**{**values, **changes})


def test_the_ledger_takes_the_same_bytes_of_a_stream_once(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.sqlite")
    assert _landed(ledger, 2)
    assert not _landed(ledger, 3, sha256="2")
    assert _landed(ledger, 1)
    assert _landed(ledger, 4, sha256="2", stream="steps")
    assert [b.batch_id for b in ledger.select()] == ["b1", "b2", "b4"], "oldest export first"


def test_several_that_come_first_find_one_ledger(tmp_path: Path) -> None:
    """The sources of Airflow's first night begin at one moment, in a home where nothing is."""
    together = threading.Barrier(8)

    def come(home: int) -> list[object]:
        together.wait()
        return Ledger(tmp_path / str(home) / "ledger.sqlite").select()

    with ThreadPoolExecutor(8) as pool:
        for home in range(10):
            assert list(pool.map(come, [home] * 8)) == [[]] * 8


def test_a_transaction_that_raises_leaves_nothing(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.sqlite")

    def fail() -> None:
        with ledger.transaction() as connection:
            connection.exec_driver_sql("insert into facts values ('a', 'b')")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert ledger.rows("facts") == []


def test_built_and_published(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.sqlite")
    _landed(ledger, 1)
    ledger.update("b1", state="loaded", rows_in_file=5, rows_loaded=3, rows_quarantined=1, rows_non_data=1)
    assert ledger.batch("b1").accounting_closes
    assert [b.batch_id for b in ledger.select(unbuilt=True)] == ["b1"]
    ledger.mark_built(["b1"])
    assert (ledger.select(unbuilt=True), ledger.unpublished) == ([], True)
    ledger.mark_published()
    assert not ledger.unpublished
    ledger.forget_built()
    assert len(ledger.select(unbuilt=True)) == 1
    ledger.update("b1", rows_loaded=2)
    assert not ledger.batch("b1").accounting_closes
    with pytest.raises(WrongUse, match="no batch b9"):
        ledger.batch("b9")


def test_a_fact_that_holds_cannot_change(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.sqlite")
    ledger.hold_fact("key", "a")
    ledger.hold_fact("key", "a")
    with pytest.raises(InternalFault, match="was a and is now b"):
        ledger.hold_fact("key", "b")


def test_nothing_is_made_by_asking_for_a_path(make_settings: Callable[..., Settings], tmp_path: Path) -> None:
    home = Home(make_settings().home)
    inside = [getattr(home, n) for n in ("inbox", "landing", "lake", "build", "published", "site", "sites", "ledger")]
    assert all(home.root in p.parents for p in inside)
    assert not home.root.exists()
