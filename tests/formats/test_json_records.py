"""JSON in every arrangement: one object a line, an array, one record, an envelope; lists inside records; limits."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.flows.inspect_file import inspect_file
from pipelines.flows.load import load
from pipelines.flows.quarantine_export import quarantine_export, redrive
from pipelines.flows.validate import validate
from pipelines.formats import json_cells, json_documents, json_records
from pipelines.settings import Settings
from tests.formats.taken_in import DOSSIER, Package, cells, csv_of, prepared

Make = Callable[..., Settings]
NAME = "dossiers_20200101_20200102T010000.json"
KEYS = ["MaHoSo", "MaTTHC", "ChuHoSo", "NgayTiepNhan", "NgayHenTra", "TrangThaiHoSo", "DonViXuLy", "GhiChu"]
PERSONAL = [
    "Trần Thị Yêu Cầu",
    "Lê Văn Tiếp Nhận",
    "cccd_0123.pdf",
    "Giấy khai sinh Ngô Bé",
    "0912345678",
    "don_chau.pdf",
]
NESTED = {
    "TaiLieuNop": [{"TepDinhKemId": "t1", "TenTepDinhKem": "cccd_0123.pdf", "DuocSoHoa": 1, "IsDeleted": False}],
    "DanhSachLePhi": [
        {"TenPhiLePhi": "Phí, gọi 0912345678", "MaPhiLePhi": "007", "Gia": "20.000", "HinhThucThu": 1},
        {"GIA": 5},
    ],
    "DanhSachHoSoBoSung": [
        {
            "NguoiYeuCauBoSung": "Trần Thị  Yêu Cầu",
            "NguoiTiepNhanBoSung": "Lê Văn Tiếp Nhận",
            "NoiDungBoSung": "thiếu giấy của 0912345678",
            "NgayBoSung": "20200105080000",
            "NgayHenTraMoi": "2020-01-20T17:00:00",
            "DanhSachGiayToBoSung": [{"TenGiayTo": "Giấy khai sinh Ngô Bé"}],
        }
    ],
    "DanhSachGiayToKetQua": [],
    "ThanhPhanHoSo": [{"MaThanhPhanHoSo": "K1", "GiayToDinhKem": [{"TenGiayTo": "don_chau.pdf", "IdGiayTo": "f1"}]}],
}


def _record(number: int = 1, **more: Any) -> dict[str, Any]:
    return dict(zip(KEYS, cells(number), strict=True)) | more


def _taken(make_settings: Make, data: str | bytes) -> Package:
    return prepared(make_settings(), "igate.dossiers", NAME, data)


def _text(record: object) -> str:
    return json.dumps(record, ensure_ascii=False)


ARRANGED: dict[str, Callable[[list[dict[str, Any]]], str]] = {
    "lines": lambda rs: "".join(_text(r) + "\n" for r in rs),
    "lines without the last end": lambda rs: "\r\n".join(_text(r) for r in rs),
    "array": _text,
    "array over lines": lambda rs: json.dumps(rs, indent=2),
    "envelope": lambda rs: _text({"total": len(rs), "data": rs}),
    "deeper envelope": lambda rs: json.dumps(
        {"status": "ok", "errors": [], "result": {"page": 1, "items": rs}}, indent=1
    ),
    "list as a text in an envelope": lambda rs: _text({"code": "0", "message": "{ok}", "data": _text(rs)}),
    "envelope as a text in an envelope": lambda rs: _text({"kq": {"noiDung": " " + _text({"total": 3, "ds": rs})}}),
    "objects over lines": lambda rs: "\n".join(json.dumps(r, indent=1) for r in rs),
}


@pytest.mark.parametrize("arranged", ARRANGED)
def test_however_they_lie_the_records_are_those_of_the_csv(make_settings: Make, arranged: str) -> None:
    columns = ("dossier_code", "procedure_code", "applicant_name", "received_at", "due_at", "status_code", "note")
    csv = prepared(
        make_settings(),
        "igate.dossiers",
        "c_20200101_20200102T010000.csv",
        csv_of(list(DOSSIER), *map(cells, range(1, 4))),
    )
    package = _taken(make_settings, ARRANGED[arranged]([_record(n) for n in range(1, 4)]))
    assert package.rows(*columns) == csv.rows(*columns)
    assert package.rows("_row_number") == [(1,), (2,), (3,)]
    assert package.told["format"] == "json"


def test_two_texts_that_could_hold_the_records_are_not_chosen_from(make_settings: Make) -> None:
    twice = _text({"a": _text([_record()]), "b": _text([_record(2)])})
    assert "is one JSON object and holds no record" in (_taken(make_settings, twice).result.refusal or "")


def test_one_record_is_a_file(make_settings: Make) -> None:
    for data in (_text(_record()), json.dumps(_record(**NESTED), indent=2), "\ufeff" + _text(_record())):
        assert _taken(make_settings, data).column("dossier_code") == [cells()[0]]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
def test_other_encodings(make_settings: Make, encoding: str) -> None:
    package = _taken(make_settings, ARRANGED["lines"]([_record(GhiChu="Đã  nhận"), _record(2)]).encode(encoding))
    assert package.column("note") == ["Đã nhận", None]


def test_capitals_of_keys_and_two_keys_for_one_column(make_settings: Make) -> None:
    code = cells()[0]
    renamed = {("IDHoSo" if k == "MaHoSo" else k.upper()): v for k, v in _record(3).items()}
    rows = [_record(IdHoSo="b1946ac9"), _record(2, IDHoSo=""), renamed, {"IdHoSo": "x" + code, "mattHC": "1"}]
    package = _taken(make_settings, ARRANGED["lines"](rows))
    assert package.column("dossier_code") == [code, cells(2)[0], cells(3)[0], "x" + code]
    assert package.column("procedure_code") == ["1.001234.000.00.00.H15"] * 3 + ["1"]
    assert package.told["unknown_columns"] == []


def test_numbers_keep_their_digits(make_settings: Make) -> None:
    big = "123456789012345678901234567890"
    more = '"TrangThai": 4, "Email": null, "HoSoCoThanhPhanSoHoa": true'
    data = f'{{"MaHoSo": "0012", "MaTTHC": {big}, "Gia": 20000.50, "TenTTHC": 1.50, {more}}}'
    package = _taken(make_settings, data)
    columns = ("dossier_code", "procedure_code", "procedure_name", "fee_amount", "status_code", "applicant_email")
    assert package.rows(*columns, "component_digitised") == [("0012", big, "1.50", "20000.5", "4", None, "true")]


def test_unknown_keys_are_named_and_nothing_of_them_passes(make_settings: Make) -> None:
    inner = {"TenNguoiNop": "Nguyễn Bí Mật"}
    package = _taken(
        make_settings, _text(_record(ThongTinNguoiNop=inner, DanhSachLePhi=[{"NguoiThu": "Bí Mật", "Gia": 1}]))
    )
    assert package.told["unknown_columns"] == ["ThongTinNguoiNop.TenNguoiNop", "DanhSachLePhi.NguoiThu"]
    assert b"M\xe1\xba\xadt" not in (package.folder / "rows.parquet").read_bytes()


def test_broken_lines_are_rejected_by_number_and_the_rest_goes_on(make_settings: Make) -> None:
    lines = [
        _text(_record(1)),
        '{"MaHoSo": "0',
        "",
        _text(_record(2)),
        "[1]",
        "   ",
        '{"a":1} {"a":2}',
        _text(_record(3, GhiChu="\ufffd")),
        _text(_record(4, ChuHoSo={"Ten": "A"})),
        _text(_record(5, GhiChu="[Gấp] hồ sơ {1}")),
    ]
    package = _taken(make_settings, "\n".join(lines))
    assert package.rejects() == [
        *((2, "broken_json"), (5, "not_a_record"), (7, "broken_json"), (8, "undecodable"), (9, "nested_value"))
    ]
    assert package.rows("_row_number") == [(1,), (4,), (10,)]
    assert package.non_data == {"blank": 2}
    assert package.column("note")[-1] == "[Gấp] hồ sơ {1}"


def test_bytes_that_are_no_text_cost_one_line(make_settings: Make) -> None:
    data = ARRANGED["lines"]([_record(n) for n in range(1, 3000)]).encode() + b'{"MaHoSo": "\xff"}\n'
    package = _taken(make_settings, data)
    assert (package.result.rows, package.rejects()) == (2999, [(3000, "undecodable")])


def test_lists_inside_a_record_come_out_canonical(make_settings: Make) -> None:
    package = _taken(make_settings, _text(_record(**NESTED)))
    (row,) = package.rows("fees", "supplements", "attachments", "results", "components", "other_attachments")
    fees, supplements, attachments, results, components = (json.loads(v) for v in row[:5])
    assert row[5] is None
    assert [(f["item"], f["fee_code"], f["amount"], f["collected_at_step"]) for f in fees] == [
        (1, "007", "20000", "1"),
        (2, None, "5", None),
    ]
    assert supplements[0]["requested_at"] == "2020-01-05 08:00:00"
    assert supplements[0]["due_after"] == "2020-01-20 17:00:00"
    assert supplements[0]["request_text"] is None
    assert len(json.loads(supplements[0]["documents"])) == 1
    assert (attachments[0]["is_digitised"], attachments[0]["is_deleted"]) == ("true", "false")
    assert results == []
    assert json.loads(components[0]["files"])[0]["attachment_id"] == "f1"


def test_no_personal_value_of_a_nested_record_leaves_landing(make_settings: Make) -> None:
    package = _taken(
        make_settings,
        ARRANGED["lines"]([_record(**NESTED), _record(2, **NESTED), _record(3, DanhSachLePhi="Trần Thị Yêu Cầu")]),
    )
    kept = "\n".join(str(v) for row in package.rows("columns(*)") for v in row)
    told = (package.folder / "package.json").read_text(encoding="utf-8")
    for value in [*PERSONAL, "Nguyễn Văn Thử"]:
        assert value not in kept, value
        assert value not in told
    (one, two, _) = (json.loads(v)[0]["requested_by"] if v else None for v in package.column("supplements"))
    assert one == two
    assert one.startswith("p_")


def test_the_same_name_has_the_same_pseudonym_inside_a_list_and_out(make_settings: Make) -> None:
    package = _taken(make_settings, _text(_record(ChuHoSo="Lê A", DanhSachHoSoBoSung={"NguoiYeuCauBoSung": " Lê  A "})))
    ((name, supplements),) = package.rows("applicant_name", "supplements")
    assert json.loads(supplements)[0]["requested_by"] == name


@pytest.mark.parametrize("value", ["abc", 5, [1], ["x", {}], [[]]])
def test_what_is_no_list_of_records_is_held_back(make_settings: Make, value: object) -> None:
    package = _taken(make_settings, _text(_record(DanhSachLePhi=value)))
    assert package.column("fees") == ["?"]
    (verdict,) = validate(make_settings())
    assert verdict.failed_rows == 1


def test_a_row_held_back_comes_home_as_csv_with_its_lists(make_settings: Make, tmp_path: Path) -> None:
    settings = make_settings()
    _taken(make_settings, ARRANGED["lines"]([_record(**NESTED), _record(2, MaTTHC="sai", **NESTED)]))
    validate(settings)
    load(settings)
    (written,) = quarantine_export(settings, output=tmp_path)
    text = written.path.read_text(encoding="utf-8-sig")
    assert written.rows == 1
    assert "DanhSachHoSoBoSung" in text.splitlines()[0]
    corrected = tmp_path / "corrected.csv"
    corrected.write_text("\ufeff" + text.replace("sai", "1.001234"), encoding="utf-8")
    redrive(settings, corrected)
    from pipelines.flows.collect import collect
    from pipelines.flows.prepare import prepare

    collect(settings)
    (again,) = prepare(settings)
    assert (again.rows, again.rejected, again.refusal) == (1, 0, None)
    (verdict,) = validate(settings)
    assert verdict.failed_rows == 0


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ("[]", "no record of it has a key of igate.dossiers"),
        ("{}", "holds no record of igate.dossiers"),
        ('[{"a": 1}]', "no record of it has a key"),
        ('{"data": [], "more": {"x": 1}}', "holds no record"),
        ('[{"MaHoSo": "1"}, {"MaHoSo": ', "is broken JSON"),
        ('[{"MaHoSo": "1"}] x', "is broken JSON"),
        ('{"MaHoSo": "1", ', "is broken JSON"),
        ('{"a": [{"MaHoSo": "1"}], "b": [{"MaHoSo": "2"}]}', r"2 lists of records \(/a, /b\)"),
        (_text([{f"k{n}": 1 for n in range(600)} | {"MaHoSo": "1"}]), "more than 512 different keys"),
    ],
)
def test_refusals_are_one_clear_line(make_settings: Make, data: str, said: str) -> None:
    refusal = _taken(make_settings, data).result.refusal
    assert refusal is not None
    assert "\n" not in refusal
    import re

    assert re.search(said, refusal), refusal


@pytest.mark.parametrize("depth", [17, 5_000, 200_000])
def test_deep_nesting_costs_one_row_and_never_the_process(make_settings: Make, depth: int) -> None:
    deep = "[" * depth + "]" * depth
    lines = [_text(_record()), f'{{"MaHoSo": "x", "DanhSachLePhi": {deep}}}', f'{{"MaHoSo": "y", "La": {deep}}}']
    for data in ("\n".join(lines), f"[{','.join(lines)}]", f'{{"data": [{",".join(lines)}]}}'):
        package = _taken(make_settings, data)
        assert package.rejects() == [(2, "too_deep")]
        assert package.result.rows == 2, "what no column is for is not looked at"


def test_brackets_in_texts_are_no_depth(make_settings: Make) -> None:
    package = _taken(
        make_settings, _text(_record(DanhSachLePhi=[{"TenPhiLePhi": '[[\\"' * 40, "Gia": n} for n in range(30)]))
    )
    assert len(json.loads(package.column("fees")[0])) == 30


@pytest.mark.parametrize("sign", ["\x1c", "\x85", "\u00a0", "\u2028"])
def test_a_line_of_what_is_no_white_space_to_json_is_a_broken_line(make_settings: Make, sign: str) -> None:
    package = _taken(make_settings, json.dumps(_record(), ensure_ascii=False) + "\n" + sign)
    assert package.result.refusal is None
    assert package.rejects() == [(2, "broken_json")]


def test_a_long_cell_and_a_long_record(make_settings: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    long = "x" * (json_cells.LONGEST_CELL + 1)
    package = _taken(make_settings, ARRANGED["lines"]([_record(), _record(2, TenTTHC=long), _record(3)]))
    assert package.rejects() == [(2, "cell_too_long")]
    monkeypatch.setattr(json_documents, "LONGEST_RECORD", 2000)
    package = _taken(make_settings, ARRANGED["lines"]([_record(), _record(2, La=long), _record(3)]) + "\n")
    assert package.rejects() == [(2, "broken_json")], "a line that is cut off"
    monkeypatch.setattr(json_documents, "LARGEST_ENVELOPE", 2000)
    refusal = _taken(make_settings, _text({"data": [_record(La=long)]})).result.refusal
    assert refusal is not None
    assert "one JSON object of more than" in refusal


def test_keys_of_any_letters(make_settings: Make) -> None:
    odd = {"a'b\"c": 1, "d~e/f": 2, "\\": 3, "": 4, "$.x": 5, "Mã/hồ~sơ": "K"}
    package = _taken(make_settings, _text(odd))
    assert package.column("dossier_code") == ["K"]
    assert package.told["unknown_columns"] == sorted(k for k in odd if "hồ" not in k)


def test_inspect_names_the_stream(tmp_path: Path) -> None:
    path = tmp_path / "strange.dat"
    path.write_text(ARRANGED["envelope"]([_record(La=1)]), encoding="utf-8")
    found = inspect_file(path)
    assert (found.format, found.stream, found.left_over, found.refusal) == ("JSON", "igate.dossiers", ("La",), None)
    assert {c.column for c in found.columns} >= {"dossier_code", "agency_code"}
    path.write_text('[{"x": 1}]', encoding="utf-8")
    assert inspect_file(path).stream is None


def test_records_that_fail_in_their_file_are_read_one_by_one(
    make_settings: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    left_in_file = json_records._left_in_file
    failed = []

    def failing(connection: duckdb.DuckDBPyConnection, documents: json_documents.Documents, seen: Any) -> bool:
        assert left_in_file(connection, documents, seen)
        connection.execute("alter view raw rename to plain")
        connection.execute("create view raw as select * replace (error('broken')::varchar as c0) from plain")
        failed.append(documents)
        return True

    monkeypatch.setattr(json_records, "_left_in_file", failing)
    text = "".join(json.dumps({"MaHoSo": f"k{n}", "GhiChu": "x"}) + "\n" for n in range(3))
    package = prepared(make_settings(), "igate.dossiers", NAME, text)
    assert package.rows("_row_number", "dossier_code") == [(1, "k0"), (2, "k1"), (3, "k2")]
    assert len(failed) == 1
