"""Which files a run works on, how they are shared out, and that one that breaks holds nothing up."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from dags.pieces import MOST_PIECES, cut, due, label, on_all, within
from pipelines.domain.errors import DataRefused, InternalFault, SourceUnavailable, WrongUse
from pipelines.settings import Settings
from pipelines.sources.registry import all_contracts
from pipelines.storage.home import Home
from pipelines.storage.ledger import Ledger


@pytest.fixture
def filled(make_settings: Callable[..., Settings]) -> Callable[..., tuple[Settings, Ledger]]:
    """A home whose ledger knows files of igate, one a day, in a state."""

    def fill(count: int, *, stream: str = "dossiers", state: str = "landed") -> tuple[Settings, Ledger]:
        settings = make_settings()
        home = Home(settings.home)
        home.create()
        ledger = Ledger(home.ledger)
        for number in range(count):
            day = f"{2020 + number // 336}{number // 28 % 12 + 1:02}{number % 28 + 1:02}"
            ledger.add_landed(
                batch_id=f"igate.{stream}.{day}T010000.{number:012x}",
                source="igate",
                stream=stream,
                file_name=f"hoso_{day}.csv",
                sha256=f"{number:064x}",
                size_bytes=10,
                modified_at=None,
                period=day,
                exported_at=f"{day[:4]}-{day[4:6]}-{day[6:]} 01:00:00",
            )
        for batch in ledger.select():
            ledger.update(batch.batch_id, state=state)
        return settings, ledger

    return fill


@pytest.mark.parametrize("count", [0, 1, MOST_PIECES, MOST_PIECES + 1, 300, 5000])
def test_pieces_share_all_files_out_once_and_fit_an_xcom(count: int) -> None:
    name = max((c.name for c in all_contracts()), key=len)
    ids = sorted(f"{name}.{20200101 + i}T010000.{i:012x}" for i in range(count))
    pieces = cut(ids)
    assert len(pieces) <= MOST_PIECES
    assert len(json.dumps(pieces).encode()) < 4096
    taken = [[i for i in ids if p.partition("..")[0] <= i <= (p.partition("..")[2] or p)] for p in pieces]
    assert [i for part in taken for i in part] == ids
    if count <= MOST_PIECES:
        assert pieces == ids, "a usual night has a task for each file"


def test_a_piece_holds_its_files_and_says_which(filled: Callable[..., tuple[Settings, Ledger]]) -> None:
    settings, _ = filled(70)
    todo = due(settings, "igate", ("landed",), None)
    pieces = cut([b.batch_id for b in todo])
    first = within(pieces[0], todo)
    assert [b.file_name for b in first] == ["hoso_20200101.csv", "hoso_20200102.csv", "hoso_20200103.csv"]
    assert label(first) == "hoso_20200101.csv … hoso_20200103.csv (3 files)"
    assert label(first[:1]) == "hoso_20200101.csv"
    assert label(within("igate.dossiers.19990101T010000.0", todo)) == "nothing left to do"
    assert [b for p in pieces for b in within(p, todo)] == todo


def test_due_is_all_that_is_open_of_the_source_whoever_landed_it(
    filled: Callable[..., tuple[Settings, Ledger]],
) -> None:
    from datetime import date

    settings, ledger = filled(3)
    ledger.update(ledger.select()[0].batch_id, state="loaded")
    assert [b.file_name for b in due(settings, "igate", ("landed", "prepared"), None)] == [
        "hoso_20200102.csv",
        "hoso_20200103.csv",
    ]
    assert [b.file_name for b in due(settings, "igate", ("landed",), date(2020, 1, 3))] == ["hoso_20200103.csv"]
    assert due(settings, "mail", ("landed",), None) == []


def _step(ledger: Ledger, broken: dict[str, Exception]) -> Callable[..., Any]:
    """A step that moves files on, and breaks on some, as ours do: at the first one that is at fault."""

    def prepare(_settings: Settings, *, batch_ids: Sequence[str]) -> None:
        for batch in ledger.select(states=["landed"], batch_ids=batch_ids):
            if batch.file_name in broken:
                raise broken[batch.file_name]
            ledger.update(batch.batch_id, state="prepared", rows_in_file=7)

    return prepare


def test_a_file_that_breaks_is_named_and_all_others_are_done(
    filled: Callable[..., tuple[Settings, Ledger]],
) -> None:
    settings, ledger = filled(5)
    step = _step(ledger, {"hoso_20200102.csv": ValueError("0912345678 is no date")})
    with pytest.raises(InternalFault) as told:
        on_all(settings, step, due(settings, "igate", ("landed",), None))
    assert "igate.dossiers.20200102T010000.000000000001: ValueError" in str(told.value)
    assert "0912345678" not in str(told.value), "the text of a foreign error may hold values of rows"
    assert told.value.__cause__ is None
    assert [b.state for b in ledger.select()] == ["prepared", "landed", "prepared", "prepared", "prepared"]


@pytest.mark.parametrize("error", [WrongUse("no key"), SourceUnavailable("locked")])
def test_what_concerns_all_files_is_not_blamed_on_one(
    filled: Callable[..., tuple[Settings, Ledger]], error: Exception
) -> None:
    settings, ledger = filled(3)
    step = _step(ledger, {"hoso_20200102.csv": error})
    with pytest.raises(type(error)):
        on_all(settings, step, due(settings, "igate", ("landed",), None))


def test_a_full_disk_is_left_to_a_retry(filled: Callable[..., tuple[Settings, Ledger]]) -> None:
    settings, ledger = filled(1)
    step = _step(ledger, {"hoso_20200101.csv": OSError("No space left on device")})
    with pytest.raises(OSError, match="No space"):
        on_all(settings, step, due(settings, "igate", ("landed",), None))


def test_a_refused_file_turns_its_task_red_with_its_reason(
    filled: Callable[..., tuple[Settings, Ledger]],
) -> None:
    settings, ledger = filled(2)

    def prepare(_settings: Settings, *, batch_ids: Sequence[str]) -> None:
        ledger.update(batch_ids[0], state="refused", refusal="is no sheet.")
        ledger.update(batch_ids[1], state="prepared")

    with pytest.raises(DataRefused, match=r"1 of 2 files were refused: is no sheet\. Next: `cchc inspect"):
        on_all(settings, prepare, due(settings, "igate", ("landed",), None))


def test_nothing_to_do_calls_nothing(make_settings: Callable[..., Settings]) -> None:
    def prepare(_settings: Settings, *, batch_ids: Sequence[str]) -> None:
        raise AssertionError("must not be called")

    assert on_all(make_settings(), prepare, []) == {"files": 0, "rows": 0, "held_back": 0}
