"""Validation of prepared packages, from the ledger's view and the files it leaves."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.flows.validate import validate
from pipelines.settings import Settings
from pipelines.storage.home import Home
from pipelines.storage.ledger import Ledger
from tests.expectations.packages import add_package, dossier

Make = Callable[..., Settings]


def folder_of(settings: Settings, batch_id: str) -> Path:
    source, stream, *_ = batch_id.split(".")
    return Home(settings.home).package_of(source, stream, batch_id)


def rows_of(path: Path, columns: str = "*") -> list[tuple[Any, ...]]:
    return duckdb.execute(f"select {columns} from read_parquet($1)", [str(path)]).fetchall()


def verdict_of(settings: Settings, batch_id: str) -> dict[str, Any]:
    return json.loads((folder_of(settings, batch_id) / "verdict.json").read_text(encoding="utf-8"))  # type: ignore[no-any-return]


def test_rows_at_fault_go_to_quarantine_with_their_reasons(make_settings: Make) -> None:
    settings = make_settings()
    faulty = dossier(2, channel="7", received_at="mai", ended_at=None)
    clean = [dossier(n) for n in range(10, 20)]
    batch_id = add_package(settings, [dossier(1), faulty, dossier(3, due_at=None), *clean], rejects=[99, 100])
    (result,) = validate(settings)

    assert (result.passed, result.rows, result.failed_rows, result.flagged_rows) == (True, 13, 1, 2)
    folder = folder_of(settings, batch_id)
    assert rows_of(folder / "findings.parquet", "_row_number, rule, column_name, value, severity") == [
        (3, "bad_date", "received_at", "mai", "fail"),
        (3, "bad_enum", "channel", "7", "fail"),
        (3, "end_missing", "status_code, ended_at", "10", "warn"),
        (4, "due_missing", "due_at", None, "warn"),
        (99, "too_few_fields", None, "0f" * 8, "fail"),
        (100, "too_few_fields", None, "0f" * 8, "fail"),
    ]
    assert rows_of(folder / "quarantine.parquet", "_row_number, dossier_code, _rules") == [
        (3, "000.00.12.H15-200104-0002", ["bad_date", "bad_enum"])
    ]
    whole = duckdb.sql(f"describe from read_parquet('{folder / 'quarantine.parquet'}')").fetchall()
    prepared = duckdb.sql(f"describe from read_parquet('{folder / 'rows.parquet'}')").fetchall()
    assert [c[:2] for c in whole] == [*(c[:2] for c in prepared), ("_rules", "VARCHAR[]")]

    batch = Ledger(Home(settings.home).ledger).batch(batch_id)
    assert (batch.state, batch.rows_quarantined, batch.rows_flagged, batch.refusal) == ("validated", 3, 2, None)
    verdict = verdict_of(settings, batch_id)
    assert verdict["by_rule"] == {
        "bad_date": 1,
        "bad_enum": 1,
        "due_missing": 1,
        "end_missing": 1,
        "too_few_fields": 2,
    }
    assert verdict["passed"] is True
    assert (verdict["gx"]["success"], verdict["gx"]["failed"]) == (False, 2)


def test_many_small_files_of_a_stream_are_one_run_with_a_verdict_each(make_settings: Make) -> None:
    settings = make_settings()
    ids = []
    for number in range(1, 61):
        rows = [dossier(number * 100 + n) for n in range(20)]
        if number % 3 == 0:
            rows[4] = dossier(number * 100 + 4, status_code="99")
            rows[7] = dossier(number * 100)  # the key of the file's first row
        ids.append(add_package(settings, rows if number != 7 else [], number=number))
    seen: list[str] = []
    results = validate(settings, on_progress=seen.append)

    assert seen == [r.batch_id for r in results]
    assert sorted(seen) == sorted(ids)
    by_id = {r.batch_id: r for r in results}
    assert [by_id[i].failed_rows for i in ids] == [2 if n % 3 == 0 else 0 for n in range(1, 61)]
    for number, batch_id in enumerate(ids, start=1):
        held = rows_of(folder_of(settings, batch_id) / "quarantine.parquet", "_batch_id, _row_number, _rules")
        expected = [(batch_id, 6, ["bad_enum"]), (batch_id, 9, ["duplicate_key"])]
        assert held == (expected if number % 3 == 0 else [])
        assert verdict_of(settings, batch_id)["failed_rows"] == len(held)
    ledger = Ledger(Home(settings.home).ledger)
    assert {b.state for b in ledger.select()} == {"validated"}
    gates = ledger.rows("gates")
    assert [(g["kind"], g["subject"], g["passed"], g["failed"]) for g in gates] == [
        ("incoming", "igate.dossiers", True, 2)
    ]
    assert json.loads(gates[0]["detail"])["failed_rows"] == 40


def test_a_handful_of_faults_holds_rows_back_and_never_the_file(make_settings: Make) -> None:
    settings = make_settings()
    few = add_package(settings, [dossier(n, channel="x") for n in range(19)], number=1)
    many = add_package(settings, [dossier(100 + n, channel="x") for n in range(20)], number=2)
    results = {r.batch_id: r for r in validate(settings)}
    assert (results[few].passed, results[few].failed_rows) == (True, 19)
    assert not results[many].passed


def test_a_file_with_too_many_faults_is_refused_and_the_others_go_on(make_settings: Make) -> None:
    settings = make_settings(max_quarantine_share=0.3, min_refusal_rows=2)
    bad = add_package(settings, [dossier(1, channel="x"), dossier(2), dossier(3)], number=1, rejects=[9])
    good = add_package(settings, [dossier(1), dossier(2, channel="x"), dossier(3), dossier(4)], number=2)
    results = {r.batch_id: r for r in validate(settings)}

    assert results[good].passed
    assert not results[bad].passed
    refusal = Ledger(Home(settings.home).ledger).batch(bad).refusal
    assert refusal is not None
    for part in ("dossiers_1.csv", "2 of 4 rows", "0.3", "bad_number 1", "too_few_fields 1", "Next:"):
        assert part in refusal
    ledger = Ledger(Home(settings.home).ledger)
    assert (ledger.batch(bad).state, ledger.batch(good).state) == ("refused", "validated")
    assert verdict_of(settings, bad)["refusal"] == refusal
    assert ledger.rows("gates")[-1]["passed"] is False


@pytest.mark.parametrize("named", ["received_at", "Ngày tiếp nhận"])
def test_a_file_without_a_required_column_is_refused_by_its_label(make_settings: Make, named: str) -> None:
    settings = make_settings()
    lacking = add_package(settings, [dossier(1, received_at=None)], number=1, missing_columns=[named, "note"])
    good = add_package(settings, [dossier(1)], number=2)
    results = {r.batch_id: r for r in validate(settings)}
    assert results[good].passed
    refusal = results[lacking].refusal or ""
    assert "Ngày tiếp nhận (received_at)" in refusal
    assert "note" not in refusal
    assert Ledger(Home(settings.home).ledger).batch(lacking).state == "refused"


def test_an_empty_night_passes_and_an_empty_full_export_does_not(make_settings: Make) -> None:
    settings = make_settings()
    night = add_package(settings, [], number=1)
    agencies = add_package(settings, [], name="reference.agencies", number=2)
    results = {r.batch_id: r for r in validate(settings)}
    assert results[night].passed
    assert "everything is gone" in (results[agencies].refusal or "")
    assert rows_of(folder_of(settings, night) / "findings.parquet") == []
    assert rows_of(folder_of(settings, night) / "quarantine.parquet") == []


def test_a_package_of_another_contract_version_is_prepared_again(make_settings: Make) -> None:
    settings = make_settings()
    batch_id = add_package(settings, [dossier(1)], contract_version=0)
    assert validate(settings) == ()
    assert Ledger(Home(settings.home).ledger).batch(batch_id).state == "landed"


def test_only_what_is_prepared_and_named_is_validated(make_settings: Make) -> None:
    settings = make_settings()
    first = add_package(settings, [dossier(1)], number=1)
    second = add_package(settings, [dossier(1)], number=2)
    assert [r.batch_id for r in validate(settings, batch_ids=[second])] == [second]
    assert [r.batch_id for r in validate(settings)] == [first]
    assert validate(settings) == ()


def test_validating_again_gives_the_same_bytes(make_settings: Make) -> None:
    settings = make_settings()
    rows = [
        dossier(n, channel="x" if n % 4 == 0 else "1", due_at=None if n % 3 == 0 else "2020-02-01 00:00:00")
        for n in range(200)
    ]
    batch_id = add_package(settings, rows)
    folder = folder_of(settings, batch_id)
    names = ("findings.parquet", "quarantine.parquet", "verdict.json")
    validate(settings)
    before = [(folder / name).read_bytes() for name in names]
    Ledger(Home(settings.home).ledger).update(batch_id, state="prepared")  # as after a kill before the commit
    validate(settings)
    assert [(folder / name).read_bytes() for name in names] == before
    assert [p.name for p in folder.iterdir() if p.name.endswith(".tmp")] == []


def test_streams_are_validated_apart(make_settings: Make) -> None:
    settings = make_settings()
    step = {
        "dossier_code": "000.00.12.H15-200104-0001",
        "step_number": "1",
        "started_at": "2020-01-04 08:00:00",
        "processed_at": "2020-01-04 08:01:00",
        "status_code": "4",
    }
    add_package(settings, [dossier(1)], number=1)
    steps = [step, {**step, "step_number": "2"}, {**step, "step_number": "2"}]
    batch_id = add_package(settings, steps, name="igate.steps", number=2)
    results = {r.batch_id: r for r in validate(settings)}
    assert len(results) == 2
    assert (results[batch_id].failed_rows, results[batch_id].flagged_rows) == (1, 3)
