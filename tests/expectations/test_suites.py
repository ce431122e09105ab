"""The suites: kept as golden files, complete, and counting the very rows that the row rules name."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import duckdb
import pytest

from expectations import batches, suites
from expectations.row_rules import DUPLICATE_KEY, rules_of
from pipelines.domain.contracts import Column, Contract
from pipelines.domain.errors import InternalFault
from pipelines.sources.registry import all_contracts, contract_for
from tests.examples import examples
from tests.expectations.packages import Row, dossier, write_rows

CONTRACTS = all_contracts()
STRANGE: tuple[str | None, ...] = (
    None,
    "",
    "0",
    "-1",
    "05",
    "5.7",
    "1e3",
    "1_000",
    "9" * 25,
    "1234.5",
    "-0.25",
    "nan",
    "true",
    "TRUE",
    "2020-02-29",
    "2021-02-29",
    "2020-01-05 07:30:00",
    "2020-01-05 07:30:00.123",
    "2020-13-05 07:30:00",
    "2020-01-05 25:00:00",
    "epoch",
    "infinity",
    'it\'s "quoted" {braces} %s :bind $1',
    "Đắk Lắk",
    "p_0123456789abcdef0123456789abcdef",
)
TIDY: tuple[str, ...] = (
    "000.00.12.H15",
    "000.05.31.H15",
    "H15.31.05",
    "000.00.12.H15-200104-0001",
    "1.001234",
    "G01-GD05",
    "15/KH-UBND",
    "2020",
    "3",
    "80",
    "2020-01-05",
    "2020-01-05 08:00:00",
    "p_abc@sgddt.daklak.gov.vn",
)


def _random_rows(contract: Contract, *, seed: int, count: int) -> list[Row]:
    """Rows of which about half the values are tidy for their column, so that every rule is kept and broken."""
    chance = random.Random(seed)
    return [{c.name: _random_value(chance, c) for c in contract.columns} for _ in range(count)]


def _random_value(chance: random.Random, column: Column) -> str | None:
    if column.enum and chance.random() < 0.5:
        return chance.choice(list(column.enum))
    return chance.choice(TIDY if chance.random() < 0.6 else STRANGE)


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda c: c.name)
def test_a_changed_rule_shows_in_review(contract: Contract) -> None:
    golden = suites.GOLDEN / f"{contract.name}.json"
    assert golden.read_text(encoding="utf-8") == suites.golden_text(contract), (
        "the rules changed: look at the difference after `python -m expectations.suites`, then commit it"
    )


def test_there_is_a_golden_file_for_every_contract_and_no_other() -> None:
    assert len(CONTRACTS) > 10
    assert {p.stem for p in suites.GOLDEN.glob("*.json")} == {c.name for c in CONTRACTS}


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda c: c.name)
def test_every_rule_has_one_expectation_with_its_severity(contract: Contract) -> None:
    told = {}
    for expectation in suites.build_suite(contract).expectations:
        meta: dict[str, Any] = dict(expectation.meta or {})
        told[meta["rule"], meta["column"]] = (meta["severity"], str(expectation.severity.value))
        assert expectation.description
    wanted = {(r.code, r.column_name): str(r.severity) for r in rules_of(contract)}
    if contract.key:
        wanted[DUPLICATE_KEY, ", ".join(contract.key)] = "fail"
    wanted[suites.EMPTY_FILE, ""] = "fail" if contract.full_export else "warn"
    names = {"fail": "critical", "warn": "warning"}
    assert told == {rule: (severity, names[severity]) for rule, severity in wanted.items()}


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda c: c.name)
@pytest.mark.parametrize("seed", range(1, 1 + examples(1)))
def test_great_expectations_and_the_row_rules_count_the_same_rows(
    tmp_path: Path, contract: Contract, seed: int
) -> None:
    rows = _random_rows(contract, seed=seed, count=400)
    paths = [
        write_rows(tmp_path / "1.parquet", contract, "one", rows[:250]),
        write_rows(tmp_path / "2.parquet", contract, "two", rows[250:]),
    ]
    with duckdb.connect() as connection:
        outcome = batches.check_packages(connection, contract, rows=paths)  # raises when they differ
        batches.collect_findings(connection, contract)  # now all rules, also those GX calls unbroken
        ours = batches.counts_of_findings(connection)
    theirs = outcome.counts
    assert ours == {rule: count for rule, count in theirs.items() if count}
    assert len(ours) >= min(3, len(theirs)), "the data breaks next to nothing"
    assert theirs.keys() >= {(r.code, r.column_name) for r in rules_of(contract)}
    assert not outcome.success
    assert outcome.failed + outcome.warned == sum(1 for count in theirs.values() if count)


def test_on_many_rows_nearly_every_rule_is_broken_and_kept(tmp_path: Path) -> None:
    contract = contract_for("igate", "dossiers")
    path = write_rows(tmp_path / "1.parquet", contract, "one", _random_rows(contract, seed=3, count=3000))
    with duckdb.connect() as connection:
        outcome = batches.check_packages(connection, contract, rows=[path])
    # no two of these rows are both complete and alike, so what needs two good values is rare
    unbroken = {rule for rule, count in outcome.counts.items() if count == 0}
    assert len(unbroken) <= 2, unbroken
    assert max(outcome.counts.values()) < 3000


def test_clean_rows_pass_and_results_hold_no_values(tmp_path: Path) -> None:
    contract = contract_for("igate", "dossiers")
    secret = "p_" + "5ec4e7" * 5 + "00"
    rows = [dossier(n, applicant_name=secret, agency_code=secret if n == 3 else "000.00.12.H15") for n in range(50)]
    path = write_rows(tmp_path / "1.parquet", contract, "one", rows)
    with duckdb.connect() as connection:
        outcome = batches.check_packages(connection, contract, rows=[path])
    assert {rule: n for rule, n in outcome.counts.items() if n} == {("bad_pattern", "agency_code"): 1}
    assert (outcome.failed, outcome.warned, outcome.success) == (1, 0, False)
    assert secret not in json.dumps(outcome.document)


def test_an_empty_batch_is_only_a_warning(tmp_path: Path) -> None:
    contract = contract_for("igate", "dossiers")
    path = write_rows(tmp_path / "1.parquet", contract, "one", [])
    with duckdb.connect() as connection:
        outcome = batches.check_packages(connection, contract, rows=[path])
        assert connection.execute("select count(*) from findings").fetchone() == (0,)
    assert outcome.success
    assert outcome.warned == 1


def test_a_difference_between_the_two_is_a_fault_of_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    contract = contract_for("igate", "dossiers")
    path = write_rows(tmp_path / "1.parquet", contract, "one", [dossier(1, channel="7"), dossier(2)])
    monkeypatch.setattr(batches, "counts_of_findings", lambda _: {("bad_enum", "channel"): 2})
    with duckdb.connect() as connection, pytest.raises(InternalFault, match=r"bad_enum on channel: 1 and 2"):
        batches.check_packages(connection, contract, rows=[path])
