"""Great Expectations inside DuckDB: a dialect, an execution engine and a datasource of our own.

Out of the box every SQL expectation fails on DuckDB. Great Expectations reads a result after it
has given its connection back; giving it back rolls back, and on DuckDB, where all cursors share
the connection, that discards the rows nobody has fetched yet. A cursor that fetches its rows when
it executes cures this. The results are aggregates and short lists, so holding them costs nothing;
do not read tables through this dialect.

Nothing of Great Expectations or of duckdb-sqlalchemy is patched: the dialect has a driver name of
its own (``duckdb+gx://``), the datasource a type of its own (``context.data_sources.add_duckdb``),
and what DuckDB does otherwise are metrics registered for our engine only: regular expressions, the
columns of a table, and samples of unexpected values, which nobody asks for and which stay in the database.
"""

from __future__ import annotations

from collections import deque
from typing import Any, Literal, cast

import sqlalchemy as sa
from duckdb_sqlalchemy import ConnectionWrapper, CursorWrapper, Dialect
from great_expectations.core.metric_domain_types import MetricDomainTypes
from great_expectations.core.metric_function_types import MetricFunctionTypes, SummarizationMetricNameSuffixes
from great_expectations.datasource.fluent.sql_datasource import SQLDatasource
from great_expectations.execution_engine.sqlalchemy_execution_engine import SqlAlchemyExecutionEngine
from great_expectations.expectations.metrics.column_map_metrics.column_values_between import ColumnValuesBetween
from great_expectations.expectations.metrics.column_map_metrics.column_values_in_set import ColumnValuesInSet
from great_expectations.expectations.metrics.column_map_metrics.column_values_match_regex import ColumnValuesMatchRegex
from great_expectations.expectations.metrics.column_map_metrics.column_values_non_null import ColumnValuesNonNull
from great_expectations.expectations.metrics.column_map_metrics.column_values_not_match_regex import (
    ColumnValuesNotMatchRegex,
)
from great_expectations.expectations.metrics.map_metric_provider.column_condition_partial import (
    column_condition_partial,
)
from great_expectations.expectations.metrics.metric_provider import metric_value
from great_expectations.expectations.metrics.table_metrics.table_column_types import ColumnTypes
from great_expectations.expectations.registry import register_metric
from sqlalchemy.dialects import registry


class EagerCursor(CursorWrapper):
    """Holds all rows of its statement as soon as it has executed."""

    _rows: deque[tuple[Any, ...]] | None = None

    def execute(self, statement: str, parameters: Any = None, context: Any = None) -> None:
        """Run a statement and fetch its rows, if it has any."""
        self._rows = None
        super().execute(statement, parameters, context)
        if self.description:
            self._rows = deque(super().fetchall())

    def fetchone(self) -> tuple[Any, ...] | None:
        """The next row, or none."""
        if self._rows is None:
            return super().fetchone()
        return self._rows.popleft() if self._rows else None

    def fetchmany(self, size: int | None = None) -> list[tuple[Any, ...]]:
        """The next ``size`` rows."""
        if self._rows is None:
            return super().fetchmany(size)
        count = self.arraysize if size is None else size
        return [self._rows.popleft() for _ in range(min(count, len(self._rows)))]

    def fetchall(self) -> list[tuple[Any, ...]]:
        """All rows that are left."""
        if self._rows is None:
            return super().fetchall()
        rows = list(self._rows)
        self._rows.clear()
        return rows


class EagerConnection(ConnectionWrapper):
    """A connection whose cursors are eager."""

    def cursor(self) -> EagerCursor:
        """A new eager cursor over the shared connection."""
        cursor: Any = super().cursor()
        cursor.__class__ = EagerCursor  # same state, other fetching: no private name of theirs is needed
        return cast(EagerCursor, cursor)


class GxDialect(Dialect):
    """DuckDB's dialect for Great Expectations: ``duckdb+gx:///path``."""

    driver = "gx"
    supports_statement_cache = True

    def connect(self, *args: Any, **kwargs: Any) -> Any:
        """Open a DuckDB connection with eager cursors."""
        connection = super().connect(*args, **kwargs)
        connection.__class__ = EagerConnection
        return connection


registry.register("duckdb.gx", __name__, "GxDialect")


class DuckDBExecutionEngine(SqlAlchemyExecutionEngine):
    """The engine that DuckDB's own metrics are registered for."""


class DuckDBMatchRegex(ColumnValuesMatchRegex):
    """``column_values.match_regex`` by RE2; like Python's ``re.search``, the pattern may match anywhere."""

    @column_condition_partial(engine=DuckDBExecutionEngine)
    def _duckdb(cls, column: Any, regex: str, **_: Any) -> Any:  # noqa: N805 (Great Expectations passes the class)
        return sa.func.regexp_matches(column, sa.literal(regex))


class DuckDBNotMatchRegex(ColumnValuesNotMatchRegex):
    """``column_values.not_match_regex`` by RE2."""

    @column_condition_partial(engine=DuckDBExecutionEngine)
    def _duckdb(cls, column: Any, regex: str, **_: Any) -> Any:  # noqa: N805
        return sa.not_(sa.func.regexp_matches(column, sa.literal(regex)))


class DuckDBColumnTypes(ColumnTypes):
    """``table.column_types`` as DuckDB itself tells them; to reflect a table asks its catalogue several times."""

    @metric_value(engine=DuckDBExecutionEngine)
    def _duckdb(
        cls,  # noqa: N805 (Great Expectations passes the class)
        execution_engine: DuckDBExecutionEngine,
        metric_domain_kwargs: dict[str, Any],
        **_: Any,
    ) -> list[dict[str, Any]]:
        table, _kwargs, _columns = execution_engine.get_compute_domain(metric_domain_kwargs, MetricDomainTypes.TABLE)
        everything = sa.select(sa.text("*")).select_from(table)
        told = execution_engine.execute_query(sa.text(f"describe {everything.compile(dialect=GxDialect())}"))
        return [{"name": name, "type": _type_called(type_name)} for name, type_name, *_more in told]


def _type_called(name: str) -> sa.types.TypeEngine[Any]:
    """A plain type by its name in DuckDB; what has parts, such as a list, is of no type that an expectation knows."""
    found: Any = GxDialect.ischema_names.get(name.lower().partition("(")[0], sa.types.NullType)
    return cast(sa.types.TypeEngine[Any], found())


class CountingEngine(DuckDBExecutionEngine):
    """The engine that counts what is unexpected and takes no samples of it."""


def _no_samples(*_: Any, **__: Any) -> list[Any]:
    return []


# Else a query for each expectation, for values that no result of ours may hold.
for _metric in (ColumnValuesNonNull, ColumnValuesInSet, ColumnValuesBetween, DuckDBMatchRegex, DuckDBNotMatchRegex):
    register_metric(
        metric_name=f"{_metric.condition_metric_name}.{SummarizationMetricNameSuffixes.UNEXPECTED_VALUES.value}",
        metric_domain_keys=_metric.condition_domain_keys,
        metric_value_keys=(*_metric.condition_value_keys, "result_format"),
        execution_engine=CountingEngine,
        metric_class=_metric,
        metric_provider=_no_samples,
        metric_fn_type=MetricFunctionTypes.VALUE,
    )


_EngineType = type[CountingEngine]


class DuckDBDatasource(SQLDatasource):
    """A DuckDB database, by a ``duckdb+gx://`` connection string."""

    type: Literal["duckdb"] = "duckdb"  # type: ignore[assignment] # how Great Expectations names a subtype

    @property
    def execution_engine_type(self) -> _EngineType:
        """The engine that knows DuckDB's metrics and takes no samples."""
        return CountingEngine
