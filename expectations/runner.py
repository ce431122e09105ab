"""Runs a suite on a table or view of an open DuckDB connection.

Great Expectations gets cursors of the very connection that is given: no second database instance,
one memory limit, nothing to lock. Importing this module imports Great Expectations (seconds):
import it where it is used, never at the top of a flow.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import uuid4

import duckdb
import great_expectations as gx
from great_expectations.core.expectation_validation_result import ExpectationSuiteValidationResult
from great_expectations.data_context.data_context.ephemeral_data_context import EphemeralDataContext
from great_expectations.data_context.types.base import ProgressBarsConfig
from great_expectations.datasource.fluent.sql_datasource import TableAsset

from expectations.bridge import EagerConnection
from pipelines.domain.errors import InternalFault

# Counts only. With a limit of 0 the queries for samples of unexpected values end at once, empty.
_COUNTS_ONLY = {"result_format": "BASIC", "partial_unexpected_count": 0}


@dataclass(frozen=True)
class SuiteOutcome:
    """What a suite said.

    ``evaluated``: expectations run; ``failed``: unmet ones that are critical; ``warned``: unmet
    warnings. ``counts``: unexpected rows by (rule, column) for the expectations that count rows;
    ``unmet``: the ``meta`` of each critical expectation that failed, with what was observed.
    ``document``: the whole result as data, for the Data Docs; it holds counts, never values.
    """

    evaluated: int
    failed: int
    warned: int
    counts: dict[tuple[str, str], int]
    unmet: tuple[dict[str, Any], ...]
    document: dict[str, Any]

    @property
    def success(self) -> bool:
        """Whether no critical expectation failed."""
        return self.failed == 0


@dataclass(frozen=True)
class Held:
    """A table or view and the suite it is held to."""

    suite: gx.ExpectationSuite
    table: str
    schema: str | None = None


def run_suites(connection: duckdb.DuckDBPyConnection, everything: Sequence[Held]) -> list[SuiteOutcome]:
    """Hold tables or views to their suites, in the order given.

    Temporary tables and views of the connection are not seen; ordinary ones are.

    Raises:
        InternalFault: an expectation could not be evaluated; the message names it.
    """
    name = f"duckdb_{uuid4().hex[:12]}"
    sources = _context().data_sources
    # All assets at once: the context writes its whole configuration anew with each one added.
    source = sources.add_duckdb(
        name,
        connection_string="duckdb+gx://",
        kwargs={"creator": lambda: EagerConnection(connection.cursor())},
        assets=[TableAsset(name=h.suite.name, table_name=h.table, schema_name=h.schema) for h in everything],
    )
    try:
        return [_run(source.get_asset(held.suite.name), held.suite) for held in everything]
    finally:
        source.get_execution_engine().close()
        sources.delete(name)


def _run(asset: TableAsset, suite: gx.ExpectationSuite) -> SuiteOutcome:
    batch = asset.get_batch(asset.build_batch_request())
    return _outcome(batch.validate(suite, result_format=_COUNTS_ONLY))


@cache
def _context() -> EphemeralDataContext:
    context = gx.get_context(mode="ephemeral")
    context.enable_analytics(enable=False)
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    return context


def _outcome(result: ExpectationSuiteValidationResult) -> SuiteOutcome:
    counts: dict[tuple[str, str], int] = {}
    unmet, warned = [], 0
    for one in result.results:
        config = one.expectation_config
        meta: dict[str, Any] = dict((config.meta if config else None) or {})
        _refuse_exceptions(one.exception_info or {}, meta)
        if "unexpected_count" in one.result:
            counts[str(meta.get("rule")), str(meta.get("column"))] = int(one.result["unexpected_count"] or 0)
        if not one.success and meta.get("severity") == "warn":
            warned += 1
        elif not one.success:
            unmet.append({**meta, "observed": one.result.get("unexpected_count", one.result.get("observed_value"))})
    document = json.loads(json.dumps(result.to_json_dict()))  # type: ignore[no-untyped-call]
    return SuiteOutcome(len(result.results), len(unmet), warned, counts, tuple(unmet), document)


def _refuse_exceptions(info: dict[str, Any], meta: dict[str, Any]) -> None:
    """Great Expectations reports an error inside a result; to us it is one (a table that is missing, say)."""
    for one in (info, *(part for part in info.values() if isinstance(part, dict))):
        if one.get("raised_exception"):
            raise InternalFault(
                f"The expectation {meta.get('rule')} on {meta.get('column') or 'the table'} could not be "
                f"evaluated: {one.get('exception_message')}"
            )
