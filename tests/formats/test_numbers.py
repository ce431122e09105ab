"""Numbers of formats that have them are never read as text with dots between thousands."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from math import nan
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.flows.collect import collect
from pipelines.flows.load import load
from pipelines.flows.prepare import prepare
from pipelines.flows.quarantine_export import quarantine_export, redrive
from pipelines.flows.validate import validate
from pipelines.formats.numbers import number_text
from pipelines.settings import Settings
from pipelines.storage.home import Home
from tests.formats.taken_in import HEADER, cells, drop, prepared, xlsx

Make = Callable[..., Settings]
STREAM = "igate.dossiers"
STEM = "hoso_20200104_20200105T010000"
FEES = [
    (1.887, "1.8870"),
    (82.813, "82.8130"),
    (250000.0, "250000"),
    ("1.887", "1887"),
    (0.5, "0.5"),
    ("1.887,5", "1887.5"),
]


def test_fees_of_a_sheet(make_settings: Make, tmp_path: Path) -> None:
    rows: list[list[Any]] = [[*HEADER, "Lệ phí", "Số tài liệu nộp"]]
    rows += [[*cells(n), fee, 3.0] for n, (fee, _) in enumerate(FEES, start=1)]
    package = prepared(make_settings(), STREAM, f"{STEM}.xlsx", xlsx(tmp_path / "a.xlsx", rows))
    assert package.column("fee_amount") == [kept for _, kept in FEES]
    assert set(package.column("document_count")) == {"3"}


def test_a_decimal_where_a_whole_number_belongs_is_none(make_settings: Make, tmp_path: Path) -> None:
    rows: list[list[Any]] = [[*HEADER, "Số tài liệu nộp"], [*cells(1), 1.234]]
    package = prepared(make_settings(), STREAM, f"{STEM}.xlsx", xlsx(tmp_path / "a.xlsx", rows))
    assert package.column("document_count") == ["1,234"], "for validation to find, not one thousand"


@pytest.mark.parametrize("lines", [False, True])
def test_fees_of_json(make_settings: Make, lines: bool) -> None:
    records = [
        dict(zip(HEADER, cells(n), strict=True)) | {"Gia": fee, "DanhSachLePhi": [{"Gia": fee, "HinhThucThu": 1.0}]}
        for n, (fee, _) in enumerate(FEES, start=1)
    ]
    told = [json.dumps(r, ensure_ascii=False) for r in records]
    data = "\n".join(told) if lines else f"[{', '.join(told)}]"
    package = prepared(make_settings(), STREAM, f"{STEM}.json", data)
    assert package.result.rejected == 0
    assert package.column("fee_amount") == [kept for _, kept in FEES]
    inner = [json.loads(f)[0] for f in package.column("fees")]
    assert [(f["amount"], f["collected_at_step"]) for f in inner] == [(kept, "1") for _, kept in FEES]


@pytest.mark.parametrize("kind", ["xlsx", "json"])
def test_a_number_survives_the_way_to_its_owner_and_back(make_settings: Make, tmp_path: Path, kind: str) -> None:
    settings, row = make_settings(), cells(1, status_code="99")
    if kind == "xlsx":
        drop(settings, STREAM, f"{STEM}.xlsx", xlsx(tmp_path / "a.xlsx", [[*HEADER, "Lệ phí"], [*row, 1.887]]))
    else:
        drop(settings, STREAM, f"{STEM}.json", json.dumps([dict(zip(HEADER, row, strict=True)) | {"Lệ phí": 1.887}]))
    _take(settings)
    (given,) = quarantine_export(settings, output=tmp_path / "out")
    with given.path.open(encoding="utf-8-sig", newline="") as stream:
        (told,) = csv.DictReader(stream)
    assert told["Lệ phí"] == "1,887"
    corrected = tmp_path / "corrected.csv"
    with corrected.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([told.keys(), (told | {"Trạng thái hồ sơ": "4"}).values()])
    redrive(settings, corrected, now=datetime(2020, 1, 6, 9, 30))
    _take(settings)
    lake = str(Home(settings.home).lake / "igate" / "dossiers" / "*.parquet")
    assert duckdb.execute("select fee_amount from read_parquet($1)", [lake]).fetchall() == [("1.8870",)]


def _take(settings: Settings) -> None:
    for step in (collect, prepare, validate, load):
        step(settings)


@pytest.mark.parametrize(
    ("value", "text"),
    [(1.5, "1,5"), (1e16, "1" + "0" * 16), (1e-7, "0,0000001"), (-2.0, "-2"), (Decimal("9.90"), "9,90"), (nan, "NaN")],
)
def test_a_number_as_text(value: float | Decimal, text: str) -> None:
    assert number_text(value) == text
