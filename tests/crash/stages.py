"""A small province and its second night, kept at every stage of the way, to begin a test from."""

from __future__ import annotations

import atexit
import shutil
from collections.abc import Callable
from datetime import date
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import duckdb

from pipelines.flows.build import build
from pipelines.flows.collect import collect
from pipelines.flows.gate import gate
from pipelines.flows.load import load
from pipelines.flows.prepare import prepare
from pipelines.flows.publish import publish
from pipelines.flows.run import RunResult, run
from pipelines.flows.validate import validate
from pipelines.settings import Settings
from pipelines.storage.home import Home
from pipelines.storage.ledger import Ledger
from tests.conftest import TEST_KEY
from tests.few_marts import few_marts
from tests.forked_dbt import forked_dbt

# Files that no run can take in, by name: what they hold and what a reader must be told.
ROTTEN = {
    "igate/dossiers/cut_20200102_20200103T010000.xlsx": (b"PK\x03\x04 and no more", "cannot be opened as a sheet"),
    "igate/steps/binary_20200102_20200103T010000.csv": (bytes(range(256)) * 20, "is not text"),
    "idesk/outgoing/other_202001_20200201T010000.csv": ("Tên,Tuổi\r\nAn,5\r\n".encode(), "is a header of"),
}
# What the ledger says of the moment something was done; all else must not depend on kills.
_MOMENTS = ("modified_at", "landed_at", "loaded_at", "built_at")


def settings_of(home: Path, **changes: Any) -> Settings:
    return Settings(**({"home": home, "pseudonym_key": TEST_KEY, "settle_seconds": 0} | changes))


@cache
def _scratch() -> Path:
    """A folder that goes when the tests end."""
    folder = Path(mkdtemp(prefix="cchc-tests-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _folder() -> Path:
    return Path(mkdtemp(dir=_scratch()))


@cache
def exports() -> Path:
    """January 2020 of a small province."""
    from pipelines.simulate.config import SimulationConfig
    from pipelines.simulate.province import simulate

    folder = _folder()
    simulate(SimulationConfig(directory=folder, start=date(2020, 1, 1), months=1, scale=0.01, seed=3, dirt=0.05))
    return folder


def bring(home: Path, *nights: int) -> None:
    """Put a night's exports into the inbox; the first night has the monthly and the reference files too."""
    for stream in sorted(exports().glob("*/*/")):
        files = sorted(stream.iterdir())
        monthly = len(files) < 20
        for night in nights:
            chosen = files[:1] if monthly and night == 1 else [] if monthly else [files[night + 5]]
            target = home / "inbox" / stream.relative_to(exports())
            target.mkdir(parents=True, exist_ok=True)
            for file in chosen:
                shutil.copy2(file, target)


@cache
def first_night() -> tuple[Path, RunResult]:
    """A home after its first run, into which rotten files had come too."""
    home = _folder() / "home"
    bring(home, 1)
    for name, (data, _) in ROTTEN.items():
        (home / "inbox" / name).write_bytes(data)
    with forked_dbt(), few_marts():
        return home, run(settings_of(home))


_STEPS: dict[str, Callable[[Settings], Any]] = {
    "collected": collect,
    "prepared": prepare,
    "validated": validate,
    "loaded": load,
    "built": build,
    "gated": gate,
    "published": publish,
}


@cache
def stage(name: str) -> Path:
    """The home when the second night had come so far; not to be changed."""
    names = list(_STEPS)
    position = names.index(name)
    if position:
        home = copy_of(stage(names[position - 1]))
    else:
        home = copy_of(first_night()[0])
        bring(home, 2)
    with forked_dbt(), few_marts():
        _STEPS[name](settings_of(home))
    return home


def copy_of(home: Path) -> Path:
    """A home of its own with the same content."""
    target = _folder() / "home"
    shutil.copytree(home, target, symlinks=True)
    return target


def at(name: str) -> Path:
    """A home of its own at a stage."""
    return copy_of(stage(name))


Fingerprint = dict[str, tuple[Any, ...]]


def marts_of(home: Path) -> Fingerprint:
    """Rows and an order-independent hash of every mart of the build database."""
    with duckdb.connect(str(Home(home).warehouse), read_only=True) as connection:
        return fingerprint(connection)


def fingerprint(connection: duckdb.DuckDBPyConnection) -> Fingerprint:
    """Rows and an order-independent hash of every table of the marts, ``as_of`` and all."""
    names = connection.execute("select table_name from duckdb_tables() where schema_name = 'marts'").fetchall()
    return {
        name: connection.execute(f'select count(*), sum(hash(t)), bit_xor(hash(t)) from marts."{name}" as t').fetchone()
        or ()
        for (name,) in names
    }


def accounts_of(home: Path) -> list[dict[str, Any]]:
    """Every file of the ledger and where its rows went; without the moments."""
    rows = Ledger(Home(home).ledger).rows("batches")
    told = [{k: v for k, v in row.items() if k not in _MOMENTS} for row in rows]
    return sorted(told, key=lambda row: str(row["batch_id"]))


def lake_of(home: Path) -> Fingerprint:
    """Every Parquet file of the lake that a loaded batch has, with its content's hash."""
    lake = Home(home).lake
    found = {}
    for path in sorted(lake.rglob("*.parquet")):
        query = "select count(*), sum(hash(t)) from read_parquet($1) as t"
        found[str(path.relative_to(lake))] = duckdb.execute(query, [str(path)]).fetchone() or ()
    return found


def litter_of(home: Path) -> list[str]:
    """Drafts that lie about outside the disposable parts of a home."""
    roots = [Home(home).lake, Home(home).published]
    return [str(p.relative_to(home)) for root in roots for p in root.rglob(".*") if p.name.startswith(".")]
