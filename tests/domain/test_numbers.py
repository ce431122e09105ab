"""Numbers for Vietnamese readers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.domain.numbers import vi_count, vi_percent


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
