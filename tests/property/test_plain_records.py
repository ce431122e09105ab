"""What is asked of a record first, whether it is a row for certain, changes nothing of what it is found to be."""

from __future__ import annotations

import duckdb
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.formats import package
from pipelines.formats.headers import find_header
from pipelines.sources.registry import contract_for
from tests.examples import examples

_DOSSIERS = contract_for("igate", "dossiers")
_CELL = st.one_of(
    st.none(),
    st.sampled_from(
        ("", " ", "  x", "x", "Tổng cộng", "Tổng", "cộng", "Cộng: ", "Công văn", "Mã hồ sơ", "Mã TTHC", "Ghi chú: a",
         "Người lập", "\t", "\u00a0", "1", "0", "!", "ngày 5 tháng 6")
    ),
    st.text(max_size=3),
)  # fmt: skip
_LABELS = ["Mã hồ sơ", "Mã TTHC", "Ngày tiếp nhận", "Trạng thái hồ sơ", "Mã đơn vị xử lý"]


@settings(max_examples=examples(20), deadline=None)
@given(
    records=st.lists(st.lists(_CELL, min_size=6, max_size=6), min_size=1, max_size=30),
    shift=st.integers(0, len(_LABELS) - 1),
    for_people=st.booleans(),
)
def test_a_plain_record_is_a_row_in_any_case(records: list[list[str | None]], shift: int, *, for_people: bool) -> None:
    titles = [["DANH SÁCH HỒ SƠ"]] if for_people else []
    header = find_header([*titles, _LABELS[shift:] + _LABELS[:shift]], _DOSSIERS, file_name="x.csv")
    gated = package.kind_sql(header, _DOSSIERS, can_be_short=True)
    asked = f"case when {package._is_plain(header, _DOSSIERS, for_people=for_people)} then null "
    assert gated.startswith(asked)
    full = f"case {gated.removeprefix(asked)}"
    with duckdb.connect() as connection:
        connection.execute(
            "create table texts (c0 varchar, c1 varchar, c2 varchar, c3 varchar, c4 varchar, c5 varchar)"
        )
        connection.executemany("insert into texts values (?, ?, ?, ?, ?, ?)", records)
        connection.execute("create view raw as select row_number() over () as rn, * from texts")
        differing = connection.execute(f"from raw where ({gated}) is distinct from ({full})").fetchall()
    assert differing == []
