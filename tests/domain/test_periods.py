"""The period that titles and names of reports tell."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.domain.periods import period_in, period_of_stamp


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("Kỳ báo cáo: Từ ngày 15/12/2020 đến ngày 14/6/2021", "2020-12-15", "2021-06-14"),
        ("(Từ ngày 01/01/2021 đến hết ngày 31/3/2021)", "2021-01-01", "2021-03-31"),
        ("từ 01.01.2021 - 31.03.2021", "2021-01-01", "2021-03-31"),
        ("Từ ngày 15 tháng 12 năm 2020 đến ngày 14 tháng 6 năm 2021", "2020-12-15", "2021-06-14"),
        ("từ ngày 01/4 đến ngày 30/4/2021", "2021-04-01", "2021-04-30"),
        ("Từ ngày 15/12 đến ngày 14/3/2021", "2020-12-15", "2021-03-14"),
        ("Từ tháng 01/2020 đến tháng 4/2021", "2020-01-01", "2021-04-30"),
        ("THÁNG 4 NĂM 2021", "2021-04-01", "2021-04-30"),
        ("Báo cáo tháng 02/2020", "2020-02-01", "2020-02-29"),
        ("Quý I/2021", "2021-01-01", "2021-03-31"),
        ("QUÝ IV NĂM 2020", "2020-10-01", "2020-12-31"),
        ("quý 2 năm 2021", "2021-04-01", "2021-06-30"),
        ("6 tháng đầu năm 2021", "2021-01-01", "2021-06-30"),
        ("Sáu tháng cuối năm 2021", "2021-07-01", "2021-12-31"),
        ("9 tháng đầu năm 2021", "2021-01-01", "2021-09-30"),
        ("Năm 2020", "2020-01-01", "2020-12-31"),
        ("bieu_06a_quy_II_2021.xls", "2021-04-01", "2021-06-30"),
    ],
)
def test_a_period_is_read(text: str, first: str, last: str) -> None:
    assert period_in([text]) == (date.fromisoformat(first), date.fromisoformat(last))
    assert period_in([text.upper()]) == period_in([text.lower()]) == period_in([text])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Đắk Lắk, ngày 20 tháng 6 năm 2021",
        "(Ban hành kèm theo Thông tư số 02/2017/TT-VPCP ngày 31 tháng 10 năm 2017)",
        "Biểu số 06a/VPCP/KSTT",
        "Tháng 13 năm 2021",
        "Từ ngày 31/02/2021 đến ngày 30/4/2021",
        "Từ ngày 30/4/2021 đến ngày 01/4/2021",
        "So sánh quý I/2021 và quý I/2020",
        "Từ kỳ trước",
    ],
)
def test_what_tells_no_period_is_not_guessed(text: str) -> None:
    assert period_in([text]) is None


def test_the_narrower_way_to_say_it_counts_and_two_periods_are_none() -> None:
    assert period_in(["Báo cáo năm 2021", "Quý I/2021"]) == period_in(["Quý I/2021"])
    span = "Từ ngày 15/12/2020 đến ngày 14/3/2021"
    assert period_in(["Quý I/2021", span]) == period_in([span])
    assert period_in(["Tháng 4/2021", "Tháng 5/2021"]) is None
    assert period_in(["Tháng 4/2021", "tháng 4 năm 2021"]) is not None


def test_the_period_of_a_manifest() -> None:
    assert period_of_stamp("202104") == (date(2021, 4, 1), date(2021, 4, 30))
    assert period_of_stamp("20210405") == (date(2021, 4, 5), date(2021, 4, 5))
    assert [period_of_stamp(s) for s in (None, "all", "202113", "2021")] == [None] * 4


@given(st.dates(date(1995, 1, 1), date(2090, 1, 1)), st.dates(date(1995, 1, 1), date(2090, 1, 1)))
def test_any_span_is_read_back(one: date, other: date) -> None:
    first, last = sorted((one, other))
    assert period_in([f"Từ ngày {first:%d/%m/%Y} đến ngày {last:%d/%m/%Y}"]) == (first, last)


@given(st.lists(st.text(), max_size=5))
def test_any_text_is_a_period_in_order_or_none(texts: list[str]) -> None:
    found = period_in(texts)
    assert found is None or found[0] <= found[1]
