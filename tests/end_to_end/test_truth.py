"""Every planted fault is found under its own reason, and no clean row is accused."""

from __future__ import annotations

import json

import duckdb
import pytest

from pipelines.storage.ledger import Ledger
from tests.end_to_end.provinces import MONTHS, Province, loaded_province, province

SEEDS = (1, 2)


def _taken_in(seed: int) -> Province:
    """The first is published too, for others to look at."""
    return province(seed, 0.02) if seed == SEEDS[0] else loaded_province(seed, 0.02)


def _found(p: Province, severity: str) -> set[tuple[str, int, str]]:
    names = {b.batch_id: f"{b.source}/{b.stream}/{b.file_name}" for b in Ledger(p.home.ledger).select()}
    rows = duckdb.execute(
        "select distinct _batch_id, _row_number, rule from read_parquet($1) where severity = $2",
        [str(p.home.findings / "*" / "*" / "*.parquet"), severity],
    ).fetchall()
    return {(names[batch], number, rule) for batch, number, rule in rows}


def _planted(p: Province, outcome: str) -> set[tuple[str, int, str]]:
    return {(t["file"], t["row"], t["kind"]) for t in p.truth["planted"] if t["outcome"] == outcome}


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("outcome", "severity"), [("quarantined", "fail"), ("flagged", "warn")])
def test_every_planted_fault_is_found_and_none_invented(seed: int, outcome: str, severity: str) -> None:
    p = _taken_in(seed)
    planted = _planted(p, outcome)
    if severity == "warn":  # a quarantined row may break warnings too; the truth lists what it was planted for
        held = {(f, r) for f, r, _ in _found(p, "fail")}
        found = {x for x in _found(p, severity) if x[:2] not in held}
        planted = {x for x in planted if x[:2] not in held}
    else:
        found = _found(p, severity)
    assert len(planted) > 10 * MONTHS
    assert found - planted == set(), "accused without cause"
    assert planted - found == set(), "planted, not found"


@pytest.mark.parametrize("seed", SEEDS)
def test_rows_that_only_look_odd_are_loaded(seed: int) -> None:
    p = _taken_in(seed)
    odd = {(t["file"], t["row"]) for t in p.truth["planted"] if t["outcome"] == "normalised"}
    held = {(f, r) for f, r, _ in _found(p, "fail")}
    assert odd
    assert odd & held == set()


@pytest.mark.parametrize("seed", SEEDS)
def test_declared_non_data_rows_are_counted_by_kind(seed: int) -> None:
    p = _taken_in(seed)
    planted: dict[tuple[str, str], int] = {}
    for t in p.truth["planted"]:
        if t["outcome"] == "non_data":
            planted[t["file"], t["kind"]] = planted.get((t["file"], t["kind"]), 0) + 1
    assert planted
    for b in Ledger(p.home.ledger).select():
        package = json.loads((p.home.package_of(b.source, b.stream, b.batch_id) / "package.json").read_text())
        by_kind = package["counts"]["non_data_by_kind"]
        file = f"{b.source}/{b.stream}/{b.file_name}"
        for kind in ("title", "total", "blank"):
            if b.source != "mail":
                assert by_kind.get(kind, 0) == planted.get((file, kind), 0), (file, kind)


@pytest.mark.parametrize("seed", SEEDS)
def test_row_accounting_closes_for_every_file(seed: int) -> None:
    p = _taken_in(seed)
    batches = Ledger(p.home.ledger).select()
    assert {b.state for b in batches} == {"loaded"}
    assert [b.batch_id for b in batches if not b.accounting_closes] == []


def test_dirt_changes_no_figure() -> None:
    query = (
        "select agency_code, month, rule_code, received_count, resolved_count, early_count, on_time_count, late_count, "
        "unexplained_count from marts.rpt_dossier_resolution order by all"
    )
    assert province(1, 0.02).marts().execute(query).fetchall() == province(1, 0.0).marts().execute(query).fetchall()
