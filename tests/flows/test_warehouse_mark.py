"""A build database is gone on with only by the warehouse that made it."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pytest

from pipelines.flows import warehouse_mark
from pipelines.flows.build import _is_ours
from pipelines.flows.dbt_parsing import PROJECT


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the warehouse that a test may change."""
    copy = tmp_path / "warehouse"
    shutil.copytree(PROJECT, copy, ignore=shutil.ignore_patterns("target", "logs"))
    mark = warehouse_mark.warehouse_mark
    monkeypatch.setattr(warehouse_mark, "warehouse_mark", lambda: mark(copy))
    return copy


def _database(folder: Path) -> Path:
    database = folder / "build.duckdb"
    with duckdb.connect(str(database)) as connection:
        warehouse_mark.write_mark(connection)
    return database


@pytest.mark.parametrize(
    ("file", "ours"),
    [
        ("seeds/office_hours.csv", False),
        ("seeds/calendar_years.csv", False),
        ("models/intermediate/int_dossier__clock.sql", False),
        ("macros/working_time.sql", False),
        ("dbt_project.yml", False),
        ("models/marts/_facts.yml", True),
        ("models/unit_tests/working_time.yml", True),
    ],
)
def test_what_figures_depend_on_is_marked(project: Path, tmp_path: Path, file: str, ours: bool) -> None:
    database = _database(tmp_path)
    assert _is_ours(database)
    with (project / file).open("a", encoding="utf-8") as changed:
        changed.write("\n")
    assert _is_ours(database) is ours


def test_a_database_without_a_mark_is_of_another_warehouse(tmp_path: Path) -> None:
    database = tmp_path / "build.duckdb"
    with duckdb.connect(str(database)) as connection:
        connection.execute("create schema marts")
    assert not _is_ours(database)
    assert not _is_ours(tmp_path / "none.duckdb")
