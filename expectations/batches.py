"""Holds all packages of one stream to their contract in one go.

Great Expectations says which rules are broken and how often; one pass of ours then names the rows
of those rules (``findings``) and must arrive at the same numbers. The relations live in the
connection that is given, a private one: views ``incoming`` and ``checked``, table ``findings``.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

import duckdb

from expectations.row_rules import (
    DUPLICATE_KEY,
    checked_relation,
    duplicates_query,
    findings_query,
    parquet_relation,
    rejects_query,
    rules_of,
)
from expectations.runner import Held, SuiteOutcome, run_suites
from expectations.suites import build_suite
from pipelines.domain.contracts import Contract
from pipelines.domain.errors import InternalFault


def check_packages(
    connection: duckdb.DuckDBPyConnection, contract: Contract, *, rows: Sequence[Path], rejects: Sequence[Path] = ()
) -> SuiteOutcome:
    """Run the suite over all ``rows.parquet`` given and leave the table ``findings`` in the connection.

    ``findings`` has ``row_rules.FINDING_COLUMNS`` and ``is_reject`` (a structural failure told by ``prepare``
    in one of the ``rejects`` files, which are no rows).

    Raises:
        InternalFault: Great Expectations and the row rules count differently.
    """
    connection.execute(f"create or replace view incoming as select * from {parquet_relation(rows)}")
    connection.execute(f"create or replace view checked as {checked_relation(contract, 'incoming')}")
    (outcome,) = run_suites(connection, [Held(build_suite(contract), table="checked")])
    broken = {rule for rule, count in outcome.counts.items() if count > 0}
    collect_findings(connection, contract, broken=broken, rejects=rejects)
    _demand_same_counts(connection, outcome)
    return outcome


def collect_findings(
    connection: duckdb.DuckDBPyConnection,
    contract: Contract,
    *,
    broken: Collection[tuple[str, str]] | None = None,
    rejects: Sequence[Path] = (),
) -> None:
    """Fill ``findings`` from the view ``checked``; ``broken`` limits it to those (rule, column), None means all."""
    rules = [r for r in rules_of(contract) if broken is None or (r.code, r.column_name) in broken]
    parts = [f"select *, false as is_reject from ({findings_query(contract, rules, 'checked')})"]
    repeated = duplicates_query(contract, "checked")
    if repeated and (broken is None or any(code == DUPLICATE_KEY for code, _ in broken)):
        parts.append(f"select *, false from ({repeated})")
    if rejects:
        parts.append(f"select *, true from ({rejects_query(parquet_relation(rejects))})")
    connection.execute(f"create or replace temp table findings as {' union all '.join(parts)}")


def counts_of_findings(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], int]:
    """Rows by (rule, column) in ``findings``, rejects left out."""
    found = connection.execute(
        "select rule, column_name, count(*) from findings where not is_reject group by all"
    ).fetchall()
    return {(rule, column): count for rule, column, count in found}


def _demand_same_counts(connection: duckdb.DuckDBPyConnection, outcome: SuiteOutcome) -> None:
    ours = counts_of_findings(connection)
    theirs = {rule: count for rule, count in outcome.counts.items() if count > 0}
    if ours != theirs:
        differing = sorted(rule for rule in ours.keys() | theirs.keys() if ours.get(rule) != theirs.get(rule))
        told = "; ".join(f"{r} on {c}: {theirs.get((r, c), 0)} and {ours.get((r, c), 0)}" for r, c in differing)
        raise InternalFault(f"Great Expectations and the row rules count differently ({told}).")
