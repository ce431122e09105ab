"""Whatever lies in the inbox ends as rows, rejects or a refusal: never as another error, never uncounted."""

from __future__ import annotations

import csv
import io
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.flows.collect import collect
from pipelines.flows.prepare import PrepareResult, prepare
from pipelines.settings import Settings
from pipelines.sources.registry import all_contracts
from pipelines.storage.home import Home
from pipelines.storage.ledger import Ledger
from tests.conftest import TEST_KEY
from tests.examples import examples
from tests.formats.taken_in import HEADER, cells, csv_of, drop

QUICK = settings(deadline=None, max_examples=examples(15), suppress_health_check=list(HealthCheck))
STREAMS = [c.name for c in all_contracts()]
_NAME = "x_20200101_20200102T010000.dat"


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


def _prepare(place: Path, stream: str, data: bytes) -> tuple[PrepareResult, Path]:
    """One file in a home of its own."""
    shutil.rmtree(place / "home", ignore_errors=True)
    given_to = Settings(home=place / "home", pseudonym_key=TEST_KEY, settle_seconds=0)  # type: ignore[arg-type]
    drop(given_to, stream, _NAME, data)
    collect(given_to)
    (result,) = prepare(given_to)
    batch = Ledger(Home(given_to.home).ledger).batch(result.batch_id)
    assert batch.state == ("refused" if result.refusal else "prepared")
    return result, Home(given_to.home).package_of(batch.source, batch.stream, batch.batch_id)


def _select(folder: Path, file: str, what: str) -> list[tuple[Any, ...]]:
    return duckdb.execute(f"select {what} from read_parquet($1)", [str(folder / f"{file}.parquet")]).fetchall()


def _assert_closes(result: PrepareResult, folder: Path) -> None:
    if result.refusal is not None:
        assert not folder.exists()
        return
    assert result.rows_in_file == result.rows + result.rejected + result.non_data
    numbers = _select(folder, "rows", "_row_number") + _select(folder, "rejects", "_row_number")
    assert len(set(numbers)) == len(numbers) == result.rows + result.rejected
    assert all(1 <= n <= result.rows_in_file for (n,) in numbers)


_HEADERS = {
    c.name: ",".join(f'"{column.label}"' for column in c.columns) + "\r\n" for c in all_contracts() if c.log is None
}
_LINE = "Jan  1 00:00:01 mx postfix/qmgr[3]: A1: removed\n"
_SIGNS = st.text(alphabet=st.sampled_from("ab1ồ\u0300\u200b ,;|\t\"'\r\n\0\x01=-%./:[]<>@"), max_size=120)


@QUICK
@given(stream=st.sampled_from(STREAMS), data=st.binary(min_size=0, max_size=400))
def test_any_bytes(place: Path, stream: str, data: bytes) -> None:
    _assert_closes(*_prepare(place, stream, data))


@QUICK
@given(stream=st.sampled_from(sorted(_HEADERS)), body=_SIGNS, broken=st.binary(max_size=20))
def test_any_text_below_a_header(place: Path, stream: str, body: str, broken: bytes) -> None:
    result, folder = _prepare(place, stream, _HEADERS[stream].encode() + body.encode() + broken)
    _assert_closes(result, folder)


@QUICK
@given(stream=st.sampled_from(["mail.postfix", "mail.zimbra_audit", "mail.accounts"]), body=_SIGNS, end=st.binary())
def test_any_lines_of_a_log(place: Path, stream: str, body: str, end: bytes) -> None:
    result, folder = _prepare(place, stream, _LINE.encode() + body.encode() + end)
    _assert_closes(result, folder)
    if result.refusal is None and stream == "mail.postfix":
        assert result.rows >= 1
        assert (1,) in _select(folder, "rows", "_row_number")


@QUICK
@given(data=st.binary(max_size=300), magic=st.sampled_from([b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"]))
def test_any_bytes_that_say_they_are_a_sheet(place: Path, data: bytes, magic: bytes) -> None:
    result, _ = _prepare(place, "igate.dossiers", magic + data)
    assert result.refusal is not None


_NOTE = st.text(alphabet=st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\x00"), max_size=40)


@settings(QUICK, max_examples=examples(10))
@given(notes=st.lists(_NOTE | st.just("hai\ndòng"), min_size=1, max_size=8))
def test_cells_come_through_a_csv_as_they_are(place: Path, notes: list[str]) -> None:
    out = io.StringIO(newline="")
    csv.writer(out).writerows([HEADER, *(cells(n, procedure_code=note) for n, note in enumerate(notes, start=1))])
    result, folder = _prepare(place, "igate.dossiers", out.getvalue().encode())
    assert (result.rows, result.rejected) == (len(notes), 0)
    again = csv_of(HEADER, *(cells(n, procedure_code=note) for n, note in enumerate(notes, start=1)))
    kept = _select(folder, "rows", "_row_number, procedure_code")
    _, other = _prepare(place, "igate.dossiers", b"\xff\xfe" + again.encode("utf-16-le"))
    assert _select(other, "rows", "_row_number, procedure_code") == kept
    for (_, found), note in zip(sorted(kept), notes, strict=True):
        assert (found is None) == (not "".join(note.split("\ufeff")).strip(" \u00a0\u200b\u200c\u200d\u2060\n\t"))


def test_prepared_again_a_package_is_the_same_byte_for_byte(place: Path) -> None:
    data = csv_of(HEADER, *(cells(n, note=f"ghi chú {n}") for n in range(500)), cells(1)[:3]).encode()
    made = []
    for _ in range(2):
        _, folder = _prepare(place, "igate.dossiers", data)
        made.append({p.name: p.read_bytes() for p in folder.iterdir()})
    assert made[0] == made[1]
    assert set(made[0]) == {"rows.parquet", "rejects.parquet", "package.json"}
