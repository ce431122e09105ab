"""The dashboard's assets against the marts: what Superset would only tell whoever opens a chart."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from pipelines.storage.snapshots import open_current
from tests.warehouse.conftest import Nights

ASSETS = Path(__file__).resolve().parents[2] / "deploy" / "superset" / "assets"
FILES = sorted(ASSETS.rglob("*.yaml"))
Asset = dict[str, Any]


def _all(folder: str) -> dict[str, Asset]:
    found = {p.stem: yaml.safe_load(p.read_text(encoding="utf-8")) for p in (ASSETS / folder).rglob("*.yaml")}
    assert found
    return found


DATABASES, DATASETS, CHARTS, DASHBOARDS = map(_all, ("databases", "datasets", "charts", "dashboards"))
BY_UUID = {dataset["uuid"]: dataset for dataset in DATASETS.values()}


@pytest.fixture
def marts(nights: Nights) -> Iterator[duckdb.DuckDBPyConnection]:
    with open_current(nights.home) as connection:
        yield connection


def _columns(dataset: Asset) -> set[str]:
    return {column["column_name"] for column in dataset["columns"]}


def _metrics(dataset: Asset) -> set[str]:
    return {metric["metric_name"] for metric in dataset["metrics"]}


@pytest.mark.parametrize("name", sorted(DATASETS))
def test_a_dataset_has_the_columns_and_types_that_it_names(marts: duckdb.DuckDBPyConnection, name: str) -> None:
    dataset = DATASETS[name]
    found = marts.execute(f"describe {dataset['sql']}").fetchall()
    assert [(c["column_name"], c["type"]) for c in dataset["columns"]] == [(row[0], row[1]) for row in found]
    assert [c["column_name"] for c in dataset["columns"] if c["is_dttm"]] == [
        r[0] for r in found if r[1] == "TIMESTAMP"
    ]
    (rows,) = marts.execute(f"select count(*) from ({dataset['sql']})").fetchone() or (0,)
    assert rows > 0


@pytest.mark.parametrize("name", sorted(DATASETS))
def test_its_metrics_are_numbers_and_everything_has_a_vietnamese_name(
    marts: duckdb.DuckDBPyConnection, name: str
) -> None:
    dataset = DATASETS[name]
    for metric in dataset["metrics"]:
        (row,) = marts.execute(f"describe select {metric['expression']} from ({dataset['sql']})").fetchall()
        assert row[1] in {"HUGEINT", "BIGINT", "DOUBLE"}, metric
        assert metric["d3format"] == (",.1%" if metric["metric_name"].endswith("share") else ",d")
    labels = [item["verbose_name"] for item in (*dataset["columns"], *dataset["metrics"])]
    assert all(labels)
    assert dataset["description"]


@pytest.mark.parametrize("name", sorted(CHARTS))
def test_a_chart_uses_what_its_dataset_has(marts: duckdb.DuckDBPyConnection, name: str) -> None:
    chart = CHARTS[name]
    params, dataset = chart["params"], BY_UUID[chart["dataset_uuid"]]
    assert params["viz_type"] == chart["viz_type"]
    listed = [*params.get("metrics", []), params.get("metric"), params.get("timeseries_limit_metric")]
    measured = {metric for metric in listed if metric}
    split = params.get("groupby") or []
    ordered = [json.loads(order)[0] for order in params.get("order_by_cols", [])]
    shown = {*([split] if isinstance(split, str) else split), *params.get("all_columns", []), *ordered}
    asked = {condition["subject"] for condition in params["adhoc_filters"]}
    shown |= asked | ({params["x_axis"]} if "x_axis" in params else set()) | set(params.get("column_config", {}))
    assert measured or params["query_mode"] == "raw"
    assert measured <= _metrics(dataset)
    assert shown <= _columns(dataset)
    for condition in params["adhoc_filters"]:
        if condition["operator"] == "TEMPORAL_RANGE":
            continue
        values = condition["comparator"] if isinstance(condition["comparator"], list) else [condition["comparator"]]
        subject = condition["subject"]
        table = "marts.dim_indicator" if subject == "indicator_code" else f"({dataset['sql']})"
        known = marts.execute(f"select distinct {subject} from {table}").fetchall()
        assert {(value,) for value in values} <= set(known), condition


def test_charts_over_months_follow_the_filter_of_the_period() -> None:
    for name, chart in CHARTS.items():
        over_months = "month" in _columns(BY_UUID[chart["dataset_uuid"]]) and name != "targets"
        assert over_months == any(c["operator"] == "TEMPORAL_RANGE" for c in chart["params"]["adhoc_filters"]), name


def test_figures_of_several_months_are_added_up_only_where_they_may(marts: duckdb.DuckDBPyConnection) -> None:
    for chart in CHARTS.values():
        codes = [c["comparator"] for c in chart["params"]["adhoc_filters"] if c["subject"] == "indicator_code"]
        if not codes or chart["params"].get("x_axis") == "month":
            continue
        kinds = marts.execute("select over_time from marts.dim_indicator where indicator_code in ?", codes).fetchall()
        assert set(kinds) == {("sum",)}


def test_the_dashboard_holds_every_chart_once_and_in_place() -> None:
    (dashboard,) = DASHBOARDS.values()
    position = {key: item for key, item in dashboard["position"].items() if isinstance(item, dict)}
    held = [item["meta"]["uuid"] for item in position.values() if item["type"] == "CHART"]
    assert Counter(held) == Counter(chart["uuid"] for chart in CHARTS.values())
    assert len(held) >= 8
    for key, item in position.items():
        assert item["id"] == key
        assert all(position[child]["parents"][-1] == key for child in item.get("children", []))
        if item["type"] == "ROW":
            assert sum(position[child]["meta"]["width"] for child in item["children"]) == 12


def test_the_filters_ask_columns_that_are_there() -> None:
    (dashboard,) = DASHBOARDS.values()
    filters = dashboard["metadata"]["native_filter_configuration"]
    assert [f["name"] for f in filters] == ["Cấp", "Cơ quan", "Kỳ"]
    for target in (target for f in filters for target in f["targets"] if target):
        assert target["column"]["name"] in _columns(BY_UUID[target["datasetUuid"]])


def test_the_database_is_the_pointer_and_takes_nothing_in() -> None:
    (database,) = DATABASES.values()
    assert database["sqlalchemy_uri"] == "duckdb:///current.duckdb"
    assert not any(database[f"allow_{what}"] for what in ("ctas", "cvas", "dml", "csv_upload", "run_async"))
    assert {dataset["database_uuid"] for dataset in DATASETS.values()} == {database["uuid"]}


def test_every_asset_is_of_the_format_and_has_an_identity_of_its_own() -> None:
    loaded = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in FILES]
    assert {asset["version"] for asset in loaded} == {"1.0.0"}
    identities = [asset["uuid"] for asset in loaded if "uuid" in asset]
    assert len(set(identities)) == len(identities) == len(FILES) - 1  # metadata.yaml has none
