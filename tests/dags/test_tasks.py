"""What the tasks do, called as Airflow calls them but without a scheduler."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import dags.monthly_report
import dags.release
import dags.sources
from pipelines.flows.collect import collect
from pipelines.flows.load import load
from pipelines.flows.prepare import prepare
from pipelines.flows.validate import validate
from pipelines.settings import Settings
from pipelines.storage.home import Home
from pipelines.storage.ledger import Ledger
from tests.conftest import TEST_KEY
from tests.end_to_end.provinces import exports_of

Set = Callable[..., dict[str, Any]]


@pytest.fixture
def context(monkeypatch: pytest.MonkeyPatch) -> Set:
    """Say what a run is: its type, its logical date, its params."""

    def put(run_type: str = "scheduled", logical_date: datetime | None = None, **params: Any) -> dict[str, Any]:
        run = SimpleNamespace(run_type=run_type, logical_date=logical_date, run_after=logical_date)
        told: dict[str, Any] = {"params": {"export_date": None, "month": None} | params, "dag_run": run}
        for module in (dags.sources, dags.monthly_report):
            monkeypatch.setattr(module, "get_current_context", lambda: told)
        return told

    return put


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings as a task finds them: in the environment. Airflow knows no inbox connection."""
    monkeypatch.setenv("CCHC_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CCHC_PSEUDONYM_KEY", TEST_KEY)
    monkeypatch.setenv("CCHC_SETTLE_SECONDS", "0")
    monkeypatch.setattr(dags.sources, "inbox", lambda: None)
    settings = Settings()
    Home(settings.home).create()
    return settings


def _call(source: str, task_id: str, *arguments: Any) -> Any:
    return _python_callable(dags.sources.source_dag(source).get_task(task_id))(*arguments)


def _python_callable(task: Any) -> Callable[..., Any]:
    found: Callable[..., Any] = getattr(task, "python_callable", None) or task.partial_kwargs["python_callable"]
    return found


def _drop(settings: Settings, name: str, stamp: str) -> None:
    target = Home(settings.home).inbox / "reference" / "agencies" / name
    target.parent.mkdir(parents=True, exist_ok=True)
    (found,) = (exports_of(1, 0.0, 2) / "reference" / "agencies").glob("*.csv")
    shutil.copy(found, target)
    with target.open("a", encoding="utf-8") as out:
        out.write("\n" * (len(stamp) % 3))  # other bytes: the same ones twice are one export
    os.utime(target)


def test_the_day_of_a_run(context: Set) -> None:
    evening = datetime(2020, 2, 1, 18, 30, tzinfo=UTC)  # half past one on the second, in Vietnam
    for told, day in (
        (context("scheduled", evening), None),
        (context("manual", evening), None),
        (context("manual", None), None),
        (context("backfill", evening), date(2020, 2, 2)),
        (context("manual", None, export_date="2020-03-04"), date(2020, 3, 4)),
        (context("backfill", evening, export_date="2020-03-04"), date(2020, 3, 4)),
    ):
        context(told["dag_run"].run_type, told["dag_run"].logical_date, **told["params"])
        assert dags.sources.export_day() == day


def test_the_month_of_a_report(context: Set) -> None:
    context("scheduled", datetime(2020, 2, 29, 20, tzinfo=UTC))  # the first of March in Vietnam
    assert dags.monthly_report.month_wanted() == date(2020, 2, 1)
    context("manual", datetime(2020, 1, 15, tzinfo=UTC))
    assert dags.monthly_report.month_wanted() == date(2019, 12, 1)
    context("manual", None, month="2021-04")
    assert dags.monthly_report.month_wanted() == date(2021, 4, 1)


def test_a_backfill_takes_only_the_exports_of_its_day(settings: Settings, context: Set) -> None:
    _drop(settings, "agencies_all_20200201T010000.csv", "1")
    _drop(settings, "agencies_all_20200202T010000.csv", "22")
    context("backfill", datetime(2020, 2, 1, 18, 30, tzinfo=UTC))
    assert _call("reference", "collect")["landed"] == 1
    (piece,) = _call("reference", "files")
    assert piece.startswith("reference.agencies.20200202T010000.")
    context("scheduled")
    assert _call("reference", "collect")["landed"] == 1
    assert len(_call("reference", "files")) == 2


def test_a_package_of_an_older_contract_is_made_again_and_a_lost_one_is_listed(
    settings: Settings, context: Set
) -> None:
    told = context()
    _drop(settings, "agencies_all_20200201T010000.csv", "1")
    collect(settings)
    prepare(settings)
    home = Home(settings.home)
    ledger = Ledger(home.ledger)
    (batch,) = ledger.select()
    package = home.package_of(batch.source, batch.stream, batch.batch_id) / "package.json"
    content = json.loads(package.read_text(encoding="utf-8"))
    package.write_text(json.dumps(content | {"contract_version": 0}), encoding="utf-8")
    _call("reference", "take_in.validate", batch.batch_id)
    assert ledger.batch(batch.batch_id).state == "validated"
    assert json.loads(package.read_text(encoding="utf-8"))["contract_version"] == content["contract_version"]
    assert told["label"] == "agencies_all_20200201T010000.csv"
    shutil.rmtree(home.build)
    assert _call("reference", "files") == [batch.batch_id]


@pytest.mark.parametrize("task_id", ["gate", "publish"])
def test_what_is_loaded_while_a_release_runs_waits_for_the_next_one(settings: Settings, task_id: str) -> None:
    """``build`` found nothing in the lake; before the next task began, a source had loaded."""
    from airflow.sdk.exceptions import AirflowSkipException

    _drop(settings, "agencies_all_20200201T010000.csv", "1")
    for step in (collect, prepare, validate, load):
        step(settings)
    with pytest.raises(AirflowSkipException, match="Nothing is built yet"):
        _python_callable(dags.release.release().get_task(task_id))()


def test_without_a_key_nothing_is_collected(settings: Settings, context: Set, monkeypatch: pytest.MonkeyPatch) -> None:
    from pipelines.domain.errors import WrongUse

    context()
    monkeypatch.delenv("CCHC_PSEUDONYM_KEY")
    with pytest.raises(WrongUse, match="no pseudonym key"):
        _call("reference", "collect")


@pytest.mark.parametrize(
    ("kept", "address"),
    [
        ({"conn_type": "fs", "extra": json.dumps({"path": "/srv/inbox"})}, "/srv/inbox"),
        (
            {"conn_type": "sftp", "host": "drop", "port": 2222, "login": "drop", "password": "s3cret", "schema": ""},
            "sftp://drop:s3cret@drop:2222/",
        ),
        ({"conn_type": "sftp", "host": "drop", "login": "drop", "schema": "exports"}, "sftp://drop@drop/exports"),
    ],
)
def test_the_inbox_connection_as_an_address(
    kept: dict[str, Any], address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from airflow.sdk import Connection

    connection = Connection(conn_id="cchc_inbox", **kept)
    monkeypatch.setattr(dags.sources.Connection, "get", lambda _: connection)
    assert dags.sources.inbox() == address
