"""How things stand, and whether an installation is well."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from pipelines.cli.job import _show_status
from pipelines.domain.errors import WrongUse
from pipelines.flows.doctor import create_key, doctor
from pipelines.flows.load import load
from pipelines.flows.status import EndedAgency, status
from pipelines.flows.validate import validate
from pipelines.settings import Settings
from pipelines.storage.home import Home
from pipelines.storage.ledger import Ledger
from pipelines.storage.snapshots import point_to
from tests.expectations.packages import add_package, dossier

Make = Callable[..., Settings]


def test_a_home_that_is_not_there_has_no_standing_and_is_not_made(make_settings: Make) -> None:
    settings = make_settings()
    told = status(settings)
    assert (told.streams, told.files, told.publication, told.accounting_closes) == ((), (), None, True)
    assert not settings.home.exists()


def test_streams_files_age_and_accounting(make_settings: Make) -> None:
    settings = make_settings()
    add_package(settings, [dossier(n) for n in range(10)], number=1, rejects=[50])
    add_package(settings, [], name="reference.agencies", number=2)
    validate(settings)
    load(settings)
    told = status(settings, now=datetime(2020, 2, 11, 1))
    streams = {f"{s.source}.{s.stream}": s for s in told.streams}
    dossiers = streams["igate.dossiers"]
    assert (dossiers.rows_in_file, dossiers.rows_loaded, dossiers.rows_quarantined, dossiers.rows_non_data) == (
        *(12, 10, 1, 1),
    )
    assert (dossiers.age_days, dossiers.stale, dossiers.accounting_closes) == (10.0, True, True)
    assert not {s.source: s for s in status(settings, now=datetime(2020, 2, 2)).streams}["igate"].stale
    agencies = streams["reference.agencies"]
    assert (agencies.loaded_files, agencies.refused_files, agencies.age_days) == (0, 1, None)
    assert told.states == {"loaded": 1, "refused": 1}
    assert {f.state: f.closes for f in told.files} == {"loaded": True, "refused": None}
    assert {g.subject: g.passed for g in told.gates} == {"igate.dossiers": True, "reference.agencies": False}
    assert told.accounting_closes


def test_accounts_that_do_not_close_are_told(make_settings: Make) -> None:
    settings = make_settings()
    batch_id = add_package(settings, [dossier(1)])
    validate(settings)
    load(settings)
    Ledger(Home(settings.home).ledger).update(batch_id, rows_loaded=0)
    told = status(settings)
    assert not told.accounting_closes
    assert [f.closes for f in told.files] == [False]


def test_agencies_whose_figures_nobody_took_over_are_named(
    make_settings: Make, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = make_settings()
    add_package(settings, [dossier(1)])
    home, name = Home(settings.home), "marts_20260101T000000_x"
    home.published.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(home.published / f"{name}.duckdb")) as connection:
        connection.execute(
            "create schema marts; create table marts.dim_agency as select * from (values "
            "('H15.31', 'UBND thành phố', date '2025-06-30'), ('H15.32', 'UBND thị xã', date '2025-06-30'), "
            "('H15.01', 'Sở Nội vụ', null)) as t(agency_code, agency_name, valid_to); "
            "create table marts.rpt_quality as select * from (values ('H15.31', 'ended_without_successor'), "
            "('H15.32', 'row_loaded')) as t(agency_code, rule_code)"
        )
    manifest = {"as_of": None, "tables": {"dim_agency": {"rows": 3}, "rpt_quality": {"rows": 2}}}
    (home.published / f"{name}.json").write_text(json.dumps(manifest), encoding="utf-8")
    point_to(home, name)
    told = status(settings)
    assert told.ended_agencies == (EndedAgency("H15.31", "UBND thành phố", "2025-06-30"),)
    _show_status(told, files=False)
    said = " ".join(capsys.readouterr().out.split())
    assert "UBND thành phố (H15.31) ended on 2025-06-30, and no row says who took its figures over." in said
    assert "docs/agencies.md" in said


def test_a_sound_installation(make_settings: Make) -> None:
    checks = {c.name: c for c in doctor(make_settings())}
    assert [c.name for c in checks.values() if not c.well and c.name != "disk"] == []
    for name in ("Python", "duckdb", "dbt-core", "great-expectations", "pseudonym key", "home", "ledger"):
        assert checks[name].found


def test_what_is_not_well_says_what_to_do(make_settings: Make, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    checks = {c.name: c for c in doctor(make_settings(home=tmp_path / "file", pseudonym_key=None))}
    for name in ("pseudonym key", "home"):
        assert not checks[name].well
        assert checks[name].next_step


def test_another_key_is_noticed(make_settings: Make) -> None:
    settings = make_settings()
    add_package(settings, [dossier(1)])
    assert {c.name: c for c in doctor(settings)}["ledger"].well
    other = {c.name: c for c in doctor(make_settings(pseudonym_key="another key, long enough"))}["ledger"]
    assert (other.well, "another key" in other.found) == (False, True)


def test_a_key_is_made_once_and_only_its_owner_reads_it(make_settings: Make, tmp_path: Path) -> None:
    path = create_key(tmp_path / "secrets" / "key")
    assert path.stat().st_mode & 0o777 == 0o600
    assert len(make_settings(pseudonym_key=None, pseudonym_key_file=path).key) == 64
    with pytest.raises(WrongUse, match="is there already"):
        create_key(path)
    assert create_key(tmp_path / "other").read_bytes() != path.read_bytes()
    with pytest.raises(WrongUse, match="cannot be read"):
        _ = make_settings(pseudonym_key=None, pseudonym_key_file=tmp_path / "nowhere").key


def test_settings_never_show_the_key(make_settings: Make) -> None:
    settings = make_settings()
    assert "for tests only" not in repr(settings)
    assert "for tests only" not in settings.model_dump_json()
    assert settings.key_fingerprint not in settings.key.decode()
