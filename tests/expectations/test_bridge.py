"""The bridge, against every expectation that the suites use: what passes, what fails, how many."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest
import sqlalchemy as sa

gx = pytest.importorskip("great_expectations")
gxe = pytest.importorskip("great_expectations.expectations")

from expectations import bridge  # noqa: E402

ROWS = """
    (values ('a1', 1, 10.5, 'x', date '2020-01-01'),
            ('b2', 2, null, 'x', date '2020-01-02'),
            ('Đ2', 2, 3.0, 'y', null),
            (null, 4, 5.0, 'y', date '2021-01-01'),
            ('a1', 1, 99.0, null, date '2020-01-01'),
            ('a1', null, 7.0, 'x', date '2020-01-01'))
"""


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("bridge") / "data.duckdb"
    with duckdb.connect(path) as connection:
        connection.execute("create schema strange")
        connection.execute(f"create table strange.things as select * from {ROWS} t(code, n, amount, kind, day)")
        connection.execute("create view main.things_view as select * from strange.things")
        connection.execute("create table strange.empty as select * from strange.things where false")
    return path


@pytest.fixture(scope="module")
def source(database: Path) -> Any:
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    return context.data_sources.add_duckdb("duck", connection_string=f"duckdb+gx:///{database}")


@pytest.fixture(scope="module")
def things(source: Any) -> Any:
    asset = source.add_table_asset("things", table_name="things", schema_name="strange")
    return asset.add_batch_definition_whole_table("all").get_batch()


CASES = [
    (gxe.ExpectColumnValuesToNotBeNull, {"column": "day"}, 1),
    (gxe.ExpectColumnValuesToNotBeNull, {"column": "amount", "mostly": 0.5}, 1),
    (gxe.ExpectColumnValuesToBeNull, {"column": "kind"}, 5),
    (gxe.ExpectColumnValuesToMatchRegex, {"column": "code", "regex": r"^\p{Ll}\d$"}, 1),
    (gxe.ExpectColumnValuesToMatchRegex, {"column": "code", "regex": "[0-9]"}, 0),
    (gxe.ExpectColumnValuesToMatchRegex, {"column": "code", "regex": "it's|a1"}, 2),
    (gxe.ExpectColumnValuesToNotMatchRegex, {"column": "code", "regex": "^a"}, 3),
    (gxe.ExpectColumnValuesToNotMatchRegex, {"column": "code", "regex": "@"}, 0),
    (gxe.ExpectColumnValuesToBeInSet, {"column": "n", "value_set": [1, 2]}, 1),
    (gxe.ExpectColumnValuesToBeInSet, {"column": "kind", "value_set": ["x", "y"]}, 0),
    (gxe.ExpectColumnValuesToBeInSet, {"column": "code", "value_set": ["a1", "it's"]}, 2),
    (gxe.ExpectColumnValuesToBeBetween, {"column": "amount", "min_value": 4, "max_value": 50}, 2),
    (gxe.ExpectColumnValuesToBeBetween, {"column": "amount", "min_value": 0}, 0),
    (gxe.ExpectColumnValuesToBeUnique, {"column": "code"}, 3),
    (gxe.ExpectCompoundColumnsToBeUnique, {"column_list": ["code", "n"], "ignore_row_if": "any_value_is_missing"}, 2),
    (gxe.ExpectCompoundColumnsToBeUnique, {"column_list": ["code", "n", "amount"]}, 0),
    (
        gxe.ExpectColumnPairValuesAToBeGreaterThanB,
        {"column_A": "amount", "column_B": "n", "ignore_row_if": "either_value_is_missing"},
        0,
    ),
]


@pytest.mark.parametrize("result_format", ["BASIC", "SUMMARY"])
@pytest.mark.parametrize(("expectation", "arguments", "unexpected"), CASES)
def test_row_expectations_count_what_is_unexpected(
    things: Any, expectation: Any, arguments: dict[str, Any], unexpected: int, result_format: str
) -> None:
    outcome = things.validate(
        expectation(**arguments), result_format={"result_format": result_format, "partial_unexpected_count": 0}
    )
    assert outcome.exception_info["raised_exception"] is False
    assert outcome.result["unexpected_count"] == unexpected
    assert outcome.success is (unexpected == 0 or "mostly" in arguments)
    assert outcome.result["partial_unexpected_list"] == []


@pytest.mark.parametrize(
    ("expectation", "arguments", "success", "observed"),
    [
        (gxe.ExpectTableRowCountToBeBetween, {"min_value": 1}, True, 6),
        (gxe.ExpectTableRowCountToBeBetween, {"min_value": 7}, False, 6),
        (gxe.ExpectColumnMaxToBeBetween, {"column": "amount", "max_value": 99}, True, 99.0),
        (gxe.ExpectColumnMaxToBeBetween, {"column": "amount", "max_value": 98}, False, 99.0),
        (gxe.ExpectColumnSumToBeBetween, {"column": "n", "min_value": 10, "max_value": 10}, True, 10),
        (gxe.UnexpectedRowsExpectation, {"unexpected_rows_query": "select * from {batch} where n > 1"}, False, 3),
        (gxe.UnexpectedRowsExpectation, {"unexpected_rows_query": "select * from {batch} where n > 9"}, True, 0),
    ],
)
def test_table_expectations(
    things: Any, expectation: Any, arguments: dict[str, Any], success: bool, observed: float
) -> None:
    outcome = things.validate(expectation(**arguments))
    assert (outcome.success, outcome.result["observed_value"]) == (success, observed)


def test_to_count_takes_one_query_and_no_samples(things: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    execute = bridge.EagerCursor.execute

    def listen(cursor: Any, statement: str, *more: Any) -> None:
        asked.append(statement.strip().lower())
        execute(cursor, statement, *more)

    monkeypatch.setattr(bridge.EagerCursor, "execute", listen)
    used = {"NotBeNull", "MatchRegex", "NotMatchRegex", "BeInSet", "BeBetween"}
    kinds = [case for case in CASES if case[0].__name__.removeprefix("ExpectColumnValuesTo") in used]
    assert len(kinds) > len(used)
    suite = gx.ExpectationSuite("some", expectations=[kind(**arguments) for kind, arguments, _ in kinds])
    outcome = things.validate(suite, result_format="BASIC")
    assert sorted(r.result["unexpected_count"] for r in outcome.results) == sorted(count for *_, count in kinds)
    assert [q for q in asked if not q.startswith(("describe", "select count(", "select sum("))] == []
    assert len(asked) <= 3


def test_columns_and_types_are_known(things: Any) -> None:
    columns = ["code", "n", "amount", "kind", "day"]
    assert things.validate(gxe.ExpectTableColumnsToMatchSet(column_set=columns)).success
    assert things.validate(gxe.ExpectTableColumnsToMatchSet(column_set=["code", "day"], exact_match=False)).success
    assert not things.validate(gxe.ExpectTableColumnsToMatchSet(column_set=[*columns, "more"])).success
    assert things.validate(gxe.ExpectColumnValuesToBeOfType(column="code", type_="String")).success


def test_a_whole_suite_over_a_view_agrees_with_the_table(source: Any) -> None:
    asset = source.add_table_asset("view", table_name="things_view")
    batch = asset.add_batch_definition_whole_table("all").get_batch()
    suite = gx.ExpectationSuite("all", expectations=[kind(**arguments) for kind, arguments, _ in CASES])
    outcome = batch.validate(suite, result_format={"result_format": "BASIC", "partial_unexpected_count": 0})
    found = [r.result["unexpected_count"] for r in outcome.results]
    assert sorted(found) == sorted(count for _, _, count in CASES)


def test_an_empty_table_passes_and_a_missing_one_is_an_error(source: Any) -> None:
    asset = source.add_table_asset("empty", table_name="empty", schema_name="strange")
    batch = asset.add_batch_definition_whole_table("all").get_batch()
    assert batch.validate(gxe.ExpectColumnValuesToMatchRegex(column="code", regex="^z")).success
    with pytest.raises(Exception, match="nowhere"):
        source.add_table_asset("nowhere", table_name="nowhere", schema_name="strange")


def test_rows_outlive_their_connection(database: Path) -> None:
    engine = sa.create_engine(f"duckdb+gx:///{database}")
    assert isinstance(engine.dialect, bridge.GxDialect)
    with engine.connect() as connection:
        result = connection.execute(sa.text("select n from strange.things order by n nulls last"))
        other = connection.execute(sa.text("select count(*) from strange.things"))
    # both results are read after the connection went back, the first after the second was run
    assert result.fetchone() == (1,)
    assert result.fetchmany(2) == [(1,), (2,)]
    assert [row[0] for row in result.fetchall()] == [2, 4, None]
    assert result.fetchall() == []
    assert other.scalar_one() == 6
    engine.dispose()


def test_writing_through_the_dialect_still_works(tmp_path: Path) -> None:
    engine = sa.create_engine(f"duckdb+gx:///{tmp_path / 'w.duckdb'}")
    with engine.begin() as connection:
        connection.execute(sa.text("create table t (a integer)"))
        connection.execute(sa.text("insert into t values (:a)"), [{"a": 1}, {"a": 2}])
        assert connection.execute(sa.text("update t set a = a + 1")).rowcount == 2
        assert connection.execute(sa.text("select sum(a) from t")).scalar_one() == 5
    engine.dispose()
