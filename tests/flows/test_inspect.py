"""``cchc inspect``: what a file is, how its columns map, and a drafted contract that loads it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from pipelines.domain.contracts import Contract
from pipelines.domain.errors import DataRefused, WrongUse
from pipelines.domain.text import canonical_key
from pipelines.flows.column_mapping import map_columns
from pipelines.flows.inspect_file import inspect_file
from pipelines.settings import Settings
from pipelines.sources.registry import all_contracts, contract_for
from tests.flows.test_inspect_real_files import _real
from tests.formats.taken_in import HEADER, cells, csv_of, prepared, xlsx

Make = Callable[..., Settings]


def _file(tmp_path: Path, name: str, data: str | bytes) -> Path:
    path = tmp_path / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def test_each_column_says_how_it_was_found() -> None:
    contract = contract_for("igate", "dossiers")
    keys = {canonical_key(c.label) for c in contract.columns}
    taken = ("dossier_code", "received_at", "due_at")
    alias, name = next(
        (a, c.name) for c in contract.columns for a in c.aliases if canonical_key(a) not in keys and c.name not in taken
    )
    header = ["Mã hồ sơ", alias, "received_at", "Ngày hẹn trả kq", "Màu sắc"]
    found = {c.label: (c.column, c.how) for c in map_columns(header, contract)}
    assert found["Mã hồ sơ"] == ("dossier_code", "label")
    assert found[alias] == (name, "alias")
    assert found["received_at"] == ("received_at", "column name")
    assert found["Ngày hẹn trả kq"][1] == "fuzzy"
    assert "Màu sắc" not in found
    scores = [c.score for c in map_columns(header, contract)]
    assert all(82 <= s <= 100 for s in scores)
    assert min(scores) < 100


def test_no_column_is_given_twice() -> None:
    contract = contract_for("igate", "dossiers")
    found = map_columns(["Mã hồ sơ", "Mã hồ sơ", "Ma ho so", "Mã hồ sơ số"], contract)
    assert len({c.column for c in found}) == len(found)
    assert len({c.position for c in found}) == len(found)


def test_the_nearest_contract_is_named_when_none_takes_the_file_in(tmp_path: Path) -> None:
    labels = [label for label in HEADER if label != "Mã hồ sơ"]
    found = inspect_file(_file(tmp_path, "a.csv", csv_of([*labels, "Lạ"], ["x"] * (len(labels) + 1))))
    assert (found.stream, found.nearest, found.left_over) == (None, "igate.dossiers", ("Lạ",))
    assert "Mã hồ sơ" in found.missing
    assert found.refusal


def test_rows_are_shown_up_to_the_limit(tmp_path: Path) -> None:
    path = _file(tmp_path, "a.csv", csv_of(HEADER, *(cells(n) for n in range(1, 100))))
    found = inspect_file(path, rows=3)
    assert (len(found.sheets[0].rows), found.sheets[0].height) == (3, 100)
    assert len(inspect_file(path, rows=0).sheets[0].rows) == 100
    assert found.stream == "igate.dossiers"


def test_a_table_saved_as_a_sheet_is_seen_for_what_it_is(tmp_path: Path) -> None:
    rows = "".join("<tr>" + "".join(f"<td>{c}</td>" for c in r) + "</tr>" for r in (HEADER, cells(1)))
    found = inspect_file(_file(tmp_path, "a.xls", f"<html><table>{rows}</table></html>"))
    assert (found.format, found.stream, found.header_row) == ("html table", "igate.dossiers", 1)
    assert found.sheets[0].rows[1] == cells(1)


@pytest.mark.parametrize("name", ["igate_danh_muc_ma.csv", "admin_units_old_66_54.csv", "idesk_agencies_H53.csv"])
def test_a_draft_loads_a_file_that_no_contract_knew(make_settings: Make, own_contracts: Path, name: str) -> None:
    path = _real(name)
    assert inspect_file(path).stream is None
    draft = inspect_file(path, draft=own_contracts).draft
    assert draft is not None
    assert draft.parent == own_contracts / "local"
    all_contracts.cache_clear()
    contract = contract_for("local", draft.stem)
    assert inspect_file(path).stream == contract.name
    package = prepared(make_settings(), contract.name, f"{path.stem}_all_20200105T010000.csv", path.read_bytes())
    assert package.result.refusal is None
    assert package.result.rejected == 0
    assert package.result.rows == inspect_file(path, rows=0).sheets[0].height - 1
    assert package.told["unknown_columns"] == package.told["missing_columns"] == []


def test_a_form_without_data_gives_no_rows(make_settings: Make, own_contracts: Path) -> None:
    path = _real("xls_tcvn3_form_mau_10_11_12.xls")
    draft = inspect_file(path, draft=own_contracts).draft
    assert draft is not None
    all_contracts.cache_clear()
    package = prepared(make_settings(), f"local.{draft.stem}", path.name, path.read_bytes())
    assert (package.result.refusal, package.result.rows, package.result.rejected) == (None, 0, 0)
    assert package.non_data == {"blank": 16, "column_numbers": 1, "header": 2, "note": 3, "title": 5, "total": 1}


def test_a_report_in_old_letters_is_drafted_and_loaded(make_settings: Make, own_contracts: Path) -> None:
    path = _real("xls_tcvn3_nhap_khau_t2_2005.xls")
    draft = inspect_file(path, draft=own_contracts).draft
    assert draft is not None
    all_contracts.cache_clear()
    package = prepared(make_settings(), f"local.{draft.stem}", path.name, path.read_bytes())
    assert package.result.refusal is None
    goods = package.rows("stt", "don_vi_tinh", "k_h_2005")
    assert [g for g in goods if g[0]][:2] == [("1", "Chiếc", "25000"), ("2", "Tr. USD", "700")]
    assert sum(g[0] is not None for g in goods) == 18, "numbered goods"


@pytest.mark.parametrize(
    ("name", "row", "depth", "label"),
    [
        ("xls_tcvn3_nhap_khau_t2_2005.xls", 5, 2, "Đơn vị tính"),
        ("xls_vni_mau21_cktc.xls", 10, 1, "NỘI DUNG"),
        ("xls_vni_mau22_cktc.xls", 11, 1, "NỘI DUNG"),
        ("xls_tcvn3_fdi_dong_nam_bo.xls", 4, 1, "Chuyên ngành"),
        ("xls_tcvn3_danh_muc_ma_hang.xls", 3, 2, "Mã số theo biểu thuế nhập khẩu Phân nhóm"),
    ],
)
def test_the_header_of_a_report_is_found(name: str, row: int, depth: int, label: str) -> None:
    found = inspect_file(_real(name))
    assert (found.header_row, found.header_depth) == (row, depth)
    assert label in found.header
    assert label in found.left_over


def test_a_column_without_a_name_is_named_as_left_over() -> None:
    assert "(column 5 has no name)" in inspect_file(_real("xls_tcvn3_danh_muc_ma_hang.xls")).left_over


def test_a_draft_guesses_types_and_hides_persons(make_settings: Make, own_contracts: Path, tmp_path: Path) -> None:
    header = ["Số TT", "Họ và tên", "Email", "Mã", "Số tiền", "Ngày", "Tỷ lệ", "Thời điểm"]
    rows = [
        ["1", "Nguyễn Văn A", "a@x.vn", "007", "1.234.567", "04/01/2020", "82,81%", "2020-01-04 08:00:00"],
        ["2", "Trần Thị B", "b@x.vn", "012", "5", "13/01/2020", "7,5%", "2020-01-05 09:30:00"],
    ]
    path = _file(tmp_path, "Bảng kê.xlsx", xlsx(tmp_path / "b.xlsx", [["BẢNG KÊ"], [], header, *rows]))
    draft = inspect_file(path, draft=own_contracts).draft
    assert draft is not None
    contract = Contract.model_validate(yaml.safe_load(draft.read_text(encoding="utf-8")))
    assert [(c.name, str(c.type), str(c.privacy)) for c in contract.columns] == [
        ("so_tt", "integer", "none"),
        ("ho_va_ten", "text", "personal"),
        ("email", "text", "email"),
        ("ma", "text", "none"),
        ("so_tien", "integer", "none"),
        ("ngay", "date", "none"),
        ("ty_le", "decimal", "none"),
        ("thoi_diem", "datetime", "none"),
    ]
    all_contracts.cache_clear()
    package = prepared(make_settings(), contract.name, "x_all_20200105T010000.xlsx", path.read_bytes())
    assert package.rows("ma", "so_tien", "ngay", "ty_le") == [
        ("007", "1234567", "2020-01-04", "0.8281"),
        ("012", "5", "2020-01-13", "0.0750"),
    ]
    assert all(v.startswith("p_") for v in package.column("ho_va_ten"))


def test_a_draft_overwrites_nothing_and_needs_a_header(own_contracts: Path, tmp_path: Path) -> None:
    path = _file(tmp_path, "la.csv", "Cột một;Cột hai\n1;2\n")
    target = own_contracts / "local" / "la.yml"
    assert inspect_file(path, draft=target).draft == target
    with pytest.raises(WrongUse, match="exists already"):
        inspect_file(path, draft=target)
    with pytest.raises(DataRefused, match="no header"):
        inspect_file(_file(tmp_path, "so.csv", "1;2\n3;4\n"), draft=own_contracts)


def test_an_own_contract_takes_the_place_of_ours(own_contracts: Path) -> None:
    ours = contract_for("reference", "survey")
    (own_contracts / "reference").mkdir()
    changed = {**ours.model_dump(mode="json", exclude_defaults=True), "version": 99}
    (own_contracts / "reference" / "survey.yml").write_text(json.dumps(changed), encoding="utf-8")
    all_contracts.cache_clear()
    assert contract_for("reference", "survey").version == 99
    assert len({c.name for c in all_contracts()}) == len(all_contracts())


def test_a_folder_that_is_not_there_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CCHC_CONTRACTS_DIR", str(tmp_path / "none"))
    all_contracts.cache_clear()
    with pytest.raises(WrongUse, match="CCHC_CONTRACTS_DIR"):
        all_contracts()
    monkeypatch.undo()
    all_contracts.cache_clear()
    assert contract_for("igate", "dossiers")


@pytest.mark.parametrize(
    ("record", "nearest"),
    [
        ({"id": 1, "name": "Thanh Khê", "level": 2, "lat": 16.06, "lng": 108.18}, "reference.targets"),
        ({"OrganId": "H15.1", "email": "", "fax": "", "website": ""}, "idesk.incoming"),
    ],
)
def test_records_that_share_a_name_with_a_contract_are_not_its_own(
    tmp_path: Path, record: dict[str, object], nearest: str
) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps([record]), encoding="utf-8")
    found = inspect_file(path)
    assert (found.stream, found.nearest) == (None, nearest)
    assert "no contract enough of them" in (found.refusal or "")


def test_an_envelope_beyond_the_limit_says_what_the_limit_is(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text('{"data": [' + ",".join(['{"MaHoSo": "' + "x" * 1000 + '"}'] * 70_000) + "]}", encoding="utf-8")
    assert "64 MiB for an object around records" in (inspect_file(path, stream="igate.dossiers").refusal or "")
