"""The main job: what it does, what it refuses, and what it leaves alone."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from pipelines.domain.errors import DataRefused, SourceUnavailable, WrongUse
from pipelines.flows.collect import collect
from pipelines.flows.plan import plan
from pipelines.flows.publish import publish
from pipelines.flows.rollback import rollback
from pipelines.flows.run import Progress, run
from pipelines.flows.status import status
from pipelines.settings import Settings
from pipelines.storage.home import Home
from pipelines.storage.ledger import Ledger
from pipelines.storage.snapshots import current_name, snapshot_names
from tests.crash.stages import ROTTEN, accounts_of, at, bring, copy_of, first_night, marts_of, settings_of, stage
from tests.few_marts import few_marts
from tests.forked_dbt import forked_dbt


def test_rotten_files_are_refused_with_their_reason_and_the_rest_is_published() -> None:
    home, result = first_night()
    refused = dict(result.refused)
    assert set(refused) == set(ROTTEN)
    for name, (_, said) in ROTTEN.items():
        assert said in refused[name]
        assert Path(name).name in refused[name]
    assert (result.nothing_new, result.faults) == (False, ())
    assert result.snapshot == current_name(Home(home))
    assert result.page is not None
    assert Path(result.page).exists()
    with duckdb.connect(str(Home(home).published / f"{result.snapshot}.duckdb"), read_only=True) as connection:
        assert connection.execute("select count(*) > 0 from marts.fct_dossier").fetchone() == (True,)
    assert [s.name for s in result.steps] == [
        *("collect", "prepare", "validate", "load", "build", "gate", "publish", "report")
    ]


def test_the_row_accounting_of_every_file_closes() -> None:
    home, result = first_night()
    told = status(settings_of(home))
    assert told.accounting_closes
    loaded = [f for f in told.files if f.state == "loaded"]
    assert all(f.closes for f in loaded)
    assert {f.file for f in told.files if f.state == "refused"} == set(ROTTEN)
    assert sum(f.rows_in_file or 0 for f in loaded) == result.rows_in_file
    assert result.rows_quarantined > 0
    for file in loaded:
        source, stream, _ = file.file.split("/")
        path = Home(home).lake / source / stream / f"{file.batch_id}.parquet"
        assert duckdb.execute("select count(*) from read_parquet($1)", [str(path)]).fetchone() == (file.rows_loaded,)


def test_a_second_run_does_nothing_and_says_so() -> None:
    home = copy_of(first_night()[0])
    before, moment = marts_of(home), Home(home).warehouse.stat().st_mtime_ns
    heard: list[Progress] = []
    result = run(settings_of(home), on_progress=heard.append)
    assert result.nothing_new
    assert [s.name for s in result.steps] == ["collect"]
    assert {p.step for p in heard} == {"collect"}
    assert (result.collected.landed, result.rows_in_file) == ((), 0)
    assert result.snapshot == current_name(Home(home))
    assert Home(home).warehouse.stat().st_mtime_ns == moment
    assert marts_of(home) == before
    assert len(snapshot_names(Home(home))) == 1


def test_a_plan_says_what_a_run_would_do_and_changes_nothing() -> None:
    home = copy_of(first_night()[0])
    assert plan(settings_of(home)).nothing_new
    bring(home, 2)
    files = {p: p.stat().st_mtime_ns for p in home.rglob("*") if p.is_file()}
    accounts = accounts_of(home)
    told = plan(settings_of(home))
    assert not told.nothing_new
    assert told.to_prepare == told.to_load == {
        **{"igate.dossiers": 1, "igate.steps": 1, "mail.postfix": 1, "mail.zimbra_audit": 1}
    }  # fmt: skip
    assert (told.to_publish, told.full_build) == (True, False)
    changed = {p for p in home.rglob("*") if p.is_file() and files.get(p) != p.stat().st_mtime_ns}
    # SQLite brings its log home when the last one closes it; what the ledger says is the same.
    assert {p.name for p in changed} <= {"ledger.sqlite", "ledger.sqlite-wal", "ledger.sqlite-shm"}
    assert accounts_of(home) == accounts


def test_a_plan_of_a_fresh_home_leaves_it_unmade(make_settings: type[Settings], tmp_path: Path) -> None:
    assert plan(make_settings()).nothing_new
    assert not (tmp_path / "home").exists()


def test_a_red_gate_refuses_and_the_pointer_stays() -> None:
    home = at("built")
    before = current_name(Home(home))
    with duckdb.connect(str(Home(home).warehouse)) as connection:
        connection.execute("delete from marts.fct_dossier")
    for attempt in (run, publish, run):
        with forked_dbt(), few_marts(), pytest.raises(DataRefused, match="gate is red") as refused:
            attempt(settings_of(home))
        assert refused.value.exit_code == 3
        assert "fct_dossier" in str(refused.value)
    assert current_name(Home(home)) == before
    assert Ledger(Home(home).ledger).unpublished
    gate = next(g for g in status(settings_of(home)).gates if g.kind == "release")
    assert not gate.passed


def test_an_unreachable_inbox_does_not_hold_up_what_had_landed() -> None:
    home = at("built")
    with forked_dbt(), few_marts(), pytest.raises(SourceUnavailable, match="is not there") as error:
        run(settings_of(home), inbox=str(home / "nowhere"))
    assert (error.value.exit_code, error.value.retryable) == (4, True)
    assert not Ledger(Home(home).ledger).unpublished
    assert len(snapshot_names(Home(home))) == 2


def test_without_a_key_nothing_is_read(tmp_path: Path) -> None:
    bring(tmp_path / "home", 1)
    settings = Settings(home=tmp_path / "home", pseudonym_key=None, settle_seconds=0)
    with pytest.raises(WrongUse, match="no pseudonym key") as error:
        run(settings)
    assert error.value.exit_code == 2
    assert [p.name for p in (tmp_path / "home").iterdir()] == ["inbox"]


@pytest.mark.parametrize("key", ["", "short"])
def test_a_short_key_is_refused(tmp_path: Path, key: str) -> None:
    with pytest.raises(WrongUse, match="shorter than"):
        run(settings_of(tmp_path, pseudonym_key=key))


def test_another_key_than_before_is_refused() -> None:
    home = copy_of(first_night()[0])
    bring(home, 2)
    with pytest.raises(WrongUse, match="not the one this home was filled with"):
        run(settings_of(home, pseudonym_key="quite another key, long enough"))
    assert not Ledger(Home(home).ledger).select(states=["landed", "prepared"])


def test_rollback_shows_the_former_state_until_new_data_come() -> None:
    home = at("published")
    newest = current_name(Home(home))
    moved = rollback(settings_of(home))
    assert moved.before == newest
    assert moved.now == current_name(Home(home)) == snapshot_names(Home(home))[0]
    assert moved.as_of is not None
    assert run(settings_of(home)).nothing_new
    assert current_name(Home(home)) == moved.now
    assert rollback(settings_of(home), to=f"{newest}.duckdb").now == newest
    with pytest.raises(WrongUse, match="There is no snapshot marts_x"):
        rollback(settings_of(home), to="marts_x")
    rollback(settings_of(home))
    with pytest.raises(WrongUse, match="no snapshot before"):
        rollback(settings_of(home))
    assert current_name(Home(home)) == moved.now


def test_nothing_to_roll_back(make_settings: type[Settings]) -> None:
    with pytest.raises(WrongUse, match="Nothing is published"):
        rollback(make_settings())


def test_a_batch_whose_package_is_gone_is_prepared_again() -> None:
    home = at("validated")
    import shutil

    shutil.rmtree(Home(home).packages)
    from pipelines.flows.run import send_back_lost_packages

    ledger = Ledger(Home(home).ledger)
    lost = send_back_lost_packages(Home(home), ledger)
    assert sorted(lost) == sorted(b.batch_id for b in ledger.select(states=["landed"]))
    assert lost


def test_what_a_stage_holds_is_not_collected_again() -> None:
    home = at("published")
    again = collect(settings_of(home))
    assert again.landed == ()
    assert again.known == len(Ledger(Home(stage("published")).ledger).select())
