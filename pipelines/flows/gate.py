"""The gate before publication: Great Expectations over the marts of the build database."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import structlog

from pipelines.domain.errors import DataRefused, WrongUse
from pipelines.settings import Settings
from pipelines.storage.engine import quote_text
from pipelines.storage.home import Home
from pipelines.storage.ledger import Ledger
from pipelines.storage.snapshots import current_name, manifest_of

if TYPE_CHECKING:
    from expectations.release import Mart

_log = structlog.get_logger()


@dataclass(frozen=True)
class GateResult:
    """What the gate said. ``failures`` are sentences that name the table, the column and the rows."""

    passed: bool
    evaluated: int
    failed: int
    failures: tuple[str, ...]


def gate(settings: Settings, *, database: Path | None = None) -> GateResult:
    """Hold the marts to the release suites and note the outcome; writes the Data Docs.

    Raises:
        DataRefused: the gate is red. Every failing expectation is named; nothing is published.
        WrongUse: there is no build database.
        InternalFault: an expectation could not be evaluated.
    """
    from expectations.data_docs import write_data_docs

    home = Home(settings.home)
    path = database or home.warehouse
    if not path.exists():
        raise WrongUse("There is nothing to release yet.", next_step="`cchc build` makes the marts.")
    result = _evaluate(settings, home, path)
    Ledger(home.ledger).add_gate(
        kind="release",
        subject="marts",
        passed=result.passed,
        evaluated=result.evaluated,
        failed=result.failed,
        detail=json.dumps({"failures": result.failures}, ensure_ascii=False),
    )
    page = write_data_docs(home)
    _log.info("release gate", passed=result.passed, evaluated=result.evaluated, failed=result.failed)
    if not result.passed:
        raise DataRefused(
            f"The release gate is red, nothing was published: {'; '.join(result.failures)}.",
            next_step=f"The pages at {page} show every expectation. Mend the cause, then `cchc run`.",
        )
    return result


def _evaluate(settings: Settings, home: Home, path: Path) -> GateResult:
    from expectations.data_docs import keep_result
    from expectations.release import MARTS, release_suite
    from expectations.runner import Held, run_suites

    before = _rows_before(home)
    held: list[tuple[Mart, Held]] = []
    failures: list[str] = []
    with duckdb.connect(str(path), read_only=True) as connection:
        connection.execute(f"set memory_limit = {quote_text(settings.engine['memory_limit'])}")
        feeding = _streams_with_rows(connection)
        for mart in MARTS:
            columns = _columns(connection, mart)
            absent = [c for c in mart.required if c not in columns]
            if absent:
                missing = f"lacks the column {', '.join(absent)}" if columns else "is missing"
                failures.append(f"{mart.schema}.{mart.name} {missing}")
                continue
            texts = [name for name, kind in columns.items() if kind.startswith("VARCHAR")]
            fed = bool(feeding & set(mart.fed_by))
            suite = release_suite(mart, text_columns=texts, fed=fed, rows_before=before(mart.name))
            held.append((mart, Held(suite, mart.name, mart.schema)))
        outcomes = run_suites(connection, [h for _, h in held])
    evaluated = len(failures) + sum(outcome.evaluated for outcome in outcomes)
    for (mart, one), outcome in zip(held, outcomes, strict=True):
        keep_result(home, one.suite.name, outcome.document)
        failures += [_sentence(mart, unmet) for unmet in outcome.unmet]
    return GateResult(not failures, evaluated, len(failures), tuple(failures))


def _sentence(mart: Mart, unmet: dict[str, Any]) -> str:
    column = f" in {unmet['column']}" if unmet["column"] else ""
    return f"{mart.schema}.{mart.name}{column}: {unmet['rule']} (rows: {unmet['observed']})"


def _columns(connection: duckdb.DuckDBPyConnection, mart: Mart) -> dict[str, str]:
    """Types by column name; none when there is no such table."""
    found = connection.execute(
        "select column_name, data_type from duckdb_columns() where schema_name = $1 and table_name = $2 "
        "and database_name = current_database() order by column_index",
        [mart.schema, mart.name],
    ).fetchall()
    return dict(found)


def _streams_with_rows(connection: duckdb.DuckDBPyConnection) -> set[str]:
    """Contract names of the streams that have brought rows; none when the audit table is missing."""
    try:
        found = connection.execute(
            "select distinct source || '.' || stream from audit.batches where state = 'loaded' and rows_loaded > 0"
        ).fetchall()
    except duckdb.CatalogException:
        return set()
    return {name for (name,) in found}


def _rows_before(home: Home) -> Callable[[str], int]:
    """Rows by table in the published snapshot, 0 where there was none."""
    current = current_name(home)
    tables = manifest_of(home, current)["tables"] if current is not None else {}
    return lambda table: int(tables.get(table, {}).get("rows", 0))
