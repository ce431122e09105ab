"""Bodies of an iGate adapter (``../shared/fixtures/igate_*.json``) the whole way: collect, prepare, validate, load.

What they hold is in the folder's MANIFEST.md; the forms of codes are those of ``domain.md`` §2.1.
"""

from __future__ import annotations

import json
from collections.abc import Callable

import duckdb
import pytest

from pipelines.domain.pseudonyms import pseudonym
from pipelines.flows.collect import collect
from pipelines.flows.inspect_file import inspect_file
from pipelines.flows.load import LoadResult, load
from pipelines.flows.prepare import prepare
from pipelines.flows.quarantine import quarantine_list
from pipelines.flows.validate import validate
from pipelines.settings import Settings
from pipelines.storage.home import Home
from tests.formats.taken_in import drop, prepared
from tests.formats.test_real_nested import FIXTURES, _real

Make = Callable[..., Settings]
NAME = "x_202606_20260610T010000.json"
# The status and the agency are not in the body of a new dossier, and its code is an agency's; an update tells only
# the status.
FAULTS = {
    ("igate.dossiers", "igate_tao_ho_so.json"): {
        ("bad_pattern", "dossier_code"),
        ("required_missing", "agency_code"),
        ("required_missing", "status_code"),
    },
    ("igate.dossiers", "igate_cap_nhat_trang_thai.json"): {
        ("required_missing", "procedure_code"),
        ("required_missing", "received_at"),
        ("required_missing", "agency_code"),
    },
}
DETAILS = "ThongTinNguoiNop.ThongTinChiTiet."


def _whole_way(settings: Settings, stream: str, data: bytes | str) -> LoadResult:
    drop(settings, stream, NAME, data)
    for step in (collect, prepare, validate):
        step(settings)
    return load(settings)


@pytest.mark.parametrize(("stream", "name"), FAULTS)
def test_what_a_contract_cannot_hold_is_quarantined_for_the_right_reason(
    make_settings: Make, stream: str, name: str
) -> None:
    settings = make_settings()
    loaded = _whole_way(settings, stream, _real(name))
    assert (loaded.rows_in_file, loaded.rows_loaded, loaded.rows_quarantined, loaded.rows_non_data) == (1, 0, 1, 0)
    held = quarantine_list(settings)
    assert {(h.rule, h.column) for h in held} == FAULTS[stream, name]
    assert {h.row_numbers for h in held} == {(1,)}


def test_a_step_that_no_message_numbers_is_loaded(make_settings: Make) -> None:
    settings = make_settings()
    loaded = _whole_way(settings, "igate.steps", _real("igate_cap_nhat_tien_trinh.json"))
    assert (loaded.rows_in_file, loaded.rows_loaded, loaded.rows_quarantined) == (1, 1, 0)


def test_what_is_inside_objects_is_mapped_or_named(make_settings: Make) -> None:
    settings = make_settings()
    package = prepared(settings, "igate.dossiers", NAME, _real("igate_tao_ho_so.json"))
    people = ("applicant_name", "submitter_name", "applicant_id_number", "submitter_id_number", "submitter_phone")
    (row,) = package.rows(*people, "submitted_at", "receiving_agency_code")
    name = pseudonym(settings.key, "Nguyễn Văn A @test")
    numbers = [pseudonym(settings.key, n) for n in ("123456789", "0200000000", "0123456789")]
    assert row == (name, name, *numbers, "2026-06-08 14:07:53", "G09.20")
    left = package.told["unknown_columns"]
    assert {"MaDichVuCong", "ThongTinNguoiNop.LoaiDoiTuong", f"{DETAILS}MaHuyen", f"{DETAILS}Fax"} <= set(left)
    assert not {k for k in left if k.endswith(("HoTen", "TenNguoiNop", "TenChuHs", "SoDinhDanh", "Email"))}
    found = inspect_file(FIXTURES / "igate_tao_ho_so.json")
    assert (found.stream, found.left_over) == ("igate.dossiers", tuple(left))


def test_a_complete_body_with_a_code_of_2026_is_loaded(make_settings: Make) -> None:
    body = json.loads(_real("igate_tao_ho_so.json"))
    body |= {"MaHoSo": "G09.20-20260609-0092637", "DonViXuLy": "000.00.12.H15", "TrangThaiHoSo": 2}
    settings = make_settings()
    loaded = _whole_way(settings, "igate.dossiers", json.dumps(body))
    assert (loaded.rows_in_file, loaded.rows_loaded, loaded.rows_quarantined) == (1, 1, 0)
    lake = Home(settings.home).lake / "igate" / "dossiers"
    code, address = duckdb.execute(
        "select dossier_code, submitter_address from read_parquet($1)", [str(lake / "*.parquet")]
    ).fetchone() or ("", "")
    assert code == "G09.20-20260609-0092637"
    assert address.startswith("p_")
    assert [h.rule for h in quarantine_list(settings)] == []


@pytest.mark.parametrize(
    ("code", "is_fault"),
    [
        ("000.00.12.H15-210105-0001", False),
        ("G09.20-20260609-0092637", False),
        ("H15.12-20260609-0000001", False),
        ("000.00.12.H15-20260609-0000001", False),
        ("G09.20-20260609-92637", True),
        ("G09.20-260609-0001", True),
        ("000.00.04.G18", True),
    ],
)
def test_forms_of_codes(make_settings: Make, code: str, is_fault: bool) -> None:
    settings = make_settings()
    step = {"MaHoSo": code, "Bước": 1, "NgayBatDau": "2026-06-09 08:00:00", "TrangThai": 4}
    loaded = _whole_way(settings, "igate.steps", json.dumps(step))
    assert (loaded.rows_loaded, loaded.rows_quarantined) == ((0, 1) if is_fault else (1, 0))
