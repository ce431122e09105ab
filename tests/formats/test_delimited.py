"""Delimited text, as systems and people save it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from pipelines.formats.sniff import sniff
from pipelines.settings import Settings
from tests.formats.taken_in import HEADER, cells, csv_of, line, prepared

Make = Callable[..., Settings]
STREAM, NAME = "igate.dossiers", "hoso_20200104_20200105T010000.csv"
PLAIN = csv_of(HEADER, cells(1), cells(2))
ENCODED = {
    "utf-8": PLAIN.encode(),
    "utf-8 with BOM": b"\xef\xbb\xbf" + PLAIN.encode(),
    "utf-16 with BOM, little": b"\xff\xfe" + PLAIN.encode("utf-16-le"),
    "utf-16 with BOM, big": b"\xfe\xff" + PLAIN.encode("utf-16-be"),
    "utf-16 without BOM": PLAIN.encode("utf-16-le"),
    "decomposed": PLAIN.encode().replace("ồ".encode(), "o\u0302\u0300".encode()),
    "unix lines": PLAIN.replace("\r\n", "\n").encode(),
    "no last line end": PLAIN.removesuffix("\r\n").encode(),
    "semicolons": csv_of(HEADER, cells(1), cells(2), delimiter=";").encode(),
    "tabs": csv_of(HEADER, cells(1), cells(2), delimiter="\t").encode(),
    "bars": csv_of(HEADER, cells(1), cells(2), delimiter="|").encode(),
    "BOM and semicolons": b"\xef\xbb\xbf" + csv_of(HEADER, cells(1), cells(2), delimiter=";").encode(),
    "utf-16 and tabs": b"\xff\xfe" + csv_of(HEADER, cells(1), cells(2), delimiter="\t").encode("utf-16-le"),
}


@pytest.mark.parametrize("data", ENCODED.values(), ids=ENCODED)
def test_one_table_in_every_dress(make_settings: Make, data: bytes) -> None:
    package = prepared(make_settings(), STREAM, NAME, data)
    assert package.result.refusal is None
    assert package.rows("_row_number", "dossier_code", "received_at", "status_code") == [
        (2, "000.00.12.H15-200104-0001", "2020-01-04 08:00:00", "4"),
        (3, "000.00.12.H15-200104-0002", "2020-01-04 08:00:00", "4"),
    ]
    assert package.non_data == {"header": 1}
    assert package.told["missing_columns"][:1] == ["procedure_name"]


def test_all_dresses_give_the_same_pseudonyms(make_settings: Make) -> None:
    names = {prepared(make_settings(), STREAM, NAME, data).column("applicant_name")[0] for data in ENCODED.values()}
    assert len(names) == 1


def test_a_separator_line_is_no_row(make_settings: Make) -> None:
    package = prepared(make_settings(), STREAM, NAME, "sep=;\r\n" + csv_of(HEADER, cells(1), delimiter=";"))
    assert package.non_data == {"header": 1, "separator": 1}
    assert package.rows("_row_number") == [(3,)]


def test_line_ends_quotes_and_delimiters_within_a_cell(make_settings: Make) -> None:
    note = 'Dòng 1,\r\nDòng "hai"; ba\n\nbốn'
    package = prepared(make_settings(), STREAM, NAME, csv_of(HEADER, cells(1, note=note), cells(2)))
    assert package.column("note") == ['Dòng 1, Dòng "hai"; ba bốn', None]
    assert [n for (n,) in package.rows("_row_number")] == [2, 3]


def test_records_of_a_wrong_length_are_rejected_with_their_number(make_settings: Make) -> None:
    ragged = csv_of(HEADER, cells(1), cells(2)[:5], [*cells(3), "thừa"], [*cells(4), *"abcdefgh"], cells(5))
    package = prepared(make_settings(), STREAM, NAME, ragged)
    assert package.rejects() == [(3, "too_few_fields"), (4, "too_many_fields"), (5, "too_many_fields")]
    assert [n for (n,) in package.rows("_row_number")] == [2, 6]


def test_titles_blanks_and_totals_are_told_apart(make_settings: Make) -> None:
    blank = "," * (len(HEADER) - 1) + "\r\n"
    text = (
        "UBND TỈNH ĐẮK LẮK\r\nSổ theo dõi hồ sơ\r\n" + blank + csv_of(HEADER, cells(1)) + "\r\n\r\n" + blank
        + csv_of(cells(2), ["Tổng cộng", "2", *[""] * (len(HEADER) - 2)])
    )  # fmt: skip
    package = prepared(make_settings(), STREAM, NAME, text)
    assert package.told["header_row"] == 4
    assert package.non_data == {"blank": 4, "header": 1, "title": 2, "total": 1}
    assert package.column("dossier_code") == ["000.00.12.H15-200104-0001", "000.00.12.H15-200104-0002"]


@pytest.mark.parametrize(
    "first", ["Công văn", "Cộng hòa", "Tổng công ty Điện lực", "Tong cong ty", "cong ty", "Tổng sốc"]
)
def test_words_that_begin_like_totals_are_data(make_settings: Make, first: str) -> None:
    header = ["Loại văn bản", *HEADER]
    package = prepared(make_settings(), STREAM, NAME, csv_of(header, [first, *cells(1)]))
    assert (package.result.rows, package.non_data) == (1, {"header": 1})


@pytest.mark.parametrize("first", ["Tổng cộng", "TỔNG SỐ: 12", "Cộng:", "tổng", "Tong cong", "Tô\u0309ng sô\u0301"])
def test_rows_of_totals_are_no_data(make_settings: Make, first: str) -> None:
    data = csv_of(HEADER, cells(1), ["", first, "12", *[""] * (len(HEADER) - 3)])
    package = prepared(make_settings(), STREAM, NAME, data)
    assert (package.result.rows, package.non_data) == (1, {"header": 1, "total": 1})


def test_the_name_of_an_agency_is_not_taken_for_its_code(make_settings: Make) -> None:
    header = [*HEADER, "Đơn vị xử lý"]
    package = prepared(make_settings(), STREAM, NAME, csv_of(header, [*cells(1), "Sở Y tế"]))
    assert package.rows("agency_code", "agency_name") == [("000.00.12.H15", "Sở Y tế")]
    assert package.told["unknown_columns"] == []


def test_an_empty_line_at_the_very_start_is_counted(make_settings: Make) -> None:
    for start in ("\r\n", "\ufeff\r\n"):
        package = prepared(make_settings(), STREAM, NAME, start + csv_of(HEADER, cells(1)))
        assert (package.told["header_row"], package.rows("_row_number")) == (2, [(3,)])
        assert package.non_data == {"blank": 1, "header": 1}


@pytest.mark.parametrize("between", ["\r\n", "\n", "\r\n\r\n\r\n", "  \r\n"])
def test_empty_lines_before_the_header_move_nothing(make_settings: Make, between: str) -> None:
    text = "Sổ theo dõi hồ sơ\r\n" + between + csv_of(HEADER, cells(1), cells(2)) + between
    package = prepared(make_settings(), STREAM, NAME, text)
    lines = between.count("\n")
    assert package.told["header_row"] == 2 + lines
    assert package.rows("_row_number", "status_code") == [(3 + lines, "4"), (4 + lines, "4")]
    assert package.non_data == {"blank": 2 * lines, "header": 1, "title": 1}


def test_bytes_that_are_no_text_cost_their_row_and_no_other(make_settings: Make) -> None:
    far = csv_of(*[cells(n) for n in range(3, 2500)]).encode()
    bad = line(cells(9999, note="xấu")).encode().replace("ấ".encode(), b"\xff\xfe") + b"\r\n"
    package = prepared(make_settings(), STREAM, NAME, PLAIN.encode() + far + bad + csv_of(cells(5000)).encode())
    assert package.rejects() == [(2500 + 1, "undecodable")]
    assert package.result.rows == 2500


def test_an_encoding_that_is_not_sure_is_not_guessed(make_settings: Make) -> None:
    package = prepared(make_settings(), STREAM, NAME, PLAIN.encode("cp1258", errors="replace"))
    assert "was not guessed" in (package.result.refusal or "")


def test_broken_quotes_lose_no_record(make_settings: Make) -> None:
    text = csv_of(HEADER, cells(1)) + '"000.00.12.H15-200104-0002,không đóng\r\n' + csv_of(cells(3), cells(4))
    package = prepared(make_settings(), STREAM, NAME, text)
    assert package.column("dossier_code")[0] == "000.00.12.H15-200104-0001"
    assert package.result.rows + package.result.rejected >= 2


def test_a_very_long_cell_is_read(make_settings: Make) -> None:
    note = "dài " * 60_000
    package = prepared(make_settings(), STREAM, NAME, csv_of(HEADER, cells(1, note=note), cells(2)))
    assert package.column("note") == [note.strip(), None]


def test_a_header_in_other_words_and_order_and_new_columns(make_settings: Make) -> None:
    header = ["Cột lạ", "TrangThaiHoSo", "  mã HỒ sơ ", "NgayTiepNhan", "MaDonVi", "MaTTHC"]
    row = ["?", "10", "000.00.12.H15-200104-0001", "20200104080000", "000.00.12.H15", "1.001234"]
    package = prepared(make_settings(), STREAM, NAME, csv_of(header, row))
    assert package.rows("dossier_code", "status_code", "received_at") == [
        ("000.00.12.H15-200104-0001", "10", "2020-01-04 08:00:00")
    ]
    assert package.told["unknown_columns"] == ["Cột lạ"]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is empty"),
        (b"  \r\n \r\n", "is empty"),
        (b"\x00\x01\x02\x03" * 500, "is not text"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + b"\x00\xff" * 300, "is a picture (PNG)"),
        (b"PK\x03\x04 cut off", "cannot be opened as a sheet"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "cannot be opened as a sheet"),
        ("Tên,Tuổi\r\nAn,5\r\n".encode(), "is a header of igate.dossiers"),
        (csv_of(HEADER[1:], cells(1)[1:]).encode(), "lacks the required column(s) Mã hồ sơ"),
    ],
    ids=["empty", "blank", "binary", "picture", "cut xlsx", "broken xls", "other table", "no key column"],
)
def test_what_cannot_be_read_is_refused_with_its_reason(make_settings: Make, data: bytes, said: str) -> None:
    package = prepared(make_settings(), STREAM, NAME, data)
    assert said in (package.result.refusal or "")
    assert NAME in (package.result.refusal or "")
    assert (package.batch.state, package.batch.refusal) == ("refused", package.result.refusal)
    assert not package.folder.exists()
    assert [p for p in package.folder.parent.iterdir() if p.is_dir()] == [], "a draft was left behind"


def test_a_file_without_a_row_is_prepared(make_settings: Make) -> None:
    package = prepared(make_settings(), STREAM, NAME, csv_of(HEADER))
    assert (package.result.refusal, package.result.rows, package.non_data) == (None, 0, {"header": 1})


def test_dates_of_every_kind(make_settings: Make) -> None:
    written = {
        "04/01/2020 08:00:05": "2020-01-04 08:00:05",
        "20200104080005": "2020-01-04 08:00:05",
        "2020-01-04T08:00:05": "2020-01-04 08:00:05",
        "04/01/2020 08:00": "2020-01-04 08:00:00",
        "04/01/2020": "2020-01-04 00:00:00",
        "43834.3334027778": "2020-01-04 08:00:06",
        "31/02/2020 08:00:00": "31/02/2020 08:00:00",
        "hôm qua": "hôm qua",
    }
    rows = [cells(n, received_at=text) for n, text in enumerate(written, start=1)]
    package = prepared(make_settings(), STREAM, NAME, csv_of(HEADER, *rows))
    assert package.column("received_at") == list(written.values())


def test_the_stamp_in_the_name_is_the_moment_of_export(make_settings: Make) -> None:
    package = prepared(make_settings(), STREAM, NAME, PLAIN)
    assert (package.batch.period, package.batch.exported_at) == ("20200104", "2020-01-05 01:00:00")
    assert datetime.fromisoformat(package.column("_exported_at")[0]) == datetime(2020, 1, 5, 1)


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("shift", range(3))
def test_a_letter_on_the_edge_of_what_is_looked_at(tmp_path: Path, mark: bytes, shift: int) -> None:
    path = tmp_path / "long.csv"
    path.write_bytes(mark + b"x" * shift + ("Ề,ễ\n" * 40_000).encode())
    found = sniff(path, file_name="long.csv")
    assert found.encoding == ("utf-8-sig" if mark else "utf-8")
    assert found.head.startswith("x" * shift + "Ề,ễ")
