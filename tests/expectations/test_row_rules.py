"""The row rules, one fault at a time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest

from expectations.row_rules import (
    checked_relation,
    duplicates_query,
    findings_query,
    literal,
    rules_of,
)
from pipelines.domain.contracts import Contract
from pipelines.sources.registry import all_contracts, contract_for
from tests.expectations.packages import Row, dossier, write_rows

DOSSIERS = contract_for("igate", "dossiers")


def found_in(tmp_path: Path, rows: list[Row], contract: Contract = DOSSIERS) -> list[tuple[Any, ...]]:
    path = write_rows(tmp_path / "rows.parquet", contract, "b", rows)
    with duckdb.connect() as connection:
        connection.execute(f"create view checked as {checked_relation(contract, literal(str(path)))}")
        parts = [findings_query(contract, rules_of(contract), "checked"), duplicates_query(contract, "checked")]
        query = " union all ".join(part for part in parts if part)
        return connection.execute(
            f"select _row_number, rule, column_name, value, severity from ({query}) order by all"
        ).fetchall()


def test_a_clean_row_breaks_nothing(tmp_path: Path) -> None:
    assert found_in(tmp_path, [dossier(1), dossier(2)]) == []


@pytest.mark.parametrize(
    ("changes", "rule", "column", "severity"),
    [
        ({"procedure_code": None}, "required_missing", "procedure_code", "fail"),
        ({"received_at": None}, "required_missing", "received_at", "fail"),
        ({"received_at": "2021-02-30 08:00:00"}, "bad_date", "received_at", "fail"),
        ({"due_at": "epoch"}, "bad_date", "due_at", "fail"),
        ({"due_at": "infinity"}, "bad_date", "due_at", "fail"),
        ({"returned_at": "05/01/2020 khoảng 9 giờ"}, "bad_date", "returned_at", "fail"),
        ({"status_code": "chín"}, "bad_number", "status_code", "fail"),
        ({"document_count": "5.7"}, "bad_number", "document_count", "fail"),
        ({"document_count": "1e3"}, "bad_number", "document_count", "fail"),
        ({"document_count": "9" * 30}, "bad_number", "document_count", "fail"),
        ({"fee_amount": "nan"}, "bad_number", "fee_amount", "fail"),
        ({"fee_amount": "50 nghìn"}, "bad_number", "fee_amount", "fail"),
        ({"fee_amount": "-1"}, "out_of_range", "fee_amount", "fail"),
        ({"component_digitised": "có lẽ"}, "bad_boolean", "component_digitised", "fail"),
        ({"status_code": "11"}, "bad_enum", "status_code", "fail"),
        ({"channel": "0"}, "bad_enum", "channel", "fail"),
        ({"agency_code": "H15.12"}, "bad_pattern", "agency_code", "fail"),
        ({"agency_code": "000.00.12.H15 "}, "bad_pattern", "agency_code", "fail"),
        ({"agency_code": "000.00.12.H15\n"}, "bad_pattern", "agency_code", "fail"),
        ({"sector_code": "giáo dục"}, "bad_pattern", "sector_code", "warn"),
        ({"satisfaction": "it's fine"}, "bad_enum", "satisfaction", "warn"),
        ({"ended_at": "2020-01-03 10:00:00"}, "ended_before_received", "ended_at, received_at", "fail"),
        ({"due_at": None}, "due_missing", "due_at", "warn"),
        ({"ended_at": "2020-01-10 17:00:00"}, "end_equals_due", "ended_at, due_at", "warn"),
        ({"ended_at": None}, "end_missing", "status_code, ended_at", "warn"),
        ({"supplement_count": "2"}, "supplement_repeated", "supplement_count", "warn"),
        ({"status_code": "3", "note": None}, "refusal_without_reason", "status_code, note", "warn"),
        ({"received_at": "2020-01-03 23:59:59"}, "code_date_after_received", "dossier_code, received_at", "warn"),
    ],
)
def test_each_fault_is_found_once_under_its_own_rule(
    tmp_path: Path, changes: dict[str, str | None], rule: str, column: str, severity: str
) -> None:
    found = found_in(tmp_path, [dossier(1), dossier(2, **changes), dossier(3)])
    assert [(number, r, c, s) for number, r, c, _, s in found] == [(3, rule, column, severity)]


def test_what_follows_from_a_missing_or_unreadable_value_is_not_told_again(tmp_path: Path) -> None:
    found = found_in(tmp_path, [dossier(1, received_at="hôm qua", status_code=None, agency_code=None)])
    assert [(r, c) for _, r, c, _, _ in found] == [
        ("bad_date", "received_at"),
        ("required_missing", "agency_code"),
        ("required_missing", "status_code"),
    ]


def test_one_row_may_break_several_rules_and_shows_its_values(tmp_path: Path) -> None:
    found = found_in(tmp_path, [dossier(1, fee_amount="-5", channel="9", ended_at="2019-01-01 00:00:00")])
    assert found == [
        (2, "bad_enum", "channel", "9", "fail"),
        (2, "ended_before_received", "ended_at, received_at", "2019-01-01 00:00:00 | 2020-01-04 08:00:00", "fail"),
        (2, "out_of_range", "fee_amount", "-5", "fail"),
    ]


def test_numbers_with_leading_zeros_are_numbers(tmp_path: Path) -> None:
    assert found_in(tmp_path, [dossier(1, status_code="010", document_count="-0", fee_amount="007.50")]) == []


def test_every_occurrence_of_a_key_after_the_first_is_a_duplicate(tmp_path: Path) -> None:
    rows = [dossier(1), dossier(2), dossier(1), dossier(3), dossier(1, channel="9"), dossier(4, dossier_code=None)]
    rows += [dossier(5, dossier_code=None)]
    found = found_in(tmp_path, rows)
    code = "000.00.12.H15-200104-0001"
    assert [f for f in found if f[1] == "duplicate_key"] == [
        (4, "duplicate_key", "dossier_code", code, "fail"),
        (6, "duplicate_key", "dossier_code", code, "fail"),
    ]
    assert [f[0] for f in found if f[1] == "required_missing"] == [7, 8]


def test_the_same_key_in_two_files_is_no_duplicate(tmp_path: Path) -> None:
    one = write_rows(tmp_path / "1.parquet", DOSSIERS, "one", [dossier(1)])
    two = write_rows(tmp_path / "2.parquet", DOSSIERS, "two", [dossier(1)])
    with duckdb.connect() as connection:
        relation = f"read_parquet([{literal(str(one))}, {literal(str(two))}])"
        connection.execute(f"create view checked as {checked_relation(DOSSIERS, relation)}")
        query = duplicates_query(DOSSIERS, "checked")
        assert query is not None
        assert connection.execute(query).fetchall() == []


@pytest.mark.parametrize(
    ("symbol", "good"),
    [
        ("15/KH-UBND", True),
        ("1234a/QĐ-SGDĐT", True),
        ("07/ĐA-UBND-VX", True),
        ("abc", False),
        ("15-KH/UBND'; drop table rows", False),
    ],
)
def test_vietnamese_letters_in_patterns(tmp_path: Path, symbol: str, good: bool) -> None:
    contract = contract_for("idesk", "outgoing")
    row = {
        "agency_code": "000.00.12.H15",
        "book_year": "2020",
        "document_symbol": symbol,
        "issued_on": "2020-01-05",
    }
    found = found_in(tmp_path, [row], contract)
    assert [f[1] for f in found] == ([] if good else ["bad_pattern"])


@pytest.mark.parametrize("contract", all_contracts(), ids=lambda c: c.name)
def test_the_rules_of_every_contract_are_sql_that_runs(tmp_path: Path, contract: Contract) -> None:
    rules = rules_of(contract)
    required = [c.name for c in contract.columns if c.required]
    found = found_in(tmp_path, [{}, {}], contract)
    assert [f[2] for f in found if f[1] == "required_missing" and f[0] == 2] == sorted(required)
    assert len({(r.code, r.column_name) for r in rules}) == len(rules)
