"""A value comes back equal from every format and encoding it was written in."""

from __future__ import annotations

import datetime as dt
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
import sqlalchemy as sa
import yaml
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from pipelines.domain.contracts import Column, ColumnType, Contract, Privacy
from pipelines.domain.pseudonyms import pseudonym
from pipelines.domain.text import clean
from pipelines.flows.collect import collect
from pipelines.flows.prepare import prepare
from pipelines.settings import Settings
from pipelines.sources.registry import contract_for
from pipelines.storage.home import Home
from pipelines.storage.ledger import Ledger
from tests.conftest import TEST_KEY
from tests.examples import examples
from tests.flows.ways import DATABASE, FILES, MORE_FILES, Table, Value, into_database

ALL_FILES = FILES | MORE_FILES
# An example is a dozen files and a database, so that it is not worth minutes to look for a smaller one.
QUICK = settings(
    deadline=None,
    max_examples=examples(3),
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],
)
_SYLLABLES = re.findall(
    r"\w+",
    "đường phố huyện quận tỉnh thị xã xây dựng giấy phép kinh doanh hộ tịch lý lịch tư pháp thuỷ thủy hòa hoà quyền "
    "sử đất chứng nhận đăng ký khoáng sản tiếng việt người nước ngoài được ưu đãi giáo dục đào tạo ủy ban ấp ổ ý é "
    "nghĩa vụ quỹ khuyến nông kỹ thuật bưu chính viễn thông mỹ phẩm rượu thuốc lá ở",
)
_SYLLABLE = st.tuples(st.sampled_from(_SYLLABLES), st.sampled_from([str.lower, str.upper, str.capitalize])).map(
    lambda found: found[1](found[0])
)
# What formats like to take for something else: numbers, dates, markup, formulas, nothing.
_TRAPS = st.sampled_from(
    ["0012", "007", "1.887", "1,5", "1e5", "01/02/2020", "Ea H'leo", "M’Drắk", '"kép"', "a;b", "x,y", "p|q", "<b>",
     "&amp;", "&lt;", "=1+1", "-", "null", "true", "NaN", "None", "\\N", "\\", "%", "123456789012345678", "+84", "'",
     "“Đ”", "[1]", "[khẩn]", "{}", "{\"a\": 1}", "hai\ndòng", "#N/A", "TRUE", "43831"]
)  # fmt: skip
_TEXT = st.lists(st.one_of(_SYLLABLE, _SYLLABLE, _TRAPS), min_size=1, max_size=6).map(" ".join)
_DAY = st.dates(dt.date(1990, 1, 1), dt.date(2060, 12, 31))
_MOMENT = st.datetimes(dt.datetime(1990, 1, 1), dt.datetime(2060, 12, 31)).map(lambda m: m.replace(microsecond=0))
_NUMBER = st.decimals(0, 10**9, places=3) | st.decimals(0, 1000, places=3) | st.decimals(0, 100, places=1)
# Codes have a shape of their own; where they stand first in a row they say that it is one of data.
_CODES: Mapping[str, st.SearchStrategy[Any]] = {
    "dossier_code": st.integers(1, 10**9).map(lambda n: f"000.00.12.H15-200104-{n:04d}"),
    "agency_code": st.integers(1, 99).map(lambda n: f"000.00.{n:02d}.H15"),
    "procedure_code": st.integers(0, 999_999).map(lambda n: f"1.{n:06d}"),
    "applicant_id_number": st.integers(0, 10**11).map(lambda n: f"{n:012d}"),
    "applicant_phone": st.integers(0, 10**9 - 1).map(lambda n: f"0{n:09d}"),
}
_STREAMS = (("igate", "dossiers"), ("idesk", "work_files"), ("idesk", "outgoing"))


def _values(column: Column) -> st.SearchStrategy[Any]:
    by_type = {
        ColumnType.INTEGER: st.integers(0, 10**9),
        ColumnType.DECIMAL: _NUMBER,
        ColumnType.BOOLEAN: st.booleans(),
        ColumnType.DATE: _DAY,
        ColumnType.DATETIME: _MOMENT,
    }
    values = _CODES[column.name] if column.name in _CODES else by_type.get(column.type, _TEXT)
    return values if column.required else st.none() | values


@st.composite
def _tables(draw: st.DrawFn, contract: Contract) -> Table:
    columns = contract.flat_columns
    rows = draw(st.lists(st.tuples(*map(_values, columns)), min_size=1, max_size=25))
    return Table(contract, columns, tuple(rows))


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


def _taken(place: Path, table: Table) -> dict[str, list[tuple[str | None, ...]]]:
    """The rows of the packages of a table that came in every way, in the order of the file, by way."""
    home = Home(place / "home")
    shutil.rmtree(place / "home", ignore_errors=True)
    inbox = home.inbox / table.contract.source / table.contract.stream
    inbox.mkdir(parents=True)
    for way, (write, ending) in ALL_FILES.items():
        (inbox / f"{way}_202001_20200201T010000.{ending}").write_bytes(write(table))
    url = f"sqlite:///{place / 'home' / 'source.db'}"
    told = {
        "stream": table.contract.name,
        "name": DATABASE,
        "url": url,
        "table": into_database(sa.make_url(url), table),
    }
    (place / "databases.yml").write_text(yaml.safe_dump({"databases": [told]}), encoding="utf-8")
    given_to = Settings(
        home=home.root, pseudonym_key=TEST_KEY, settle_seconds=0, databases=place / "databases.yml"  # type: ignore[arg-type]
    )  # fmt: skip
    assert collect(given_to).refused == ()
    assert {(r.refusal, r.rows, r.rejected) for r in prepare(given_to)} == {(None, len(table.rows), 0)}
    names = ", ".join(c.name for c in table.columns)
    return {
        b.file_name.split("_202")[0].removesuffix("_all"): duckdb.execute(
            f"select {names} from read_parquet($1) order by _row_number",
            [str(home.package_of(b.source, b.stream, b.batch_id) / "rows.parquet")],
        ).fetchall()
        for b in Ledger(home.ledger).select()
    }


def _kept(value: Value, column: Column, way: str) -> str | None:
    """What a package holds of a value."""
    if value is None or column.privacy is Privacy.DROP:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dt.date):
        return str(value)
    if column.type is ColumnType.DECIMAL:
        return _decimal(Decimal(value))
    text = clean(str(value)) or None
    if text and way == "csv_tcvn3":
        text = text.encode("tcvn3").decode("tcvn3")
    return pseudonym(TEST_KEY.encode(), text) if text and column.privacy is Privacy.PERSONAL else text


def _decimal(value: Decimal) -> str:
    """No zeros at the end; but with three decimals one, so that no point is taken for one between thousands."""
    plain = f"{value:f}"
    bare = plain.rstrip("0").rstrip(".") if "." in plain else plain
    return f"{bare}0" if len(bare.partition(".")[2]) == 3 and value < 1000 else bare


@pytest.mark.parametrize("stream", _STREAMS, ids=".".join)
@QUICK
@given(data=st.data())
def test_a_value_comes_back_equal(place: Path, stream: tuple[str, str], data: st.DataObject) -> None:
    table = data.draw(_tables(contract_for(*stream)))
    found = _taken(place, table)
    assert set(found) == {*ALL_FILES, DATABASE}
    told = [
        n for n, c in enumerate(table.columns) if c.privacy not in (Privacy.FREE_TEXT, Privacy.EMAIL, Privacy.EMAILS)
    ]
    for way, rows in found.items():
        for row, came in zip(table.rows, rows, strict=True):
            expected = {table.columns[n].name: _kept(row[n], table.columns[n], way) for n in told}
            assert {table.columns[n].name: came[n] for n in told} == expected, way
