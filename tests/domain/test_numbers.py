"""Numbers for Vietnamese and English readers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.domain.numbers import en_count, en_decimal, en_percent, vi_count, vi_decimal, vi_percent


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0"), (738, "738"), (1887, "1.887"), (1234567, "1.234.567"), (-1000, "-1.000"), (None, "–")]
)
def test_counts(value: int | None, text: str) -> None:
    assert vi_count(value) == text


@pytest.mark.parametrize(("value", "text"), [(0.8281, "82,81 %"), (1.0, "100,00 %"), (None, "–"), (12.5, "1.250,00 %")])
def test_percents(value: float | None, text: str) -> None:
    assert vi_percent(value) == text


@given(st.integers(-(10**12), 10**12))
def test_a_count_reads_back(value: int) -> None:
    assert int(vi_count(value).replace(".", "")) == value


@pytest.mark.parametrize("value", [1887, 0.8281, 1234.5, None])
def test_one_language_has_points_where_the_other_has_commas(value: float | None) -> None:
    whole = None if value is None else int(value)
    vi = (vi_count(whole), vi_percent(value), vi_decimal(value))
    assert tuple(text.translate(str.maketrans(",.", ".,")) for text in vi) == (
        *(en_count(whole), en_percent(value), en_decimal(value)),
    )
    assert vi_decimal(1234.5) == "1.234,50"
