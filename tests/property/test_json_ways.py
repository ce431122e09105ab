"""JSON read straight from the file and by its texts is the same, numbers keep their text, and depth is no danger."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.domain.errors import DataRefused
from pipelines.flows.inspect_file import inspect_file
from pipelines.formats import json_records
from pipelines.formats.json_cells import from_file_sql, from_texts_sql
from pipelines.formats.sniff import sniff
from pipelines.settings import Settings
from pipelines.sources.registry import contract_for
from tests.examples import examples
from tests.formats.taken_in import prepared

QUICK = settings(deadline=None, max_examples=examples(20), suppress_health_check=list(HealthCheck))
DOSSIERS = contract_for("igate", "dossiers")
_TEXT = st.text(alphabet=st.characters(exclude_categories=("Cs", "Cc")), max_size=12)
_DIGITS = st.text(alphabet="0123456789", min_size=1, max_size=25)
_WHOLE = st.one_of(st.just("0"), st.builds(str.__add__, st.sampled_from("123456789"), st.just("") | _DIGITS))
_NUMBER = st.builds(
    lambda sign, whole, fraction, exponent: sign + whole + fraction + exponent,
    st.sampled_from(["", "-"]),
    _WHOLE,
    st.just("") | _DIGITS.map(lambda d: "." + d),
    st.just("") | st.sampled_from(["e3", "E5", "e+10", "E-2"]),
)
_DECOY = st.sampled_from(["", "x: 1.50, y", '"a": 1.500', "\\ [1.50]", "{1e3}", "[1.50]", "ồ: -0"])
_ORDINARY = st.recursive(
    st.none() | st.booleans() | st.integers() | _TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXT, inner, max_size=3),
    max_leaves=8,
)
_KEYS = st.sampled_from(["MaHoSo", "MaTTHC", "TrangThai", "DanhSachLePhi", "TaiLieuNop", "ThongTinNguoiNop", "x"])


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


def _read(place: Path, text: str) -> list[tuple[Any, ...]]:
    """Every record as ``rn``, dossier code, procedure code, fee, list of fees and kind."""
    path = place / "any.json"
    path.write_text(text, encoding="utf-8")
    with duckdb.connect() as connection:
        header = json_records.read_json_records(
            connection, path, sniff(path, file_name=path.name), DOSSIERS, file_name=path.name, scratch=place
        )
        names = ("dossier_code", "procedure_code", "fee_amount", "fees")
        cells = (f"c{header.columns[n]}" if n in header.columns else "null" for n in names)
        return connection.execute(f"select rn, {', '.join(cells)}, kind from raw order by rn").fetchall()


@QUICK
@given(tokens=st.lists(_NUMBER, min_size=1, max_size=4), decoy=_DECOY, array=st.booleans(), blank=st.booleans())
def test_numbers_keep_their_text(place: Path, tokens: list[str], decoy: str, array: bool, blank: bool) -> None:
    colon, said = ":  " if blank else ":", json.dumps(decoy, ensure_ascii=False)
    lines = [
        f'{{"TenTTHC"{colon}{said},"MaHoSo"{colon}"k","MaTTHC"{colon}{t},"DanhSachLePhi":[{{"MaPhiLePhi"{colon}{t}}}]}}'
        for t in tokens
    ]
    rows = _read(place, f"[{','.join(lines)}]" if array else "\n".join(lines))
    assert [row[5] for row in rows] == [None] * len(tokens)
    assert [row[2] for row in rows] == tokens
    lists = [json.loads(row[4], parse_float=str, parse_int=str) for row in rows]
    assert [items[0]["MaPhiLePhi"].lstrip("\x01") for items in lists] == tokens


@settings(QUICK, max_examples=examples(6))
@given(whole=st.integers(-999, 999), fraction=st.integers(0, 999), in_list=st.booleans())
def test_a_number_has_a_decimal_point_and_text_dots_between_thousands(
    place: Path, whole: int, fraction: int, in_list: bool
) -> None:
    number = f"{whole}.{fraction:03d}"
    text = f"{whole}.{fraction:03d}"
    fee = f'"DanhSachLePhi": [{{"Gia": {number}}}, {{"Gia": "{text}"}}]' if in_list else f'"Gia": {number}'
    home = Settings(home=Path(tempfile.mkdtemp(dir=place)), pseudonym_key="k" * 32, settle_seconds=0)  # type: ignore[arg-type]
    package = prepared(home, "igate.dossiers", "x_20200101_20200102T010000.json", f'{{"MaHoSo": "1", {fee}}}')
    if in_list:
        first, second = (item["amount"] for item in json.loads(package.column("fees")[0]))
        assert Decimal(second) == Decimal(text.replace(".", ""))
    else:
        (first,) = package.column("fee_amount")
    assert Decimal(first) == Decimal(number)


@QUICK
@given(records=st.lists(st.dictionaries(_KEYS, _ORDINARY, min_size=1, max_size=5), min_size=2, max_size=5))
def test_straight_from_the_file_is_what_the_texts_say(place: Path, records: list[dict[str, Any]]) -> None:
    path = place / "ways.json"
    path.write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in records), encoding="utf-8")
    sniffed = sniff(path, file_name=path.name)
    with duckdb.connect() as connection:
        try:
            documents, seen = json_records._see(connection, path, sniffed, DOSSIERS, path.name, place)
        except DataRefused:
            return
        straight = from_file_sql(documents, seen.cells, seen.look)
        assert straight is not None
        one = connection.execute(straight).fetchall()
        if all(row[-1] is None for row in one):
            assert one == connection.execute(from_texts_sql(documents, seen.cells, seen.look)).fetchall()


def test_many_lines_keep_their_numbers(place: Path) -> None:
    lines = [f'{{"MaHoSo":"{n}","MaTTHC":"{"x" * (n * 7919 % 300)}"}}' for n in range(1, 150_001)]
    for end in ("\n", "\r\n"):
        rows = _read(place, end.join(lines))
        assert len(rows) == 150_000
        assert all(row[1] == str(row[0]) for row in rows)
    rows = _read(place, "\n".join([*lines[:70_000], '{"MaHoSo"', *lines[70_001:]]))
    assert [row[0] for row in rows if row[5] == "broken_json"] == [70_001]
    assert all(row[1] == str(row[0]) for row in rows if row[5] is None)


LEVELS = 100_000
LISTS, OBJECTS = "[" * LEVELS + "]" * LEVELS, '{"a":' * LEVELS + "1" + "}" * LEVELS
DEEP = {
    "lists": LISTS,
    "lists without an end": "[" * LEVELS,
    "objects": OBJECTS,
    "objects without an end": '{"a":' * LEVELS,
    "a line of each": f"{OBJECTS}\n{LISTS}\n" * 2,
    "an envelope": f'{{"data": [{OBJECTS}]}}',
}


@pytest.mark.parametrize("name", DEEP)
def test_nothing_but_depth_is_refused_in_one_line(make_settings: Callable[..., Settings], name: str) -> None:
    started = time.monotonic()
    package = prepared(make_settings(), "igate.dossiers", "x_20200101_20200102T010000.json", DEEP[name])
    refusal = package.result.refusal
    assert refusal is not None
    assert "opens more than 64 lists and objects in one another" in refusal
    assert "\n" not in refusal
    assert time.monotonic() - started < 30, "a stack that is walked twice for each level takes minutes"


@pytest.mark.parametrize("name", DEEP)
def test_inspect_refuses_depth_too(tmp_path: Path, name: str) -> None:
    path = tmp_path / "deep.json"
    path.write_text(DEEP[name], encoding="utf-8")
    found = inspect_file(path)
    assert (found.format, found.stream) == ("unknown", None)
    assert "opens more than 64 lists and objects" in str(found.refusal)


def test_depth_where_no_column_looks_costs_nothing(place: Path) -> None:
    text = f'{{"MaHoSo":"1"}}\n{{"MaHoSo":"2","x":{OBJECTS}}}\n{{"MaHoSo":"3","ChuHoSo":{OBJECTS},"Gia":1.50}}\n'
    rows = _read(place, text)
    assert [(row[0], row[5]) for row in rows] == [(1, None), (2, None), (3, "nested_value")]
