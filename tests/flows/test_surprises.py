"""What a contract says of new columns, missing columns and values of a wrong type, each mode of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import duckdb
import pytest

from pipelines.domain.contracts import Contract, Surprises
from pipelines.flows.load import load
from pipelines.flows.validate import validate
from pipelines.settings import Settings
from pipelines.sources import registry
from pipelines.storage.home import Home
from pipelines.storage.ledger import Ledger
from tests.formats.taken_in import DOSSIER, HEADER, Package, cells, csv_of, prepared

Make = Callable[..., Settings]
NAME = "hoso_20200104_20200105T010000.csv"


@pytest.fixture
def surprised(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Give the contract of dossiers other modes."""

    def change(**modes: Any) -> None:
        def changed(contract: Contract) -> Contract:
            return contract.model_copy(update={"surprises": Surprises(**modes)})

        found = tuple(changed(c) if c.name == "igate.dossiers" else c for c in registry.all_contracts())
        monkeypatch.setattr(registry, "all_contracts", lambda: found)

    return change


def _through(settings: Settings, data: str) -> tuple[Package, str | None, list[tuple[Any, ...]]]:
    """The package of one export, why it was refused, and code, receipt and fee in the lake."""
    package = prepared(settings, "igate.dossiers", NAME, data)
    validate(settings)
    load(settings)
    batch = Ledger(Home(settings.home).ledger).batch(package.batch.batch_id)
    if batch.state != "loaded":
        return package, batch.refusal, []
    lake = Home(settings.home).lake / "igate" / "dossiers" / f"{batch.batch_id}.parquet"
    query = "select _row_number, received_at, due_at from read_parquet($1) order by _row_number"
    return package, None, duckdb.execute(query, [str(lake)]).fetchall()


NEW = csv_of([*HEADER, "Cột lạ"], [*cells(1), "gì đó"], [*cells(2), " "])
RECEIVED, DUE = "2020-01-04 08:00:00", "2020-01-10 17:00:00"


@pytest.mark.parametrize("mode", ["evolve", "discard_value"])
def test_a_new_column_is_told_and_the_rows_are_loaded(make_settings: Make, surprised: Any, mode: str) -> None:
    surprised(new_columns=mode)
    package, refusal, rows = _through(make_settings(), NEW)
    assert refusal is None
    assert package.told["unknown_columns"] == ["Cột lạ"]
    assert [n for n, _, _ in rows] == [2, 3]


def test_a_value_in_a_new_column_can_cost_its_row(make_settings: Make, surprised: Any) -> None:
    surprised(new_columns="discard_row")
    package, _, rows = _through(make_settings(), NEW)
    assert package.rejects() == [(2, "unknown_column")]
    assert [n for n, _, _ in rows] == [3]


def test_a_new_column_can_cost_the_file(make_settings: Make, surprised: Any) -> None:
    surprised(new_columns="freeze")
    package = prepared(make_settings(), "igate.dossiers", NAME, NEW)
    for part in (NAME, "row 1", "Cột lạ", "igate.dossiers", "Next:"):
        assert part in (package.result.refusal or "")


def _lacking() -> str:
    without = [n for n, label in enumerate(DOSSIER) if label != "Ngày tiếp nhận"]
    return csv_of(*([record[n] for n in without] for record in (HEADER, cells(1), cells(2))))


@pytest.mark.parametrize("mode", ["evolve", "discard_value"])
def test_a_required_column_may_be_missing(make_settings: Make, surprised: Any, mode: str) -> None:
    surprised(missing_columns=mode)
    _, refusal, rows = _through(make_settings(), _lacking())
    assert refusal is None
    assert rows == [(2, None, DUE), (3, None, DUE)]


def test_a_missing_column_can_cost_its_rows(make_settings: Make, surprised: Any) -> None:
    surprised(missing_columns="discard_row")
    settings = make_settings()
    _, refusal, rows = _through(settings, _lacking())
    assert (refusal, rows) == (None, [])
    assert [b.rows_quarantined for b in Ledger(Home(settings.home).ledger).select()] == [2]


def test_a_missing_column_costs_the_file_unless_the_contract_says_otherwise(make_settings: Make) -> None:
    package = prepared(make_settings(), "igate.dossiers", NAME, _lacking())
    assert "Ngày tiếp nhận" in (package.result.refusal or "")


WRONG = csv_of(HEADER, cells(1, due_at="mai"), cells(2))


@pytest.mark.parametrize(("mode", "kept"), [("evolve", "mai"), ("discard_value", None)])
def test_a_value_of_a_wrong_type_is_told_and_its_row_is_loaded(
    make_settings: Make, surprised: Any, mode: str, kept: str | None
) -> None:
    surprised(wrong_type=mode)
    settings = make_settings()
    package, refusal, rows = _through(settings, WRONG)
    assert refusal is None
    assert rows == [(2, RECEIVED, kept), (3, RECEIVED, DUE)]
    found = duckdb.execute(
        "select _row_number, rule, severity from read_parquet($1)", [str(package.folder / "findings.parquet")]
    ).fetchall()
    assert (2, "bad_date", "warn") in found


@pytest.mark.parametrize("mode", ["evolve", "discard_value", "discard_row"])
def test_a_required_value_of_a_wrong_type_costs_its_row(make_settings: Make, surprised: Any, mode: str) -> None:
    surprised(wrong_type=mode)
    _, _, rows = _through(make_settings(), csv_of(HEADER, cells(1, received_at="hôm qua"), cells(2)))
    assert rows == [(3, RECEIVED, DUE)]


def test_a_value_of_a_wrong_type_can_cost_the_file(make_settings: Make, surprised: Any) -> None:
    surprised(wrong_type="freeze")
    _, refusal, _ = _through(make_settings(), WRONG)
    for part in (NAME, "bad_date 1", "igate.dossiers", "Next:"):
        assert part in (refusal or "")
