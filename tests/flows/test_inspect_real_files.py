"""Files that provinces and vendors published (``../shared/fixtures``), as ``cchc inspect`` understands them.

The transcripts beside the report sheets were made by others; the two ways in which we differ from them are named here.
"""

from __future__ import annotations

import csv
import zipfile
from pathlib import Path

import pytest

from pipelines.domain.syllables import is_syllable
from pipelines.flows.inspect_file import FileInspected, inspect_file
from pipelines.formats.error_cells import BY_CODE

FIXTURES = Path(__file__).resolve().parents[3] / "shared" / "fixtures"
# The transcript reads these cells by the rules of VNI. They are TCVN3: the workbook names only `.Vn…` fonts, and only
# read so each of their words is a Vietnamese syllable, as a test below shows.
READ_AS_VNI = {
    "MÝa": "Mía",
    "TriƯu tÊn": "Triệu tấn",
    "TriƯu lÝt": "Triệu lít",
    "So víi tỉng xŭt khÈu": "So với tổng xuất khẩu",
    "So víi xŭt khÈu": "So với xuất khẩu",
}
# It prints a cell whose formula failed as the number of the error (7); we show what a person sees. The file holds 67 of
# them. Only where we show an error does its number count as the same.
ERROR_NUMBERS = {shown: str(code) for code, shown in BY_CODE.items()}
ERROR_CELLS = 67
MIXED = "xls_tcvn3_vni_kh2003_bieu"


def _real(name: str) -> Path:
    path = FIXTURES / name
    assert path.is_file(), f"{path} is missing: these tests need the shared folder of real files beside the checkout"
    return path


def _found(name: str) -> FileInspected:
    return inspect_file(_real(name), rows=0)


def _folded(text: str) -> str:
    return " ".join(text.split())


def _reports() -> list[str]:
    names = sorted(p.name.removesuffix(".expected.txt") for p in FIXTURES.glob("xls_*.expected.txt"))
    return names or ["xls_tcvn3_fdi_dong_nam_bo"]  # one that fails and says so, rather than none


@pytest.mark.parametrize("name", _reports())
def test_a_report_sheet_reads_like_its_transcript(name: str) -> None:
    lines = _real(f"{name}.expected.txt").read_text(encoding="utf-8").rstrip("\n").split("\n")
    wanted = [[_folded(READ_AS_VNI.get(_folded(c), c)) for c in line.split("\t")] for line in lines]
    sheets = _found(f"{name}.xls").sheets
    rows = [[_folded(c) for c in row] for sheet in sheets for row in sheet.rows]
    told = [row for row in rows if any(row)]
    differing = []
    for ours, theirs in zip(told, [row for row in wanted if any(c for c in row)], strict=False):
        width = max(len(ours), len(theirs))
        pairs = zip(ours + [""] * (width - len(ours)), theirs + [""] * (width - len(theirs)), strict=True)
        differing += [(a, b) for a, b in pairs if a != b]
    failed = [(a, b) for a, b in differing if ERROR_NUMBERS.get(a) == b]
    assert [pair for pair in differing if pair not in failed] == []
    assert failed == [("#DIV/0!", "7")] * (ERROR_CELLS if name == MIXED else 0)
    assert len(told) == sum(any(c for c in row) for row in wanted)


@pytest.mark.parametrize(("as_vni", "as_tcvn3"), READ_AS_VNI.items())
def test_the_cells_that_we_read_in_another_way_are_words_only_in_ours(as_vni: str, as_tcvn3: str) -> None:
    assert all(map(is_syllable, as_tcvn3.split()))
    assert not all(map(is_syllable, as_vni.split()))


@pytest.mark.parametrize(
    ("name", "heights", "merged"),
    [
        ("xls_tcvn3_fdi_dong_nam_bo", [106], [20]),
        ("xls_tcvn3_nhap_khau_t2_2005", [26], [2]),
        ("xls_tcvn3_form_mau_10_11_12", [12, 22, 20, *[0] * 9], [22, 34, 32, *[0] * 9]),
        ("xls_tcvn3_danh_muc_ma_hang", [189, 162, 33], [2, 2, 2]),
        ("xls_vni_mau21_cktc", [26, 0, 0], [0, 0, 0]),
        ("xls_vni_mau22_cktc", [35], [0]),
        (MIXED, [35, 23, 53, 30, 45, 20, 14, 16, 20], [7, 6, 6, 7, 7, 7, 7, 7, 8]),
    ],
)
def test_rows_and_merged_areas_are_those_of_the_manifest(name: str, heights: list[int], merged: list[int]) -> None:
    sheets = _found(f"{name}.xls").sheets
    assert [sum(any(c.strip() for c in row) for row in s.rows) for s in sheets] == heights
    assert [len(s.merged) for s in sheets] == merged


@pytest.mark.parametrize(("name", "encoding"), [("legacy_tcvn3_raw.txt", "tcvn3"), ("legacy_vni_raw.txt", "vni")])
def test_legacy_text_reads_like_its_pairs(name: str, encoding: str) -> None:
    pairs = [line.split("\t") for line in _real("legacy_encoding_pairs.tsv").read_text("utf-8").splitlines()]
    found = _found(name)
    assert (found.format, found.encoding) == ("text", encoding)
    assert [row for (row,) in found.sheets[0].rows] == [p[2] for p in pairs if p[0] == encoding]


def test_fonts_are_told_apart_within_one_table() -> None:
    found = _found("legacy_encoding_pairs.tsv")
    header, *rows = found.sheets[0].rows
    assert (header, found.delimiter, len(rows)) == (["encoding", "legacy", "expected"], "\t", 15)
    assert [row[1] for row in rows] == [row[2] for row in rows], "each phrase is decoded to its reading"
    assert found.sheets[0].undecided == ()


@pytest.mark.parametrize(
    ("name", "rows", "width"),
    [
        ("igate_danh_muc_ma.csv", 27, 3),
        ("admin_units_old_66_54.csv", 294, 7),
        ("idesk_agencies_H53.csv", 455, 11),
        ("idesk_documents_2020-09-08.csv", 24, 21),
        ("idesk_document_detail_2020-09-08.csv", 24, 14),
        ("idesk_attachments_2020-09-08.csv", 63, 9),
        ("idesk_trace_header_list_2020-09-08.csv", 24, 9),
        ("idesk_document_types.csv", 4, None),
        ("idesk_priorities.csv", 5, None),
    ],
)
def test_a_code_list_is_read_cell_for_cell(name: str, rows: int, width: int | None) -> None:
    with _real(name).open(encoding="utf-8-sig", newline="") as stream:
        wanted = [[_folded(c) for c in record] for record in csv.reader(stream)]
    found = _found(name)
    ours = [[_folded(c) for c in row] for row in found.sheets[0].rows]
    assert ours == wanted
    assert len(ours) - 1 == rows
    assert width is None or found.sheets[0].width == width
    assert (found.header_row, len(found.header)) == (1, len(wanted[0]))


def test_a_workbook_that_misstates_its_sizes() -> None:
    sheets = _found("opencps_dvctt_masterdata_v1_5.xlsx").sheets
    assert [sum(any(c.strip() for c in row) for row in s.rows) for s in sheets] == [13, *[1] * 7, 0, *[1] * 4, 7]
    assert sheets[9].rows[0][17] == "Mã quy trình", "the table starts in column R"
    assert sheets[13].name == "Nhóm_DM"
    assert max(s.width for s in sheets) < 60


def test_a_header_of_two_rows_names_each_column_in_full() -> None:
    found = _found("xls_tcvn3_form_mau_10_11_12.xls")
    assert (found.header_row, found.header_depth) == (10, 2)
    assert found.header[2:4] == ("Năm sinh Nam", "Năm sinh Nữ")
    assert found.header[0] == "Số TT"


def test_a_sheet_is_read_though_a_zip_of_its_colours_stands_at_its_end(tmp_path: Path) -> None:
    """Excel writes one into each ``.xls`` since 2007; the end of a small one then looks like that of a zip."""
    data = _real("xls_vni_mau21_cktc.xls").read_bytes()
    (tmp_path / "a.xls").write_bytes(data + (b"PK\x05\x06" + bytes(18)).ljust(512, b"\0"))
    assert zipfile.is_zipfile(tmp_path / "a.xls")
    assert inspect_file(tmp_path / "a.xls", rows=0).sheets == _found("xls_vni_mau21_cktc.xls").sheets
