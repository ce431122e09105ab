"""The release gate: green on marts that hold together, red and in words on each fault."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from expectations.release import MARTS, PERSONAL, Mart
from pipelines.domain.errors import DataRefused, WrongUse
from pipelines.flows.gate import gate
from pipelines.settings import Settings
from pipelines.storage.home import Home
from pipelines.storage.ledger import Ledger
from tests.few_marts import few_marts

Make = Callable[..., Settings]
_KINDS = {
    "month": "date '2020-01-01'",
    "period_start": "date '2020-01-01'",
    "value": "0.5",
    "unit": "'share'",
    "points": "3",
    "max_points": "6",
    "share": "0.25",
    "weight": "0.25",
    "satisfaction": "0.8",
    "threshold": "0.9",
    "province_share": "0.5",
    "as_of": "timestamp '2021-05-01 01:00:00'",
    "na_reason": "null::varchar",
    "numerator": "1",
    "denominator": "2",
    "state": "'loaded'",
    "rows_in_file": "12",
    "rows_loaded": "9",
    "rows_quarantined": "1",
    "rows_non_data": "2",
    "resolved_count": "6",
    "unexplained_count": "3",
    "unexplained_not_returned_count": "0",
    "unexplained_no_limit_count": "0",
    "unexplained_no_calendar_count": "0",
    "carried_over_count": "8",
    "step_number": "1",
}


def _value(column: str) -> str:
    if column in _KINDS:
        return _KINDS[column]
    return "1" if column.endswith("_count") else f"'{column} 000.00.12.H15'"


def _columns(mart: Mart) -> list[str]:
    more = {"batches": ["source", "stream"], "dim_agency": ["agency_name"]}
    return [*mart.required, *(c for c in more.get(mart.name, []) if c not in mart.required)]


@pytest.fixture
def built(make_settings: Make) -> tuple[Settings, Callable[[str], None]]:
    """A home whose build database has one good row in every mart, and a way to spoil it."""
    settings = make_settings()
    home = Home(settings.home)
    home.build.mkdir(parents=True)
    with duckdb.connect(str(home.warehouse)) as connection:
        connection.execute("create schema marts")
        connection.execute("create schema audit")
        for mart in MARTS:
            values = ", ".join(f'{_value(c)} as "{c}"' for c in _columns(mart)) or "1 as nothing"
            connection.execute(f"create table {mart.schema}.{mart.name} as select {values}")
        connection.execute("update audit.batches set source = 'igate', stream = 'dossiers'")

    def spoil(sql: str) -> None:
        with duckdb.connect(str(home.warehouse)) as connection:
            connection.execute(sql)

    return settings, spoil


Built = tuple[Settings, Callable[[str], None]]


def test_good_marts_pass_and_the_ledger_knows(built: Built) -> None:
    settings, spoil = built
    spoil("delete from marts.fct_work_file")  # a fact without a source may be empty
    result = gate(settings)
    assert (result.passed, result.failed, result.failures) == (True, 0, ())
    assert result.evaluated > len(MARTS)
    (noted,) = Ledger(Home(settings.home).ledger).rows("gates")
    assert (noted["kind"], noted["passed"], noted["evaluated"]) == ("release", True, result.evaluated)
    pages = list((Home(settings.home).data_docs / "site").rglob("*.html"))
    assert len(pages) == len(MARTS) + 1
    for page in pages:
        assert _calls(page) == [], page


RESOLUTION = "marts.rpt_dossier_resolution"
ACCOUNTING = "state, rows_in_file, rows_loaded, rows_quarantined, rows_non_data"
FAULTS = [  # each list is spoiled at once, for the gate tells everything it finds
    [
        ("drop table marts.rpt_indicator", "marts.rpt_indicator is missing"),
        (f"alter table {RESOLUTION} drop late_count", f"{RESOLUTION} lacks the column late_count"),
        ("delete from marts.fct_dossier", "marts.fct_dossier: it has no rows (rows: 0)"),
        ("delete from marts.dim_date", "marts.dim_date: it has no rows (rows: 0)"),
        (
            "update audit.batches set rows_loaded = 8",
            f"audit.batches in {ACCOUNTING}: rows of a file are not accounted for (rows: 1)",
        ),
    ],
    [
        ("drop table audit.batches", "audit.batches is missing"),
        (
            "insert into marts.fct_dossier from marts.fct_dossier",
            "marts.fct_dossier in dossier_code: a key stands more than once (rows: 1)",
        ),
        (
            f"update {RESOLUTION} set agency_code = null",
            f"{RESOLUTION} in agency_code: a value is missing (rows: 1)",
        ),
        ("update marts.dim_agency set as_of = null", "marts.dim_agency in as_of: a value is missing (rows: 1)"),
        (
            "update marts.rpt_indicator set value = 1.2, numerator = 3",
            "marts.rpt_indicator in value, unit: a share is not within 0 and 1 (rows: 1)",
        ),
        (f"update {RESOLUTION} set early_count = 2", "the classes do not add up to the resolved dossiers (rows: 1)"),
    ],
    [
        ("update marts.rpt_indicator set value = null, numerator = 3", "a part is larger than the whole (rows: 1)"),
        ("select 1", "marts.rpt_indicator in value, na_reason: a value is missing without a reason (rows: 1)"),
        (f"update {RESOLUTION} set late_count = null", "the classes do not add up to the resolved dossiers (rows: 1)"),
        (f"update {RESOLUTION} set unexplained_stopped_count = 0", "the causes do not add up to the remainder"),
        (
            "update marts.dim_agency set agency_name = 'gọi 0912345678'",
            "marts.dim_agency in agency_name: a text looks like personal data (rows: 1)",
        ),
    ],
]

AT_FAULT = ("dim_agency", "dim_date", "fct_dossier", "rpt_dossier_resolution", "rpt_indicator", "batches")


@pytest.mark.parametrize("faults", FAULTS)
def test_faults_turn_the_gate_red_in_words(built: Built, faults: list[tuple[str, str]]) -> None:
    settings, spoil = built
    for spoiled, _ in faults:
        spoil(spoiled)
    with few_marts(*AT_FAULT), pytest.raises(DataRefused) as refused:
        gate(settings)
    for _, told in faults:
        assert told in refused.value.message
    assert "0912345678" not in str(refused.value)
    assert refused.value.exit_code == 3
    assert refused.value.next_step
    noted = Ledger(Home(settings.home).ledger).rows("gates")[-1]
    assert noted["passed"] is False
    assert noted["failed"] == len(json.loads(noted["detail"])["failures"]) >= len(faults)


def test_marts_that_lost_more_than_half_are_held(built: Built) -> None:
    settings, spoil = built
    home = Home(settings.home)
    home.published.mkdir(parents=True)
    manifest = {"tables": {"fct_dossier": {"rows": 10}, "rpt_signal_evidence": {"rows": 1000}}}
    (home.published / "marts_x.json").write_text(json.dumps(manifest), encoding="utf-8")
    (home.published / "marts_x.duckdb").touch()
    (home.published / "current.duckdb").symlink_to("marts_x.duckdb")
    spoil("insert into marts.fct_dossier select 'd' || i, as_of from marts.fct_dossier, range(3) t(i)")
    held = ("fct_dossier", "rpt_signal_evidence")
    with few_marts(*held), pytest.raises(DataRefused, match="fewer than half of the 10 rows published before"):
        gate(settings)
    spoil("insert into marts.fct_dossier select 'e', as_of from marts.fct_dossier limit 1")
    with few_marts(*held):
        passed = gate(settings).passed
    assert passed, "the evidence of the newest months may go as time goes on"


def test_without_a_build_there_is_nothing_to_gate(make_settings: Make) -> None:
    with pytest.raises(WrongUse, match="nothing to release"):
        gate(make_settings())


@pytest.mark.parametrize(
    ("text", "personal"),
    [
        ("040123456789", True),
        ("số 241234567 cấp", True),
        ("gọi 0912345678", True),
        ("+84 912 345 678", True),
        ("ai@daklak.gov.vn", True),
        ("000.00.12.H15-200104-0001", False),
        ("p_0123456789abcdef123456789abcdef0", False),
        ("1.001234.000.00.00.H15", False),
        ("2021-05-01 01:00:00", False),
        ("20210501", False),
        ("15/KH-UBND", False),
        ("1250000000 đồng", False),
    ],
)
def test_what_looks_personal(text: str, personal: bool) -> None:
    found = duckdb.execute("select regexp_matches($1, $2)", [text, PERSONAL]).fetchone()
    assert found == (personal,)


def test_data_docs_are_bounded(built: Built) -> None:
    settings, _ = built
    for _ in range(2):
        with few_marts("dim_date", "fct_dossier"):
            gate(settings)
    docs = Home(settings.home).data_docs
    assert sorted(p.name for p in docs.iterdir()) == ["results", "site"]
    assert len(list((docs / "results").glob("*.json"))) == 2
    assert len(list((docs / "site").rglob("*.html"))) == 2 + 1
    assert (docs / "site" / "index.html").exists()


def _calls(page: Path) -> list[Any]:
    text = page.read_text(encoding="utf-8")
    return re.findall(r"""(?:src=|<link[^>]*href=|url\()\s*['"]?https?://[^'")\s]*""", text)
