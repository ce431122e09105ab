"""``cchc inspect`` of packed files, and ``cchc collect`` when a database does not answer."""

from __future__ import annotations

import gzip
from pathlib import Path

from pipelines.storage.home import Home
from pipelines.storage.ledger import Ledger
from tests.cli.conftest import Program
from tests.formats.taken_in import HEADER, cells, csv_of
from tests.formats.test_packed import zipped

CSV = csv_of(HEADER, cells()).encode()


def _program(tmp_path: Path) -> Program:
    return Program(tmp_path / "home")


def test_inspect_looks_into_packed_files(tmp_path: Path) -> None:
    cchc = _program(tmp_path)
    for name, data in (("hoso.csv.gz", gzip.compress(CSV)), ("hoso.zip", zipped([("a.csv", CSV)]))):
        (tmp_path / name).write_bytes(data)
        ended = cchc("inspect", str(tmp_path / name), "--json")
        assert (ended.code, ended.json["file_name"], ended.json["stream"]) == (0, name, "igate.dossiers")
    (tmp_path / "two.zip").write_bytes(zipped([("a.csv", CSV), ("b.csv", CSV)]))
    ended = cchc("inspect", str(tmp_path / "two.zip"))
    assert (ended.code, "two.zip holds 2 files (a.csv, b.csv)" in ended.err) == (3, True)
    left = [p for p in tmp_path.rglob("*") if p.is_file() and p.parent != tmp_path and CSV in p.read_bytes()]
    assert left == []


def test_collect_says_which_database_did_not_answer_and_takes_the_rest(tmp_path: Path) -> None:
    cchc = _program(tmp_path)
    (tmp_path / "sources.yml").write_text(
        "databases:\n- {stream: igate.steps, url: 'postgresql+psycopg2://reader@127.0.0.1:9/igate',"
        " password: STEPS_PASSWORD, table: buoc}\n",
        encoding="utf-8",
    )
    inbox = tmp_path / "home" / "inbox" / "igate" / "dossiers"
    inbox.mkdir(parents=True)
    (inbox / "hoso_202001_20200201T010000.csv.gz").write_bytes(gzip.compress(CSV))
    more = {"CCHC_DATABASES": str(tmp_path / "sources.yml"), "STEPS_PASSWORD": "s3cret-steps"}
    ended = cchc("collect", **more)
    assert (ended.code, "postgresql+psycopg2://127.0.0.1:9/igate cannot be read" in ended.err) == (4, True)
    assert "s3cret" not in ended.out + ended.err
    (batch,) = Ledger(Home(cchc.home).ledger).select()
    assert batch.file_name == "hoso_202001_20200201T010000.csv.gz"
