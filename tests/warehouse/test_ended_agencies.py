"""An agency that ended and whose figures nobody took over is found in the report on quality."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest

from pipelines.domain.rule_messages import message_of
from pipelines.sources.registry import contract_for
from tests.warehouse.plain_sql import WAREHOUSE
from tests.warehouse.successions import MERGED, Edge, build, successions

# The newest export of all is of May 2021 (plain_sql.seeded), the newest list of agencies of March.
PREPARED = """
    insert into built.stg_reference__agencies values
        ('A', 'Sở A', 'new', '2021-03-05'), ('B', 'Sở B', 'new', '2021-03-05'), ('A', 'Sở A', 'old', '2021-02-05');
    create table built.dim_agency as
        select 'A' as agency_code, date '2020-01-01' as valid_from, cast($1 as date) as valid_to
        union all select 'B', null, null;
    create table built.stg_audit__findings (source varchar, stream varchar, agency_code varchar, rule_code varchar,
        severity varchar, row_count bigint, _exported_at timestamp);
    create table built.int_agency__codes (any_code varchar, agency_code varchar);
"""
TOLD = [("A", "reference", "agencies", "2021-03-01", "ended_without_successor", "warn", 1, True)]
ENDED = "2021-03-31"


def _found(edges: Sequence[Edge], valid_to: str, *, from_name: str | None = None) -> list[tuple[object, ...]]:
    with successions(edges) as connection:
        connection.execute("update built.agency_successions set from_name = $1", [from_name])
        connection.execute(PREPARED.replace("$1", f"'{valid_to}'"))
        build(connection, "dim_agency_succession", "rpt_quality")
        return connection.execute(
            "select agency_code, source, stream, month::varchar, rule_code, severity, row_count, is_known_agency "
            "from built.rpt_quality"
        ).fetchall()


@pytest.mark.parametrize(
    "edges",
    [
        [],
        MERGED[1:],
        [("A", "A", "2021-04-01", "merge", "1")],  # it goes on, says the list of successions, and it does not
        [("A", "C", "2019-01-01", "rename", "1")],  # what its code meant before
    ],
    ids=["no row", "a row of another", "a row to itself", "a row of before"],
)
def test_nobody_took_it_over(edges: list[Edge]) -> None:
    assert _found(edges, ENDED) == TOLD


def test_a_row_that_does_not_hold_is_none() -> None:
    """The list gives its code to another agency: the row says nothing of this one."""
    edges: list[Edge] = [("A", "C", "2021-04-01", "merge", "1")]
    assert _found(edges, ENDED, from_name="Sở khác") == TOLD
    assert _found(edges, ENDED, from_name="Sở A") == []


@pytest.mark.parametrize(
    ("edges", "valid_to"),
    [
        ([("A", "C", "2021-04-01", "merge", "1")], ENDED),
        ([("A", "A", "2021-04-01", "split", "0.5"), ("A", "C", "2021-04-01", "split", "0.5")], ENDED),
        ([], "2021-12-31"),
    ],
    ids=["taken over", "a part taken over", "not ended yet"],
)
def test_what_is_in_order_is_not_told(edges: list[Edge], valid_to: str) -> None:
    assert _found(edges, valid_to) == []


def test_what_the_report_itself_finds_is_told_in_words() -> None:
    model = (WAREHOUSE / "models" / "marts" / "rpt_quality.sql").read_text(encoding="utf-8")
    codes = re.findall(r"'(\w+)' as rule_code", model)
    assert len(codes) == 2
    for code in codes:
        told = message_of(contract_for("reference", "agencies"), code)
        assert code not in (told.vi, told.en)
