"""Killed anywhere in ``load``, ``publish`` or ``report`` and run again: the same content as undisturbed."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import duckdb
import pytest

from pipelines.flows.load import load
from pipelines.flows.prepare import prepare
from pipelines.flows.publish import publish
from pipelines.flows.report import report
from pipelines.flows.run import shows_current
from pipelines.storage.home import Home
from pipelines.storage.ledger import Ledger
from pipelines.storage.snapshots import current_name, manifest_of, open_current, snapshot_names
from tests.crash import killing
from tests.crash.stages import (
    Fingerprint,
    accounts_of,
    at,
    fingerprint,
    lake_of,
    litter_of,
    marts_of,
    settings_of,
    stage,
)

# Where in a step it dies, as a share of its changes to the file system.
IN_LOAD = [0.0, 0.2, 0.6, 0.97]
IN_PUBLISH = [0.05, 0.4, 0.94, 0.97, 1.0]


def _point(total: int, share: float) -> int:
    """The number of a change: the first at 0, the last at 1."""
    return 1 + round(share * (total - 1))


@cache
def whole_lake() -> Fingerprint:
    return lake_of(stage("loaded"))


@cache
def _report_changes() -> int:
    return killing.changes_of(report, at("published"))


@cache
def _prepare_changes() -> int:
    return killing.changes_of(prepare, at("collected"))


@pytest.fixture(scope="module")
def load_changes() -> int:
    return killing.changes_of(load, at("validated"))


@pytest.fixture(scope="module")
def publish_changes() -> int:
    return killing.changes_of(publish, at("gated"))


@pytest.mark.parametrize("share", IN_LOAD)
def test_killed_in_load(load_changes: int, share: float) -> None:
    home = at("validated")
    killing.kill(load, home, dies_before=_point(load_changes, share))
    half = {b.batch_id for b in Ledger(Home(home).ledger).select(states=["validated"])}
    assert half, "the kill came too late to matter"
    load(settings_of(home))
    assert accounts_of(home) == accounts_of(stage("loaded"))
    assert lake_of(home) == whole_lake()
    assert litter_of(home) == []


def test_killed_twice_at_the_same_place_in_load(load_changes: int) -> None:
    home = at("validated")
    for share in (0.5, 0.5, 0.1):
        killing.kill(load, home, dies_before=_point(load_changes, share))
    load(settings_of(home))
    assert accounts_of(home) == accounts_of(stage("loaded"))
    assert lake_of(home) == whole_lake()


@pytest.mark.parametrize("share", IN_PUBLISH)
def test_killed_in_publish(publish_changes: int, share: float) -> None:
    home = at("gated")
    before = current_name(Home(home))
    killing.kill(publish, home, dies_before=_point(publish_changes, share))
    _assert_whole(home, {before, current_name(Home(home))})
    result = publish(settings_of(home))
    _assert_whole(home, {result.snapshot})
    wanted = marts_of(stage("built"))
    with open_current(Home(home)) as connection:
        assert fingerprint(connection) == wanted
    reference = Home(stage("published"))
    name = current_name(reference)
    assert name is not None
    assert result.content_hash == manifest_of(reference, name)["content_hash"]
    assert not Ledger(Home(home).ledger).unpublished
    assert len(snapshot_names(Home(home))) == 2
    assert litter_of(home) == []


def _assert_whole(home: Path, allowed: set[str | None]) -> None:
    """What the pointer shows holds what its manifest says, and each table's Parquet says the same."""
    name = current_name(Home(home))
    assert name in allowed
    assert name is not None
    tables = manifest_of(Home(home), name)["tables"]
    with open_current(Home(home)) as connection:
        found = fingerprint(connection)
    assert {t: (told["rows"], told["hash"]) for t, told in tables.items()} == {
        t: (rows, f"{total or 0}-{mixed or 0}") for t, (rows, total, mixed) in found.items()
    }
    for table, told in tables.items():
        path = Home(home).published / "parquet" / name / f"{table}.parquet"
        assert duckdb.execute("select count(*) from read_parquet($1)", [str(path)]).fetchone() == (told["rows"],)


@pytest.mark.parametrize("share", [0.4, 0.9])
def test_killed_in_report(share: float) -> None:
    home = at("published")
    old = (home / "site" / "index.html").read_bytes()
    killing.kill(report, home, dies_before=_point(_report_changes(), share))
    assert (home / "site" / "index.html").exists(), "a reader would have found no page"
    report(settings_of(home))
    assert shows_current(Home(home))
    new = stage_pages()
    assert {p.name: p.read_bytes() for p in (home / "site").iterdir()} == new
    assert old != new["index.html"]
    assert len([p for p in (home / "published" / "sites").iterdir() if not p.name.startswith(".")]) == 1


@cache
def stage_pages() -> dict[str, bytes]:
    home = at("published")
    report(settings_of(home))
    return {p.name: p.read_bytes() for p in (home / "site").iterdir()}


@pytest.mark.parametrize("share", [0.1, 0.7])
def test_killed_in_prepare(share: float) -> None:
    home = at("collected")
    killing.kill(prepare, home, dies_before=_point(_prepare_changes(), share))
    prepare(settings_of(home))
    assert accounts_of(home) == accounts_of(stage("prepared"))
    assert _packages(home) == _packages(stage("prepared"))


def _packages(home: Path) -> dict[str, bytes]:
    """The files of every package: made again they are the same, byte for byte."""
    root = Home(home).packages
    files = [p for p in root.rglob("*") if p.is_file() and not any(q.name.startswith(".") for q in p.parents)]
    return {str(p.relative_to(root)): p.read_bytes() for p in files}


def test_the_manifest_tells_what_is_known(publish_changes: int) -> None:
    name = current_name(Home(stage("published")))
    told = json.loads((Home(stage("published")).published / f"{name}.json").read_text(encoding="utf-8"))
    with open_current(Home(stage("published"))) as connection:
        newest = connection.execute("select max(as_of)::varchar from marts.rpt_source_freshness").fetchone()
    assert newest == (told["as_of"],)
    assert publish_changes > len(told["tables"])
