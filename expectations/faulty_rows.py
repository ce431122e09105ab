"""Two expectations of our own: no row fulfils a predicate that tells a fault; a key stands once.

The stock ways cost more than they need. ``UnexpectedRowsExpectation`` makes two passes over the
data for each rule and carries rows into the result; ``ExpectCompoundColumnsToBeUnique`` joins the
table with itself. A predicate here is a map metric like the stock ones, so Great Expectations
counts all of them and the stock ones in a single query; a key costs one distinct count over its
own columns. The results hold numbers and nothing else.
"""

from __future__ import annotations

from typing import Any, ClassVar

import sqlalchemy as sa
from great_expectations.core.metric_domain_types import MetricDomainTypes
from great_expectations.core.metric_function_types import MetricPartialFunctionTypes
from great_expectations.expectations.expectation import BatchExpectation, ColumnMapExpectation
from great_expectations.expectations.metrics.map_metric_provider.column_condition_partial import (
    column_condition_partial,
)
from great_expectations.expectations.metrics.map_metric_provider.column_map_metric_provider import (
    ColumnMapMetricProvider,
)
from great_expectations.expectations.metrics.metric_provider import metric_partial
from great_expectations.expectations.metrics.table_metric_provider import TableMetricProvider
from great_expectations.validator.metric_configuration import MetricConfiguration

from expectations.bridge import DuckDBExecutionEngine


class FaultFreeValues(ColumnMapMetricProvider):
    """``column_values.free_of_fault``: rows for which the SQL predicate ``fault`` is not true."""

    condition_metric_name = "column_values.free_of_fault"
    condition_value_keys = ("fault",)
    filter_column_isnull = False

    @column_condition_partial(engine=DuckDBExecutionEngine)
    def _duckdb(cls, column: Any, fault: str, **_: Any) -> Any:  # noqa: ARG002, N805 (given by name, with the class)
        return sa.not_(sa.literal_column(f"({fault})", sa.Boolean))


class RepeatedKeyCount(TableMetricProvider):
    """``table.repeated_key_count``: rows beyond the first of their key; keys with a null are left out."""

    metric_name = "table.repeated_key_count"
    value_keys = ("columns",)

    @metric_partial(
        engine=DuckDBExecutionEngine,
        partial_fn_type=MetricPartialFunctionTypes.AGGREGATE_FN,
        domain_type=MetricDomainTypes.TABLE,
    )
    def _duckdb(
        cls,  # noqa: N805
        execution_engine: DuckDBExecutionEngine,  # noqa: ARG002
        metric_domain_kwargs: dict[str, Any],
        metric_value_kwargs: dict[str, Any],
        metrics: dict[str, Any],  # noqa: ARG002
        runtime_configuration: dict[str, Any],  # noqa: ARG002
    ) -> Any:
        columns: list[sa.ColumnClause[Any]] = [sa.column(name) for name in metric_value_kwargs["columns"]]
        whole = sa.and_(*(column.is_not(None) for column in columns))
        keys = sa.func.count(sa.distinct(sa.func.row(*columns))).filter(whole)
        return sa.func.count().filter(whole) - keys, metric_domain_kwargs, {}


class ExpectNoFaultyRows(ColumnMapExpectation):
    """Expect that no row fulfils ``fault``, an SQL predicate over the columns of the batch.

    ``column`` is where the fault is shown; the predicate may use others too. Nulls of the column
    are not left out: what a null means is the predicate's affair.
    """

    fault: str

    map_metric: ClassVar[str] = "column_values.free_of_fault"
    success_keys: ClassVar[tuple[str, ...]] = ("fault",)
    args_keys: ClassVar[tuple[str, ...]] = ("column", "fault")

    def get_validation_dependencies(
        self, execution_engine: Any = None, runtime_configuration: dict[str, Any] | None = None, **_: Any
    ) -> Any:
        """The two counts alone, whatever the result format: no value ever leaves the database.

        Said outright; the stock way asks for each metric's arguments through the whole
        configuration, which is most of what an expectation costs besides its query.
        """
        needed = BatchExpectation.get_validation_dependencies(self, execution_engine, runtime_configuration)
        domain = {"batch_id": self.batch_id, "table": None, "row_condition": None, "condition_parser": None}
        for name, where, value in (
            (f"{self.map_metric}.unexpected_count", {**domain, "column": self.column}, {"fault": self.fault}),
            ("table.row_count", domain, {}),
        ):
            needed.set_metric_configuration(name, MetricConfiguration(name, where, value))
        return needed

    def _validate(
        self,
        metrics: dict[str, Any],
        runtime_configuration: dict[str, Any] | None = None,  # noqa: ARG002
        execution_engine: Any = None,  # noqa: ARG002
    ) -> dict[str, Any]:
        return _outcome(metrics[f"{self.map_metric}.unexpected_count"], metrics["table.row_count"])


class ExpectKeyToStandOnce(BatchExpectation):
    """Expect that no two rows have the same values in ``columns``; rows with a null in them do not count.

    ``unexpected_count`` is the number of rows beyond the first of each key.
    """

    columns: list[str]

    metric_dependencies: ClassVar[tuple[str, ...]] = ("table.repeated_key_count", "table.row_count")
    success_keys: ClassVar[tuple[str, ...]] = ("columns",)
    args_keys: ClassVar[tuple[str, ...]] = ("columns",)

    def _validate(
        self,
        metrics: dict[str, Any],
        runtime_configuration: dict[str, Any] | None = None,  # noqa: ARG002
        execution_engine: Any = None,  # noqa: ARG002
    ) -> dict[str, Any]:
        return _outcome(metrics["table.repeated_key_count"], metrics["table.row_count"])


def _outcome(count: int | None, rows: int) -> dict[str, Any]:
    faulty = count or 0  # the sum over no rows is null
    percent = 100.0 * faulty / rows if rows else 0.0
    return {
        "success": faulty == 0,
        "result": {"element_count": rows, "unexpected_count": faulty, "unexpected_percent": percent},
    }
