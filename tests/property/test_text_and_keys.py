"""Canonical text and pseudonyms, in SQL and in Python."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import unicodedata
from decimal import Decimal

import duckdb
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipelines.domain.contracts import Column, ColumnType, Privacy
from pipelines.domain.pseudonyms import pseudonym, pseudonym_sql
from pipelines.domain.text import canonical_key, clean
from pipelines.formats.canonical import EXCEL_SERIAL, canonical_query
from tests.examples import examples

QUICK = settings(deadline=None, max_examples=examples(40))
FORMATS = ("%d/%m/%Y %H:%M:%S", "%Y%m%d%H%M%S", "%d/%m/%Y", EXCEL_SERIAL)
TEXTS = st.text(alphabet=st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=30)
LIKELY = st.text(alphabet=st.sampled_from("0123456789.,/-: %TZ\u00a0có khôngxđồ\u0302\u0300"), max_size=20)
COLUMNS = [
    Column(name="t", label="t"),
    Column(name="i", label="i", type=ColumnType.INTEGER),
    Column(name="d", label="d", type=ColumnType.DECIMAL),
    Column(name="b", label="b", type=ColumnType.BOOLEAN),
    Column(name="day", label="day", type=ColumnType.DATE, formats=FORMATS),
    Column(name="at", label="at", type=ColumnType.DATETIME, formats=FORMATS),
    Column(name="f", label="f", privacy=Privacy.FREE_TEXT),
    Column(name="e", label="e", enum={"RẤT HÀI LÒNG": "very", "Không": "not"}),
]
_database = duckdb.connect()


def _canonical(column: Column, text: str | None) -> str | None:
    query = canonical_query([(column, "v")], "(select 1 as rn, $1::varchar as v)")
    row = _database.execute(query, [text]).fetchone()
    return row[1] if row else None


@QUICK
@given(column=st.sampled_from(COLUMNS), text=TEXTS | LIKELY)
@example(COLUMNS[2], "%")
@example(COLUMNS[2], " 12,5 % %")
@example(COLUMNS[2], "1,887")
def test_normalising_twice_is_normalising_once(column: Column, text: str) -> None:
    once = _canonical(column, text)
    assert _canonical(column, once) == once


@QUICK
@given(text=TEXTS)
@example("Đ\u0300ồng  bằng\u00a0")
@example("o\u0302\u0300")
def test_text_is_in_one_form(text: str) -> None:
    found = _canonical(COLUMNS[0], text)
    if found is None:
        assert not text.strip(" \u00a0\u200b\u200c\u200d\u2060\ufeff\t\n\r\x0b\x0c")
        return
    assert unicodedata.is_normalized("NFC", found)
    assert "  " not in found
    assert found == found.strip(" ")


@QUICK
@given(moment=st.datetimes(dt.datetime(1970, 1, 1), dt.datetime(2099, 12, 31)).map(lambda m: m.replace(microsecond=0)))
def test_a_moment_reads_the_same_in_every_format(moment: dt.datetime) -> None:
    serial = (moment - dt.datetime(1899, 12, 30)) / dt.timedelta(days=1)
    for written in (*(moment.strftime(f) for f in FORMATS[:2]), moment.isoformat(" "), f"{serial:.9f}"):
        assert _canonical(COLUMNS[5], written) == f"{moment:%Y-%m-%d %H:%M:%S}", written
    assert _canonical(COLUMNS[4], moment.strftime("%d/%m/%Y")) == f"{moment:%Y-%m-%d}"


@QUICK
@given(number=st.integers(-(10**12), 10**12))
def test_whole_numbers_with_and_without_dots(number: int) -> None:
    for written in (str(number), f"{number:,}".replace(",", "."), f" {number}.0 "):
        assert _canonical(COLUMNS[1], written) == str(number), written


@QUICK
@given(whole=st.integers(0, 10**9), part=st.integers(1, 99))
def test_decimals_as_vietnamese_write_them(whole: int, part: int) -> None:
    dotted = f"{whole:,}".replace(",", ".")
    wanted = f"{whole}.{part:02d}".rstrip("0")
    assert _canonical(COLUMNS[2], f"{dotted},{part:02d}") == wanted
    percent = COLUMNS[2].model_copy(update={"unit": "percent"})
    assert _canonical(percent, f"{whole},{part:02d} %") == wanted
    share = _canonical(COLUMNS[2], f"{whole},{part:02d} %")
    assert share is not None
    assert Decimal(share) == Decimal(f"{whole}.{part:02d}") / 100
    assert _canonical(COLUMNS[2], share) == share


@pytest.mark.parametrize(
    ("written", "share", "percent"),
    [("82,81%", "0.8281", "82.81"), ("100 %", "1", "100"), ("0,5 %", "0.0050", "0.5"), ("x %", "x %", "x")],
)
def test_what_a_percent_sign_means(written: str, share: str, percent: str) -> None:
    assert _canonical(COLUMNS[2], written) == share
    assert _canonical(COLUMNS[2].model_copy(update={"unit": "percent"}), written) == percent


@QUICK
@given(whole=st.integers(-(10**6), 10**6), part=st.integers(0, 10**4 - 1))
@example(1, 8870)
@example(0, 820)
@example(-7, 0)
def test_a_decimal_has_one_form_which_stays(whole: int, part: int) -> None:
    number = Decimal(whole) + Decimal(part).scaleb(-4)
    found = {_canonical(COLUMNS[2], f"{number:f}".replace(".", ",") + "0" * zeros) for zeros in range(3)}
    (form,) = found
    assert form is not None
    assert Decimal(form) == number
    assert _canonical(COLUMNS[2], form) == form, "a point is not taken for one between thousands"


@pytest.mark.parametrize("written", ["RẤT HÀI LÒNG", "RấT HàI LòNG", "rất hài lòng"])
def test_a_value_of_the_contract_keeps_its_letter_case(written: str) -> None:
    assert _canonical(COLUMNS[7], written) == "RẤT HÀI LÒNG"
    assert _canonical(COLUMNS[7], f"{written}?") == f"{written}?", "another value stays as it is"


@QUICK
@given(key=st.binary(min_size=16, max_size=100), value=TEXTS)
@example(b"k" * 64, "đúng")
@example(b"k" * 65, "")
def test_pseudonyms_are_hmac_and_sql_agrees(key: bytes, value: str) -> None:
    row = _database.execute(f"select {pseudonym_sql(key, 'v')} from (select $1::varchar as v)", [value]).fetchone()
    wanted = "p_" + hmac.new(key, value.encode(), hashlib.sha256).hexdigest()[:32]
    assert row == (wanted,)
    assert pseudonym(key, value) == wanted


@QUICK
@given(one=TEXTS, other=TEXTS)
def test_other_values_and_keys_give_other_pseudonyms(one: str, other: str) -> None:
    key = b"a key for tests, long enough"
    assert (pseudonym(key, one) == pseudonym(key, other)) == (one == other)
    assert pseudonym(key, one) != pseudonym(key[::-1], one)


@QUICK
@given(text=TEXTS)
def test_cleaning_and_keys_are_stable(text: str) -> None:
    assert clean(clean(text)) == clean(text)
    assert canonical_key(clean(text)) == canonical_key(text) == canonical_key(text.upper().lower())


def test_free_text_hides_numbers_that_tell_a_person() -> None:
    said = "Gọi 0912 345 678, CCCD 066123456789, CMND 241234567, thư an.b@so.vn; tờ 12, thửa 345"
    assert _canonical(COLUMNS[6], said) == "Gọi [điện thoại], CCCD [số], CMND [số], thư [thư]; tờ 12, thửa 345"
