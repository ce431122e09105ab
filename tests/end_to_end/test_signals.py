"""What was planted to be seen is seen, with its line, and nothing else is called by the same name."""

from __future__ import annotations

import duckdb
import pytest

from tests.end_to_end.provinces import Province, province

# Signals that a row bears by itself, and the kind under which the truth lists such rows.
BY_ROW = {
    "END_EQUALS_DUE": ("igate/dossiers", "end_equals_due"),
    "NO_DUE_DATE": ("igate/dossiers", "due_missing"),
    "SUPPLEMENT_REPEATED": ("igate/dossiers", "supplement_repeated"),
    "BACK_DATED": ("igate/dossiers", "code_date_after_received"),
    "REFUSED_WITHOUT_DOCUMENTS": ("igate/dossiers", "refused_without_documents"),
    "NEVER_ON_PORTAL": ("igate/dossiers", "never_on_the_portal"),
    "STEP_UNDER_2_MINUTES": ("igate/steps", "step_too_short"),
}
# Rows that are the newest version of their dossier and could bear the signal: the others have been replaced.
BASES = {
    "END_EQUALS_DUE": "fct_dossier where is_resolved",
    "REFUSED_WITHOUT_DOCUMENTS": "fct_dossier where status_code = 3",
    "STEP_UNDER_2_MINUTES": "fct_dossier_step where processed_at is not null",
}
Rows = set[tuple[str, int]]


@pytest.fixture(scope="module")
def people() -> Province:
    return province(1, 0.02)


def _rows(p: Province, query: str) -> Rows:
    return {(file, number) for file, number in p.marts().execute(query).fetchall()}


def _planted(p: Province, stream: str, kind: str) -> Rows:
    return {
        (t["file"].removeprefix(f"{stream}/"), t["row"])
        for t in p.truth["planted"]
        if t["kind"] == kind and t["file"].startswith(f"{stream}/") and t["outcome"] in ("flagged", "signal")
    }


@pytest.mark.parametrize("signal", BY_ROW)
def test_the_evidence_is_what_was_planted(people: Province, signal: str) -> None:
    found = _rows(
        people, f"select source_file, row_number from marts.rpt_signal_evidence where signal_code = '{signal}'"
    )
    base = BASES.get(signal, "fct_dossier where is_received")
    current = _rows(people, f"select source_file, row_number from marts.{base}")
    assert found == _planted(people, *BY_ROW[signal]) & current
    assert found


def test_an_end_changed_after_its_month_had_closed_is_one_that_was_planted(people: Province) -> None:
    planted = _planted(people, "igate/dossiers", "changed_after_close")
    with duckdb.connect(str(people.home.warehouse), read_only=True) as connection:
        versions = connection.execute(
            "select dossier_code, _source_file, _row_number from staging.stg_igate__dossiers"
        ).fetchall()
    codes = {code for code, *row in versions if tuple(row) in planted}
    found = people.marts().execute(
        "select dossier_code, observed_at is distinct from compared_at from marts.rpt_signal_evidence "
        "where signal_code = 'END_CHANGED_AFTER_CLOSE'"
    ).fetchall()  # fmt: skip
    assert found
    assert {code for code, _ in found} <= codes
    assert all(differs for _, differs in found)


def test_counts_and_evidence_agree(people: Province) -> None:
    """Every signal that is counted has as many rows behind it."""
    counted = "select signal_code, agency_code, month, affected_count as n from marts.rpt_signals"
    told = "select signal_code, agency_code, month, count(*) as n from marts.rpt_signal_evidence group by all"
    differing = people.marts().execute(f"({counted} except {told}) union all ({told} except {counted})").fetchall()
    assert differing == []
