"""What is put in form by distinct values is what it would be row by row, and what counts as tidy is in form."""

from __future__ import annotations

import tempfile
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipelines.domain.contracts import Column, ColumnType, Privacy
from pipelines.formats import by_value, remembered
from pipelines.formats.by_value import ByValue
from pipelines.formats.canonical import canonical_query, tidied_sql
from pipelines.formats.hashed import hashed_sql
from pipelines.formats.tidiness import is_tidy
from tests.examples import examples

KEY = b"a key for tests only, long enough"
LINEAGE = {"_batch_id": "b", "_source_file": "f.csv"}
COLUMNS = (
    Column(name="plain", label="plain"),
    Column(name="day", label="day", type=ColumnType.DATE, formats=("%d/%m/%Y",)),
    Column(name="share", label="share", type=ColumnType.DECIMAL, unit="percent"),
    Column(name="person", label="person", privacy=Privacy.PERSONAL),
    Column(name="mail", label="mail", privacy=Privacy.EMAIL, system_names="^root@"),
    Column(name="mails", label="mails", privacy=Privacy.EMAILS),
    Column(name="note", label="note", privacy=Privacy.FREE_TEXT),
    Column(name="answer", label="answer", enum={"Không": "no"}),
)
# Signs that text in form may hold or not: blanks, marks alone, letters of one byte to four, controls.
_SIGNS = st.sampled_from(list("ab0/%@;. \t\x7f\x80\u00a0ĐđỆệÿʷ\u0300\u1e00\u1f00’₫\u200b\u4e2d😀"))
_TEXTS = st.none() | st.text(_SIGNS, max_size=6) | st.sampled_from(["01/02/2021", " 82,81 %", "Root@x.vn", "không"])
_database = duckdb.connect()


@settings(deadline=None, max_examples=examples(100))
@given(st.lists(_TEXTS, max_size=5), st.integers(0, 2))
@example(["a ", " b"], 0)
@example(["", "a"], 1)
@example([None, None], 0)
def test_tidy_text_is_in_form(texts: list[str | None], skipped: int) -> None:
    column = pa.array(texts, pa.large_string())[skipped:]
    in_form = _database.execute(f"select {tidied_sql('v')} as v from (select unnest($1::varchar[]) as v)", [texts])
    found = [v for (v,) in in_form.fetchall()][skipped:]
    if is_tidy(column):
        assert found == texts[skipped:]


@pytest.mark.parametrize("text", ["Số 12, đường Lê Lợi", "000.00.12.H15-200104-0001", "2021-04-05 07:31:02", "ÿ ¡ ʷ Ỿ"])
def test_usual_text_is_known_to_be_tidy(text: str) -> None:
    assert is_tidy(pa.array([text, None, text], pa.large_string()))


def _row_by_row(rows: list[list[str | None]]) -> list[tuple[str | None, ...]]:
    _database.register("texts", pa.table({c.name: pa.array(v, pa.string()) for c, v in _cells(rows)}))
    in_form = canonical_query([(c, c.name) for c in COLUMNS], "(select row_number() over () as rn, * from texts)")
    hashed = ", ".join(hashed_sql(c, c.name, KEY) for c in COLUMNS)
    return _database.execute(f"select {hashed} from ({in_form}) order by rn").fetchall()


def _cells(rows: list[list[str | None]]) -> list[tuple[Column, list[str | None]]]:
    return [(c, [row[n] for row in rows]) for n, c in enumerate(COLUMNS)]


def _write(cells: list[tuple[Column, list[str | None]]], target: Path) -> int:
    with duckdb.connect() as connection:
        connection.register("texts", pa.table({c.name: pa.array(v, pa.string()) for c, v in cells}))
        by_value = ByValue([c for c, _ in cells], KEY, {})
        numbered = "(select row_number() over () as rn, * from texts)"
        return by_value.write(connection, {c.name: c.name for c, _ in cells}, numbered, LINEAGE, target)


def _by_value(rows: list[list[str | None]]) -> list[tuple[str | None, ...]]:
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "rows.parquet"
        assert _write(_cells(rows), target) == len(rows)
        found = duckdb.execute(f"select * from read_parquet('{target}') order by _row_number").fetchall()
        assert [row[:3] for row in found] == [("b", "f.csv", n) for n in range(1, len(rows) + 1)]
        return [row[3:] for row in found]


@settings(deadline=None, max_examples=examples(12))
@given(st.lists(st.lists(_TEXTS, min_size=len(COLUMNS), max_size=len(COLUMNS)), max_size=8), st.integers(1, 3))
@example([], 1)
def test_by_value_as_row_by_row(rows: list[list[str | None]], times: int) -> None:
    assert _by_value(rows * times) == _row_by_row(rows * times)


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> int:
    """Batches of no more rows than a vector of DuckDB has."""
    monkeypatch.setattr(by_value, "_PIECE", 2048)
    monkeypatch.setattr(by_value, "ROWS", 2048)
    return by_value.ROWS


def test_columns_whose_values_hardly_repeat_and_later_batches(small_batches: int) -> None:
    """More rows than a batch holds; the first one decides how a column goes, the last one has other values."""
    rows: list[list[str | None]] = [[f"x{n}", "5/4/2021", f"{n % 7} %", f"p{n}", "a@b.vn", "", None, "Không"]
                                    for n in range(small_batches)]  # fmt: skip
    rows += [["x ", None, "1", "p0", f"{n}@b.vn", "a@b; c", "số 123456789", "khác"] for n in range(3000)]
    assert _by_value(rows) == _row_by_row(rows)


def test_what_was_hashed_is_remembered(small_batches: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Persons that come again, partly, in later batches; one column forgets what does not come again."""
    asked: list[int] = []
    real = by_value._asked

    def counted(connection: duckdb.DuckDBPyConnection, steps: list[str], columns: list[pa.Array]) -> list[pa.Array]:
        asked.append(sum(len(c) for c in columns) if any("sha256" in step for step in steps) else 0)
        return real(connection, steps, columns)

    monkeypatch.setattr(by_value, "_asked", counted)
    rows: list[list[str | None]] = [
        ["x", None, None, f"p{n % 50 + n // small_batches}" if n % 3 else None, f"{n // 2}@b.vn", "root@b.vn", None, ""]
        for n in range(3 * small_batches)
    ]
    assert _by_value(rows) == _row_by_row(rows)
    addresses = len({row[4] for row in rows})
    assert sum(asked) == 52 + addresses + 1  # 50 persons and one more in each later batch; one list of addresses


def test_a_column_of_too_many_values_is_remembered_in_part(small_batches: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remembered, "_MOST", 30)
    rows: list[list[str | None]] = [["x", None, None, f"p{n % 20 + 10 * (n // small_batches)}", *[None] * 4]
                                    for n in range(4 * small_batches)]  # fmt: skip
    assert _by_value(rows) == _row_by_row(rows)


def test_long_rows_come_in_smaller_batches(tmp_path: Path) -> None:
    """Memory is bounded whatever stands in a row: 20,000 rows of 10,000 signs are several row groups."""
    long, target = {"plain": "repeat('x', 10_000) || rn"}, tmp_path / "rows.parquet"
    with duckdb.connect() as connection:
        assert ByValue(COLUMNS[:1], KEY, {}).write(connection, long, "range(1, 20_001) as r(rn)", {}, target) == 20_000
    groups = pq.ParquetFile(target).metadata
    assert [groups.row_group(n).num_rows for n in range(groups.num_row_groups)] == [8192, 8192, 3616]


def _written(texts: list[str | None], folder: Path) -> bytes:
    _write([(COLUMNS[0], texts)], folder / "rows.parquet")
    return (folder / "rows.parquet").read_bytes()


def test_texts_that_become_one_leave_nothing_of_themselves_in_the_file(tmp_path: Path) -> None:
    spaced = [["số 12", "số  12", " số 12", "số 12 ", "\u00a0", "", "x"][n % 7] for n in range(700)]
    in_form = [["số 12", "số 12", "số 12", "số 12", None, None, "x"][n % 7] for n in range(700)]
    assert _written(spaced, tmp_path) == _written(in_form, tmp_path)


def test_what_breaks_on_the_way_is_an_error_of_duckdb(tmp_path: Path, small_batches: int) -> None:
    lines = [f'{{"v": "{n}"}}\n' for n in range(small_batches * 20)]
    (tmp_path / "broken.json").write_text("".join([*lines, '{"v": broken\n']), encoding="utf-8")
    records = f"read_json('{tmp_path}/broken.json', columns = {{v: 'VARCHAR'}}, format = 'newline_delimited')"
    numbered = f"(select row_number() over () as rn, v from {records})"
    with duckdb.connect() as connection, pytest.raises(duckdb.Error, match="Malformed JSON"):
        ByValue(COLUMNS[:1], KEY, {}).write(connection, {"plain": "v"}, numbered, {}, tmp_path / "rows.parquet")
