"""Contracts drafted from JSON load the file that they were drafted from."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipelines.domain.errors import DataRefused
from pipelines.flows.inspect_file import inspect_file
from pipelines.settings import Settings
from pipelines.sources.registry import all_contracts, contract_for
from tests.flows.test_inspect_real_files import _real
from tests.formats.taken_in import Package, prepared

Make = Callable[..., Settings]
RECORDS: list[dict[str, Any]] = [
    {
        "MaPhieu": f"P{n:03d}",
        "HoTen": "Nguyễn Văn An",
        "SoTien": n * 1000,
        "NgayNop": "20210104080000",
        "DaThu": n % 2 == 0,
        "ChiTiet": [{"TenPhi": "Lệ phí", "SoDienThoai": "0905123456", "Gia": 30000}] * (n % 3),
        "TyLe": 1.887,
        "Khac": {"a": 1},
    }
    for n in range(1, 9)
]


def _loaded(make_settings: Make, own_contracts: Path, path: Path) -> Package:
    draft = inspect_file(path, draft=own_contracts).draft
    assert draft is not None
    all_contracts.cache_clear()
    assert inspect_file(path).stream == f"local.{draft.stem}"
    return prepared(make_settings(), f"local.{draft.stem}", path.name, path.read_bytes())


@pytest.mark.parametrize("form", ["array", "lines", "envelope"])
def test_a_draft_loads_records_however_they_lie(
    make_settings: Make, own_contracts: Path, tmp_path: Path, form: str
) -> None:
    path = tmp_path / "phieu_all_20210105T010000.json"
    lines = "\n".join(json.dumps(r, ensure_ascii=False) for r in RECORDS)
    texts = {"array": json.dumps(RECORDS), "lines": lines, "envelope": json.dumps({"Ma": "x", "Data": {"DS": RECORDS}})}
    path.write_text(texts[form], encoding="utf-8")
    package = _loaded(make_settings, own_contracts, path)
    assert (package.result.refusal, package.result.rows, package.result.rejected) == (None, 8, 0)
    assert package.rows("maphieu", "sotien", "ngaynop", "dathu")[1] == ("P002", "2000", "2021-01-04 08:00:00", "true")
    assert {float(v) for v in package.column("tyle")} == {1.887}
    assert all(v.startswith("p_") for v in package.column("hoten"))
    (fee, *more) = json.loads(package.column("chitiet")[1])
    assert (fee["tenphi"], fee["gia"], len(more)) == ("Lệ phí", "30000", 1)
    assert fee["sodienthoai"].startswith("p_")


def test_what_the_draft_says_of_json(own_contracts: Path, tmp_path: Path) -> None:
    path = tmp_path / "phieu.json"
    path.write_text(json.dumps(RECORDS), encoding="utf-8")
    draft = inspect_file(path, draft=own_contracts).draft
    assert draft is not None
    text = draft.read_text(encoding="utf-8")
    assert "# Khac holds no list of records and is left out." in text
    assert "# SoDienThoai: header of something personal" in text
    all_contracts.cache_clear()
    assert contract_for("local", "phieu").key == ("maphieu",)


def test_a_real_list_of_wards_is_drafted_and_loaded(make_settings: Make, own_contracts: Path) -> None:
    package = _loaded(make_settings, own_contracts, _real("admin_units_new_2025_66.json"))
    assert (package.result.refusal, package.result.rejected) == (None, 0)
    assert package.result.rows in (1, 102), "one province, or its 102 wards"


@pytest.mark.parametrize("text", ['{"a": [{"x": 1}], "b": [{"y": 1}]}', '[{"a": 1}, {"a"', '{"a": {"b": 1'])
def test_what_cannot_be_drafted_is_refused(own_contracts: Path, tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataRefused):
        inspect_file(path, draft=own_contracts)
