"""Expectation suites, built from the contracts.

``build_suite`` is a pure function of a contract. What it gives for every contract is kept as JSON
under ``expectations/suites/``, so that a changed rule shows in review; a test compares. After a
change of a contract write them anew with ``python -m expectations.suites``.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import great_expectations as gx
from great_expectations.expectations.core.expect_column_values_to_be_between import ExpectColumnValuesToBeBetween
from great_expectations.expectations.core.expect_column_values_to_be_in_set import ExpectColumnValuesToBeInSet
from great_expectations.expectations.core.expect_column_values_to_match_regex import ExpectColumnValuesToMatchRegex
from great_expectations.expectations.core.expect_column_values_to_not_be_null import ExpectColumnValuesToNotBeNull
from great_expectations.expectations.core.expect_table_row_count_to_be_between import ExpectTableRowCountToBeBetween
from great_expectations.expectations.expectation import Expectation

from expectations.faulty_rows import ExpectKeyToStandOnce, ExpectNoFaultyRows
from expectations.row_rules import DUPLICATE_KEY, RowRule, rules_of, text_name
from pipelines.domain.contracts import Bilingual, Column, ColumnType, Contract, Severity
from pipelines.sources.registry import all_contracts

GOLDEN = Path(__file__).parent / "suites"
EMPTY_FILE = "no_rows"
_GX_SEVERITY = {Severity.FAIL: "critical", Severity.WARN: "warning"}
_MESSAGES = {
    "required_missing": Bilingual(vi="Thiếu giá trị bắt buộc", en="A required value is missing"),
    "bad_date": Bilingual(vi="Không phải ngày giờ hợp lệ", en="Not a valid date or time"),
    "bad_number": Bilingual(vi="Không phải số hợp lệ", en="Not a valid number"),
    "bad_boolean": Bilingual(vi="Không phải giá trị có/không", en="Neither yes nor no"),
    "bad_pattern": Bilingual(vi="Sai định dạng", en="Not of the required form"),
    "bad_enum": Bilingual(vi="Ngoài danh mục cho phép", en="Not one of the allowed codes"),
    "out_of_range": Bilingual(vi="Ngoài khoảng cho phép", en="Out of range"),
    DUPLICATE_KEY: Bilingual(vi="Trùng khóa trong cùng một tệp", en="The key stands twice in one file"),
    EMPTY_FILE: Bilingual(vi="Tệp không có dòng dữ liệu nào", en="There are no rows"),
}


def build_suite(contract: Contract) -> gx.ExpectationSuite:
    """The suite that a batch of this stream is held to, over the checked relation.

    Every expectation's ``meta`` has ``rule``, ``column`` and ``severity``. Stock expectations are
    used wherever one says the same as the rule.
    """
    expectations = [_expectation(contract, rule) for rule in rules_of(contract)]
    if contract.key:
        expectations.append(_unique_key(contract))
    # An empty nightly file is a quiet night; an empty full export would say that everything is gone.
    emptiness = Severity.FAIL if contract.full_export else Severity.WARN
    expectations.append(ExpectTableRowCountToBeBetween(min_value=1, **_described(contract, EMPTY_FILE, "", emptiness)))
    return gx.ExpectationSuite(name=contract.name, expectations=expectations)


def message_of(contract: Contract, code: str) -> Bilingual:
    """What a rule's code means to a reader."""
    for rule in contract.rules:
        if rule.code == code:
            return rule.message
    return _MESSAGES[code]


def suite_as_data(suite: gx.ExpectationSuite) -> dict[str, Any]:
    """A suite as plain data without what changes from run to run."""
    told = []
    for expectation in suite.expectations:
        data = expectation.configuration.to_json_dict()
        told.append({key: data[key] for key in ("type", "kwargs", "meta", "severity", "description") if data.get(key)})
    return {"name": suite.name, "expectations": told}


def golden_text(contract: Contract) -> str:
    """The JSON text that is kept for a contract's suite."""
    return json.dumps(suite_as_data(build_suite(contract)), ensure_ascii=False, indent=1) + "\n"


def _described(contract: Contract, code: str, column: str, severity: Severity) -> dict[str, Any]:
    message = message_of(contract, code)
    where = f"{column}: " if column else ""
    return {
        "meta": {"rule": code, "column": column, "severity": str(severity)},
        "severity": _GX_SEVERITY[severity],
        "description": f"{where}{message.vi} / {message.en} ({code})",
    }


def _expectation(contract: Contract, rule: RowRule) -> Expectation:
    told = _described(contract, rule.code, rule.column_name, rule.severity)
    if not rule.native:
        return ExpectNoFaultyRows(column=rule.columns[0], fault=rule.fault, **told)
    column = contract.column(rule.columns[0])
    match rule.code:
        case "required_missing":
            return ExpectColumnValuesToNotBeNull(column=text_name(column), **told)
        case "bad_pattern":
            return ExpectColumnValuesToMatchRegex(column=column.name, regex=column.pattern or "", **told)
        case "bad_enum":
            return ExpectColumnValuesToBeInSet(column=column.name, value_set=_value_set(column), **told)
        case _:
            return ExpectColumnValuesToBeBetween(column=column.name, min_value=column.min, max_value=column.max, **told)


def _value_set(column: Column) -> list[Any]:
    codes = list(column.enum or {})
    return [int(code) for code in codes] if column.type is ColumnType.INTEGER else codes


def _unique_key(contract: Contract) -> Expectation:
    columns = ["_batch_id", *(text_name(contract.column(name)) for name in contract.key)]
    told = _described(contract, DUPLICATE_KEY, ", ".join(contract.key), Severity.FAIL)
    return ExpectKeyToStandOnce(columns=columns, **told)


def main() -> None:
    """Write every golden suite anew."""
    GOLDEN.mkdir(exist_ok=True)
    for contract in all_contracts():
        (GOLDEN / f"{contract.name}.json").write_text(golden_text(contract), encoding="utf-8")


if __name__ == "__main__":
    main()
