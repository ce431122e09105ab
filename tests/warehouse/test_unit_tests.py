"""The logic of the models: dbt's unit tests, which the nightly build leaves out."""

from __future__ import annotations

import json

from tests.warehouse.conftest import Nights

LEAST = 30


def test_all_unit_tests_pass(nights: Nights) -> None:
    went_well, printed = nights.dbt("test", "--select", "test_type:unit")
    results = json.loads((nights.home.build / "dbt" / "run_results.json").read_text(encoding="utf-8"))["results"]
    results = [r for r in results if r["unique_id"].startswith("unit_test.")]
    failed = [r["unique_id"] for r in results if r["status"] != "pass"]
    assert failed == [], printed
    assert went_well
    assert len(results) >= LEAST
