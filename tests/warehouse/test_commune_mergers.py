"""The shipped list of communes against the lists of before and after the mergers (``../shared/fixtures``)."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from pipelines.domain.text import canonical_key
from tests.warehouse.plain_sql import WAREHOUSE, seeded
from tests.warehouse.successions import build

FIXTURES = Path(__file__).resolve().parents[3] / "shared" / "fixtures"
Row = dict[str, str]
# The statistics office's codes of communes: those of old Đắk Lắk begin here, Phú Yên's are smaller.
FIRST_CODE = 24000


def _real(name: str) -> str:
    path = FIXTURES / name
    assert path.is_file(), f"{path} is missing: these tests need the shared folder of real files beside the checkout"
    return path.read_text(encoding="utf-8")


def _rows() -> list[Row]:
    text = (WAREHOUSE / "seeds" / "agency_successions.csv").read_text(encoding="utf-8")
    return [row for row in csv.DictReader(text.splitlines()) if row["from_code"].count(".") == 2]


def _keys(names: str) -> list[str]:
    """Names of a commune without its district."""
    return [canonical_key(name.split(",")[0].removeprefix("UBND")) for name in names.split(";")]


@pytest.fixture(scope="module")
def bridge() -> Iterator[duckdb.DuckDBPyConnection]:
    """The ways of the shipped list where the list of agencies knows none of its codes."""
    with seeded("agency_successions") as connection:
        connection.execute(
            "create table built.stg_reference__agencies (agency_code varchar, agency_name varchar, _batch_id varchar, "
            "_exported_at timestamp)"
        )
        build(connection, "dim_agency_succession", "bridge_agency_geography", geography="2025-07-01")
        yield connection


def _ways(bridge: duckdb.DuckDBPyConnection) -> list[tuple[str, str, Decimal]]:
    return bridge.execute(
        "select agency_code, successor_code, weight from built.bridge_agency_geography "
        "where geography_date = date '2025-07-01' and agency_code like 'H15.%.%'"
    ).fetchall()


def test_every_commune_of_before_is_in_the_list_under_its_name() -> None:
    old = [row for row in csv.DictReader(_real("admin_units_old_66_54.csv").splitlines()) if row["ma_tinh"] == "66"]
    listed = {
        (canonical_key(row["from_name"].split(";")[0].split(",")[1]), name): row["from_code"]
        for row in _rows()
        for name in _keys(row["from_name"])
    }
    # One district has two official spellings (domain.md §3).
    districts = {"huyenkrongana": "huyenkrongana", "huyenkrongpak": "huyenkrongpac"}
    keys = [(canonical_key(row["ten_huyen"]), canonical_key(row["ten_xa"])) for row in old]
    codes = [listed.get((districts.get(district, district), name)) for district, name in keys]
    assert [key for key, code in zip(keys, codes, strict=True) if code is None] == []
    assert len(set(codes)) == len(old) == 184
    assert set(codes) == {row["from_code"] for row in _rows()}


def test_every_commune_has_its_way_to_the_new_ones(bridge: duckdb.DuckDBPyConnection) -> None:
    ways = _ways(bridge)
    shares: dict[str, Decimal] = {}
    for agency, _, weight in ways:
        shares[agency] = shares.get(agency, Decimal(0)) + weight
    assert len(shares) == 184
    assert set(shares.values()) == {Decimal(1)}
    names = {row["to_code"]: _keys(row["to_name"])[-1] for row in _rows() if row["valid_on"] == "2025-07-01"}
    reached = [names[code] for code in {successor for _, successor, _ in ways}]
    (province,) = json.loads(_real("admin_units_new_2025_66.json"))
    new = [canonical_key(ward["name"]) for ward in province["wards"] if ward["code"] > FIRST_CODE]
    assert len(new) == len(reached) == 68
    assert set(reached) == set(new)


def test_two_steps_and_what_was_split(bridge: duckdb.DuckDBPyConnection) -> None:
    """184 → 180 → 68: what came to the same commune by two ways is whole there."""
    code = {name: row["from_code"] for row in _rows() for name in _keys(row["from_name"])}
    way: dict[str, list[tuple[str, Decimal]]] = {}
    for agency, successor, weight in sorted(_ways(bridge)):
        way.setdefault(agency, []).append((successor, weight.normalize()))
    assert way[code["phuongthangloi"]] == [(code["phuongthanhcong"], Decimal(1))]
    assert way[code["xaeablang"]] == way[code["xaeasien"]]
    halves = [(code["xadraybhang"], Decimal("0.5")), (code["xaeaktur"], Decimal("0.5"))]
    assert way[code["xaeabhok"]] == sorted(halves)
    assert sum(len(ways) > 1 for ways in way.values()) == 1
    steps = Counter(row["valid_on"] for row in {row["from_code"] + row["valid_on"]: row for row in _rows()}.values())
    assert steps == {"2024-11-01": 4, "2025-07-01": 180}


def test_a_code_stands_for_one_commune_of_a_day() -> None:
    """Rows that speak of one code give it the same names, and no two new communes share one."""
    told: dict[tuple[str, str], set[str]] = {}
    for row in _rows():
        told.setdefault(("from", row["from_code"]), set()).add(row["from_name"])
        told.setdefault((row["valid_on"], row["to_code"]), set()).add(row["to_name"])
    assert {key: names for key, names in told.items() if len(names) > 1} == {}
