"""Any bytes that say they are JSON or edXML end in rows, rejects or a refusal."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.domain.contracts import Column
from pipelines.formats.children import children_sql, find_child_keys
from pipelines.settings import Settings
from pipelines.sources.registry import contract_for
from tests.conftest import TEST_KEY
from tests.examples import examples
from tests.formats.taken_in import Package, prepared
from tests.formats.test_edxml import message

QUICK = settings(deadline=None, max_examples=examples(15), suppress_health_check=list(HealthCheck))
_TEXT = st.text(alphabet=st.characters(exclude_categories=("Cs",)), max_size=12)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | _TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_TEXT | st.just("Gia"), inner, max_size=4),
    max_leaves=12,
)
_KEYS = st.sampled_from(["MaHoSo", "IDHoSo", "IdHoSo", "mahoso", "ChuHoSo", "DanhSachLePhi", "Gia", "x", "TaiLieuNop"])
_RECORD = st.dictionaries(_KEYS, _JSON, max_size=6)
_STARTS = ['{"MaHoSo": "1"}\n', '[{"MaHoSo": "1"},', '{"data": [']
_SIGNS = st.text(alphabet=st.sampled_from('ab{}[]",:\\ \n\r\t0\ufffd\x00\x01ồ'), max_size=60)


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


def _taken(place: Path, stream: str, data: bytes) -> Package:
    shutil.rmtree(place / "home", ignore_errors=True)
    given_to = Settings(home=place / "home", pseudonym_key=TEST_KEY, settle_seconds=0)  # type: ignore[arg-type]
    package = prepared(given_to, stream, "x_20200101_20200102T010000.dat", data)
    refusal = package.result.refusal
    assert refusal is None or "\n" not in refusal
    return package


@QUICK
@given(
    body=_SIGNS,
    end=st.binary(max_size=10),
    start=st.sampled_from(['{"MaHoSo": "1"}\n', '[{"MaHoSo": "1"},', '{"data": [']),
)
def test_any_text_after_a_beginning_of_json(place: Path, body: str, end: bytes, start: str) -> None:
    package = _taken(place, "igate.dossiers", start.encode() + body.encode() + end)
    if package.result.refusal is not None:
        assert start.endswith((",", "[")) or " is not " in package.result.refusal, "only bytes that are no text"
    elif start.endswith("\n"):
        assert (1,) in package.rows("_row_number")


@QUICK
@given(records=st.lists(_RECORD, max_size=5), lines=st.booleans())
def test_any_records(place: Path, records: list[dict[str, Any]], lines: bool) -> None:
    text = "".join(json.dumps(r) + "\n" for r in records) if lines else json.dumps(records)
    package = _taken(place, "igate.dossiers", text.encode())
    if package.result.refusal is None:
        assert package.result.rows_in_file == len(records)


@QUICK
@given(value=_JSON, key=st.text(max_size=5))
def test_a_list_inside_a_record_is_canonical_json_or_a_mark(value: Any, key: str) -> None:
    column: Column = contract_for("igate", "dossiers").column("fees")
    text = json.dumps([value, {key: value}] if isinstance(value, dict) else value)
    with duckdb.connect() as connection:
        connection.execute("create table t as select $1::varchar as v", [text])
        known = find_child_keys(connection, column, "select v from t")
        row = connection.execute(f"select {children_sql(column, known, 'v', b'k' * 16)} from t").fetchone()
    assert row is not None
    if row[0] != "?":
        items = json.loads(row[0])
        assert [i["item"] for i in items] == list(range(1, len(items) + 1))
        assert all(set(i) == {"item", *(c.name for c in column.children)} for i in items)


@QUICK
@given(body=st.text(max_size=60), cut=st.integers(0, 400), noise=st.binary(max_size=10))
def test_any_bytes_around_edxml(place: Path, body: str, cut: int, noise: bytes) -> None:
    whole = message(after=body).encode()
    package = _taken(place, "idesk.edxml", whole[:cut] + noise + whole[cut:])
    if package.result.refusal is None:
        assert package.result.rows == 1
