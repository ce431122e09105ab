"""What a draft takes for the type, the privacy, the key and the known values of a column."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import duckdb
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.domain.contracts import Column, ColumnType, Contract, Privacy
from pipelines.flows.column_privacy import looks_like_name, privacy_of
from pipelines.flows.column_types import type_of
from pipelines.flows.contract_draft import contract_yaml, draft_contract, write_draft
from pipelines.flows.drafted_rows import table_of
from pipelines.flows.inspect_file import inspect_file
from pipelines.formats.canonical import canonical_query
from tests.formats.taken_in import xlsx

T = ColumnType


@pytest.mark.parametrize(
    ("label", "values", "type_", "formats"),
    [
        ("a", ["1", "25", "-3"], T.INTEGER, ()),
        ("a", ["1.887", "12"], T.INTEGER, ()),
        ("a", ["1.234.567", "0"], T.INTEGER, ()),
        ("a", ["82,81%", "7,5 %"], T.DECIMAL, ()),
        ("a", ["1.887,5", "12"], T.DECIMAL, ()),
        ("a", ["0.5", "2.25"], T.DECIMAL, ()),
        ("a", ["1.887", "2.5"], T.TEXT, ()),
        ("a", ["0.125", "0.5"], T.TEXT, ()),
        ("a", ["007", "12"], T.TEXT, ()),
        ("a", ["1234567890123456", "1"], T.TEXT, ()),
        ("Mã xã", ["24133", "24136"], T.TEXT, ()),
        ("a", ["1", "2", "x"], T.TEXT, ()),
        ("a", [], T.TEXT, ()),
        ("a", ["Có", "Không", "có"], T.BOOLEAN, ()),
        ("a", ["04/01/2020", "13/1/2020"], T.DATE, ("%d/%m/%Y",)),
        ("a", ["01/13/2020", "02/04/2020"], T.DATE, ("%m/%d/%Y",)),
        ("a", ["01/13/2020", "13/01/2020"], T.TEXT, ()),
        ("a", ["31/02/2020", "13/01/2020"], T.TEXT, ()),
        ("a", ["04-01-2020"], T.DATE, ("%d-%m-%Y",)),
        ("a", ["04.01.2020"], T.DATE, ("%d.%m.%Y",)),
        ("a", ["13/01/20", "14/02/21"], T.DATE, ("%d/%m/%y",)),
        ("a", ["2020-01-04"], T.DATE, ()),
        ("a", ["2020-01-04T08:00:00Z"], T.DATETIME, ("utc",)),
        ("a", ["2020-01-04 08:00:00.125", "2020-01-04"], T.DATETIME, ()),
        ("a", ["20200104080000"], T.DATETIME, ("%Y%m%d%H%M%S",)),
        ("a", ["13/01/2020 08:05", "14/01/2020 08:05:10"], T.DATETIME, ("%d/%m/%Y %H:%M", "%d/%m/%Y %H:%M:%S")),
        ("Ngày nộp", ["20200104"], T.DATE, ("%Y%m%d",)),
        ("a", ["20200104"], T.INTEGER, ()),
        ("Ngày nộp", ["43834.25", "43835"], T.DATETIME, ("excel_serial",)),
    ],
)
def test_a_type_is_known_by_its_values(
    label: str, values: list[str], type_: ColumnType, formats: tuple[str, ...]
) -> None:
    found = type_of(label, values)
    assert (found.type, found.formats) == (type_, formats)


def test_what_is_not_clear_is_said() -> None:
    assert "the day is taken to come first" in type_of("a", ["04/01/2020", "05/02/2020"]).why
    assert "another order" in type_of("a", ["01/13/2020", "13/01/2020"]).why
    assert "not clear" in type_of("a", ["1.887", "2.5"]).why
    assert "1 of 20 values are no dates" in type_of("a", ["04/01/2020"] * 19 + ["chưa rõ"]).why
    assert "1 of 20 values are no numbers" in type_of("a", ["4"] * 19 + ["chưa rõ"]).why
    assert "leading zeros" in type_of("a", ["007"]).why


_MOMENTS = st.datetimes(datetime(1999, 1, 1), datetime(2060, 1, 1)).map(lambda m: m.replace(microsecond=0))
_WRITTEN = st.sampled_from(
    ["%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%Y-%m-%d", "%d/%m/%y", "%d/%m/%Y %H:%M:%S", "%Y%m%d%H%M%S", "%m/%d/%Y"]
)


@settings(deadline=None)
@given(st.lists(_MOMENTS, min_size=1, max_size=8), _WRITTEN)
def test_a_moment_that_is_typed_reads_as_what_was_written(moments: list[datetime], pattern: str) -> None:
    """Or its column stays text: a day is never taken for a month where one value speaks against it."""
    values = [m.strftime(pattern) for m in moments]
    found = type_of("x", values)
    if found.type is T.TEXT:
        return
    column = Column(name="x", label="x", type=found.type, formats=found.formats)
    with duckdb.connect() as connection:
        connection.execute("create table t as select unnest(range(len($1))) as rn, unnest($1) as v", [values])
        read = connection.execute(canonical_query([(column, "v")], "t") + " order by rn").fetchall()
    told = [v for _, v in read]
    wanted = [str(datetime.strptime(v, pattern)) for v in values]
    wanted = [w if found.type is T.DATETIME else w[:10] for w in wanted]
    if "come first" in found.why and "day" in found.why:  # nothing said which, and the reader is told so
        assert all(date.fromisoformat(v[:10]) for v in told)
    else:
        assert told == wanted


@pytest.mark.parametrize(
    ("label", "values", "privacy"),
    [
        ("Họ và tên", ["A"], Privacy.PERSONAL),
        ("HoTen", ["A"], Privacy.PERSONAL),
        ("Số điện thoại", ["0905123456"], Privacy.PERSONAL),
        ("Địa chỉ", ["12 Lê Lợi"], Privacy.PERSONAL),
        ("Cán bộ xử lý", ["x"], Privacy.PERSONAL),
        ("Số cán bộ", ["12", "1.200"], Privacy.NONE),
        ("Thư điện tử", ["x"], Privacy.EMAIL),
        ("c1", ["a@x.vn", "b.c@y.gov.vn"], Privacy.EMAIL),
        ("c1", ["0905 123 456", "+84 905123456"], Privacy.PERSONAL),
        ("c1", ["066123456789"], Privacy.PERSONAL),
        ("c1", ["240123456", "240123457"], Privacy.PERSONAL),
        ("Số tiền", ["240123456", "240123457"], Privacy.NONE),
        ("c1", ["Nguyễn Văn An", "Trần Thị Bình", "H'Lan Niê", "Y Blô Êban"], Privacy.PERSONAL),
        ("c1", ["Nguyễn Văn An", "Sở Y tế", "Sở Nội vụ"], Privacy.PERSONAL),
        ("c1", ["Sở Y tế", "Huyện Cư M'gar", "Hà Nội"], Privacy.NONE),
        ("Nội dung", ["Cấp đổi giấy phép"], Privacy.FREE_TEXT),
        ("c1", ["gọi lại 0905123456 sau", "không"], Privacy.FREE_TEXT),
        ("Lĩnh vực", ["Đất đai", "Hộ tịch"], Privacy.NONE),
    ],
)
def test_privacy_is_known_by_header_and_values(label: str, values: list[str], privacy: Privacy) -> None:
    found = privacy_of(label, values)
    assert found.privacy is privacy
    assert found.why or privacy is Privacy.NONE


def test_what_is_unsure_is_personal_and_says_so() -> None:
    some = privacy_of("c1", ["Nguyễn Văn An", "Sở Y tế", "Sở Nội vụ"])
    assert "unsure, so personal" in some.why
    assert looks_like_name("Nguyễn Thị Minh Khai")
    assert not looks_like_name("nguyễn thị minh khai")


HEADER = ["STT", "Mã biên lai", "Loại phí", "Người nộp", "Số tiền"]
ROWS = [[str(n), f"BL{n:04d}", ["Phí", "Lệ phí"][n % 2], "Nguyễn Văn An", f"{n}.000"] for n in range(1, 41)]


def test_the_key_and_the_known_values_are_proposed_and_the_file_says_why(tmp_path: Path) -> None:
    draft = draft_contract("phí.csv", "delimited", HEADER, ROWS)
    contract = draft.contract
    assert (contract.key, contract.column("ma_bien_lai").required) == (("ma_bien_lai",), True)
    assert contract.column("loai_phi").enum == {"Lệ phí": "Lệ phí", "Phí": "Phí"}
    assert str(contract.column("loai_phi").severity) == "warn", "an unknown value is told, not held back"
    assert contract.column("nguoi_nop").privacy is Privacy.PERSONAL
    text = write_draft(draft, tmp_path / "a.yml").read_text(encoding="utf-8")
    assert Contract.model_validate(yaml.safe_load(text)) == contract
    above = {line.split("name: ")[1].split(",")[0]: text.splitlines()[n - 1] for n, line in enumerate(text.splitlines())
             if "- {name: " in line}  # fmt: skip
    assert "2 different values in 40 rows" in above["loai_phi"]
    assert "persons" in above["nguoi_nop"]
    assert "points are taken for thousands" in above["so_tien"]
    assert text.startswith("# Drafted from phí.csv, 40 rows looked at.")


def test_no_key_is_set_by_a_part_of_the_rows_or_by_the_running_number() -> None:
    part = draft_contract("a.csv", "delimited", HEADER, ROWS, whole=False)
    assert part.contract.key == ()
    assert "`key: [ma_bien_lai]` if that holds for all" in contract_yaml(part)
    twice = [[r[0], "BL1", *r[2:]] for r in ROWS]
    assert draft_contract("a.csv", "delimited", HEADER, twice).contract.key == ()


def test_rows_that_are_no_data_do_not_speak_for_a_column() -> None:
    report = [["BÁO CÁO"], [], HEADER, ["(1)", "(2)", "(3)", "(4)", "(5)"], ["I", "Sở"], *ROWS[:6],
              ["", "Tổng cộng", "", "", "21.000"], ["Ghi chú: không"]]  # fmt: skip
    table = table_of(report, file_name="a.xlsx")
    assert (table.header, table.rows) == (HEADER, ROWS[:6])
    assert (
        draft_contract("a.xlsx", "spreadsheet", table.header, table.rows).contract.column("so_tien").type is T.INTEGER
    )


def test_a_number_of_a_sheet_with_decimals_is_no_whole_one(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    xlsx(path, [["Mã", "Tỷ lệ", "Số tiền"], *([f"M{n}", 0.125, "1.887"] for n in range(9)), ["M9", 1.887, "2.000"]])
    draft = inspect_file(path, draft=tmp_path / "a.yml").draft
    assert draft is not None
    contract = Contract.model_validate(yaml.safe_load(draft.read_text(encoding="utf-8")))
    assert [c.type for c in contract.columns] == [T.TEXT, T.DECIMAL, T.INTEGER]
