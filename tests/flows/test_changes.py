"""Two states of a closed period, small enough to compare by hand."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import pytest

from pipelines.domain.errors import WrongUse
from pipelines.flows.changes import Changes, Period, changes, compare
from pipelines.settings import Settings

QUARTER = Period(date(2021, 1, 1), date(2021, 3, 1))
DOSSIER = "dossier_code, agency_code, received_at, due_at, ended_at, is_resolved, class_r_plain, row_number"
# Then and now, a line each: what is expected of it stands behind it.
THEN = """
    ('same', 'A', '2021-01-04', '2021-01-10', '2021-01-09', true, 'early', 1),
    ('end', 'A', '2021-01-04', '2021-01-10', '2021-01-12', true, 'late', 2),
    ('due', 'A', '2021-01-04', '2021-01-10', '2021-01-12', true, 'late', 3),
    ('left', 'A', '2020-12-04', '2021-01-10', '2021-03-30', true, 'late', 4),
    ('entered', 'A', '2020-12-04', '2021-04-10', '2021-04-06', true, 'early', 5),
    ('reopened', 'B', '2020-12-04', '2021-02-10', '2021-02-06', true, 'early', 6),
    ('went on', 'B', '2021-03-04', '2021-04-10', null, false, null, 7),
    ('back', 'B', '2021-03-04', '2021-04-10', null, false, null, 8),
    ('moved', 'B', '2021-03-04', '2021-04-10', null, false, null, 9),
    ('gone', 'B', '2020-12-04', '2021-02-10', '2021-02-06', true, 'early', 10),
    ('before', 'B', '2020-11-04', '2020-12-10', '2020-12-06', true, 'early', 11)
"""
NOW = """
    ('same', 'A', '2021-01-04', '2021-01-10', '2021-01-09', true, 'early', 1),
    ('end', 'A', '2021-01-04', '2021-01-10', '2021-01-10', true, 'on_time', 2),
    ('due', 'A', '2021-01-04', '2021-01-20', '2021-01-12', true, 'early', 3),
    ('left', 'A', '2020-12-04', '2021-01-10', '2021-04-02', true, 'late', 4),
    ('entered', 'A', '2020-12-04', '2021-04-10', '2021-03-06', true, 'early', 5),
    ('reopened', 'B', '2020-12-04', '2021-02-10', null, false, null, 6),
    ('went on', 'B', '2021-03-04', '2021-04-20', '2021-04-09', true, 'early', 7),
    ('back', 'B', '2021-03-04', '2021-04-10', '2021-03-31', true, 'early', 8),
    ('moved', 'A', '2021-03-05', '2021-04-10', null, false, null, 9),
    ('new', 'B', '2021-03-31', '2021-04-10', '2021-03-31', true, 'early', 12),
    ('before', 'B', '2020-11-04', '2020-12-10', '2020-12-07', true, 'early', 11)
"""
CHANGED = {
    ("end", "end_moved"),
    ("end", "class_changed"),
    ("due", "due_moved"),
    ("due", "class_changed"),
    ("left", "end_moved"),
    ("entered", "end_moved"),
    ("reopened", "end_moved"),
    ("back", "end_moved"),
    ("moved", "agency_changed"),
    ("moved", "reception_moved"),
    ("gone", "removed"),
    ("new", "added"),
}
DOCUMENT = "direction, document_number, registered_on, due_on, closed_at, is_fully_electronic, is_secret"
DOCUMENTS_THEN = """
    ('outgoing', '1', '2021-02-01', null, null, true, false), ('outgoing', '2', '2021-02-01', null, null, true, true),
    ('incoming', '3', '2021-02-01', '2021-02-09', '2021-02-12', false, false),
    ('incoming', '4', '2021-03-30', '2021-04-09', null, false, false),
    ('incoming', '5', '2021-03-30', '2021-03-31', null, false, false)
"""
DOCUMENTS_NOW = """
    ('outgoing', '1', '2021-02-01', null, null, false, false), ('outgoing', '2', '2021-02-01', null, null, false, true),
    ('incoming', '3', '2021-02-01', '2021-02-19', '2021-02-08', false, false),
    ('incoming', '4', '2021-03-30', '2021-04-09', '2021-04-08', false, false),
    ('incoming', '5', '2021-03-30', '2021-03-31', '2021-03-31', false, false),
    ('incoming', '6', '2021-03-31', '2021-03-31', null, false, false),
    ('incoming', '7', '2021-04-01', '2021-03-31', null, false, false)
"""
DOCUMENTS_CHANGED = {
    ("outgoing 2021 1", "class_changed"),
    ("incoming 2021 3", "end_moved"),
    ("incoming 2021 3", "due_moved"),
    ("incoming 2021 5", "end_moved"),
    ("incoming 2021 6", "added"),
}


def _marts(path: Path, dossiers: str, documents: str, late: int) -> None:
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            f"""
            create schema marts;
            create table marts.fct_dossier as select dossier_code, agency_code, received_at::timestamp as received_at,
                due_at::timestamp as due_at, ended_at::timestamp as ended_at, is_resolved, class_r_plain,
                true as is_received, date_trunc('month', received_at::date)::date as received_month,
                case when is_resolved then date_trunc('month', ended_at::date)::date end as resolved_month,
                timestamp '2021-05-01' as as_of, '=f.csv' as source_file, row_number
                from (values {dossiers}) as t({DOSSIER});
            create table marts.fct_document as select direction, 'A' as agency_code, 'A' as source_agency_code,
                2021 as book_year, document_number, registered_on::date as registered_on, due_on::date as due_on,
                closed_at::timestamp as closed_at, is_fully_electronic, is_secret, timestamp '2021-05-01' as as_of,
                'd.csv' as source_file, 1 as row_number from (values {documents}) as t({DOCUMENT});
            create table marts.dim_agency as
                select * from (values ('A', '000.A', 'Sở A'), ('B', '000.B', 'Sở B'))
                as t(agency_code, legacy_code, agency_name);
            create table marts.rpt_dossier_resolution as select 'A' as agency_code, date '2021-01-01' as month,
                'R_PLAIN' as rule_code, 9 as received_count, 5 as resolved_count, 1 as early_count,
                4 - {late} as on_time_count, {late} as late_count, 0 as unexplained_count;
            create table marts.rpt_indicator as select 'DOSSIER_ONLINE' as indicator_code, 'A' as agency_code,
                'month' as period_type, date '2021-01-01' as period_start, 3 as numerator, 9 + {late} as denominator;
            create table marts.rpt_source_freshness as select timestamp '2021-05-01' as as_of;
            """
        )


@pytest.fixture(scope="module")
def states(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    folder = tmp_path_factory.mktemp("states")
    _marts(folder / "then.duckdb", THEN, DOCUMENTS_THEN, 3)
    _marts(folder / "now.duckdb", NOW, DOCUMENTS_NOW, 1)
    with duckdb.connect() as connection:
        connection.execute(f"attach '{folder / 'then.duckdb'}' as known (read_only)")
        connection.execute(f"attach '{folder / 'now.duckdb'}' as later (read_only)")
        yield connection


@pytest.fixture
def found(states: duckdb.DuckDBPyConnection) -> Changes:
    return _compared(states, QUARTER)


def _compared(
    states: duckdb.DuckDBPyConnection, period: Period, *, rule: str = "R_PLAIN", csv: Path | None = None
) -> Changes:
    states.execute("drop table if exists asked; drop table if exists changed; drop table if exists figure")
    return compare(states, period, rule, csv=csv)


def test_every_change_of_the_period_is_found_and_no_other(found: Changes) -> None:
    """What merely went on, what did not change and what belongs to other months is not listed."""
    assert {(r.code, r.kind) for r in found.rows if r.subject == "dossier"} == CHANGED
    assert {(r.code, r.kind) for r in found.rows if r.subject == "document"} == DOCUMENTS_CHANGED
    assert found.row_count == len(found.rows) == len(CHANGED) + len(DOCUMENTS_CHANGED)


def test_a_change_tells_both_values_and_its_line(found: Changes) -> None:
    row = next(r for r in found.rows if (r.code, r.kind) == ("end", "end_moved"))
    assert (row.known_value, row.now_value) == ("2021-01-12 00:00:00", "2021-01-10 00:00:00")
    assert (row.agency_code, row.source_file, row.row_number) == ("A", "=f.csv", 2)
    reopened = next(r for r in found.rows if r.code == "reopened")
    assert (reopened.known_value, reopened.now_value) == ("2021-02-06 00:00:00", None)


def test_kinds_are_counted_by_agency(found: Changes) -> None:
    counts = {(k.agency_name, k.subject, k.kind): k.count for k in found.kinds}
    assert counts["Sở A", "dossier", "end_moved"] == 3
    assert counts["Sở B", "dossier", "end_moved"] == 2
    assert counts["Sở A", "dossier", "agency_changed"] == 1, "under the agency that has it now"
    assert sum(counts.values()) == found.row_count


def test_only_figures_that_moved_are_told(found: Changes) -> None:
    assert [(m.code, m.part, m.known, m.now) for m in found.figures] == [
        ("on_time", "count", 1, 3),
        ("late", "count", 3, 1),
        ("DOSSIER_ONLINE", "denominator", 12, 10),
    ]


def test_of_one_agency_by_either_code(states: duckdb.DuckDBPyConnection) -> None:
    only_b = _compared(states, Period(QUARTER.first, QUARTER.last, "000.B"))
    assert only_b.agency_code == "B"
    assert {r.agency_code for r in only_b.rows} == {k.agency_code for k in only_b.kinds} == {"B"}
    assert only_b.figures == ()


def test_the_csv_holds_every_change(states: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    told = _compared(states, QUARTER, csv=tmp_path / "changes.csv")
    with (tmp_path / "changes.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert [(r["code"], r["kind"]) for r in rows] == [(r.code, r.kind) for r in told.rows]
    assert {r["source_file"] for r in rows} == {"'=f.csv", "d.csv"}, "no cell is a formula"


def test_wrong_use_is_told(states: duckdb.DuckDBPyConnection, make_settings: type[Settings]) -> None:
    with pytest.raises(WrongUse, match="no agency C"):
        _compared(states, Period(QUARTER.first, QUARTER.last, "C"))
    with pytest.raises(WrongUse, match="R_NONE"):
        _compared(states, QUARTER, rule="R_NONE")
    with pytest.raises(WrongUse, match="before it starts"):
        changes(make_settings(), Period(QUARTER.last, QUARTER.first), known=date(2021, 4, 5))
    with pytest.raises(WrongUse, match="not later"):
        changes(make_settings(), QUARTER, known=date(2021, 4, 5), now=date(2021, 4, 5))
