"""Cells that a spreadsheet would run: told in Python and in SQL alike, and taken back."""

from __future__ import annotations

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.domain.formulas import bared_sql, guarded, guarded_sql

HARMFUL = ["=1+1", "+84", "-cmd", "@SUM(A1)", "\t=1", "\r=1", "'=1", "''=1"]


@pytest.mark.parametrize("text", HARMFUL)
def test_what_begins_like_a_formula_gets_an_apostrophe(text: str) -> None:
    assert guarded(text) == "'" + text


@pytest.mark.parametrize("text", ["", "Sở Y tế", "1-2", "'Sở'", " =1", "a@b"])
def test_other_text_stays(text: str) -> None:
    assert guarded(text) == text


@settings(deadline=None)
@given(st.text(alphabet="'=+-@\t\r a1Đ", max_size=6))
def test_sql_says_the_same_and_takes_it_back(text: str) -> None:
    found = duckdb.execute(
        f"select g, {bared_sql('g')} from (select {guarded_sql('t')} as g from (select $1::varchar as t))", [text]
    ).fetchone()
    assert found == (guarded(text), text)
