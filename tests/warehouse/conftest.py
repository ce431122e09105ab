"""One small province, taken in night by night, with what the marts held after each night.

Built once and looked at by every test of this folder; tests must leave it as it is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import pytest

from pipelines.flows.build import build
from pipelines.flows.collect import collect
from pipelines.flows.load import load
from pipelines.flows.prepare import prepare
from pipelines.flows.publish import publish
from pipelines.flows.validate import validate
from pipelines.settings import Settings
from pipelines.simulate.config import SimulationConfig
from pipelines.simulate.province import simulate
from pipelines.storage.home import Home
from pipelines.storage.ledger import Ledger
from tests.conftest import TEST_KEY
from tests.few_marts import few_marts
from tests.forked_dbt import ForkedDbt, forked_dbt
from tests.nights import keep_every_third_night

# Exports up to the first day make the first build, those up to the second the next one, the rest the last one.
NIGHTS = (date(2021, 2, 1), date(2021, 2, 14))

# Rows and an order-independent hash, by table.
Content = dict[str, tuple[int, str, str]]


@dataclass(frozen=True)
class Nights:
    """The home; what each build took in, ran and gave; and the content of the two builds that repeat them."""

    settings: Settings
    batches: tuple[int, ...]
    ran: tuple[int, ...]
    after: tuple[Content, ...]
    as_of_second: Content
    from_scratch: Content
    tested: int

    @property
    def home(self) -> Home:
        return Home(self.settings.home)

    def warehouse(self) -> duckdb.DuckDBPyConnection:
        """The build database."""
        return duckdb.connect(str(self.home.warehouse), read_only=True)

    def dbt(self, *command: str) -> tuple[bool, str]:
        """dbt as the build flow runs it, on the build database."""
        with ForkedDbt(self.settings, self.home.warehouse) as dbt:
            return dbt.invoke(command)


def content_of(database: Path) -> Content:
    """What every mart holds."""
    found: Content = {}
    with duckdb.connect(str(database), read_only=True) as connection:
        tables = connection.execute(
            "select table_name from duckdb_tables() where schema_name = 'marts' order by table_name"
        ).fetchall()
        for (name,) in tables:
            row = connection.execute(
                f"select count(*), sum(hash(t))::varchar, bit_xor(hash(t))::varchar from marts.{name} as t"
            ).fetchone()
            assert row is not None
            found[name] = row
    return found


def _exports(folder: Path) -> Path:
    """Two months, every third night of the second; reference lists are known from the start, as in a real one."""
    simulate(SimulationConfig(directory=folder, start=date(2021, 1, 1), months=2, scale=0.01, seed=3, dirt=0.02))
    keep_every_third_night(folder)
    for path in (folder / "reference").glob("*/*_all_*"):
        if path.parent.name != "national_portal":
            path.rename(path.with_name(path.name.replace("_all_20210301T", "_all_20210102T")))
    return folder


@pytest.fixture(scope="session")
def nights(tmp_path_factory: pytest.TempPathFactory) -> Nights:
    with forked_dbt():
        return _pass_nights(tmp_path_factory.mktemp("warehouse"))


def _pass_nights(folder: Path) -> Nights:
    settings = Settings(home=folder / "home", pseudonym_key=TEST_KEY, settle_seconds=0)
    home = Home(settings.home)
    home.create()
    collect(settings, inbox=str(_exports(folder / "exports")))
    prepare(settings)
    validate(settings)
    ledger = Ledger(home.ledger)
    slices: Callable[[str], int] = lambda exported: sum(exported[:10] > day.isoformat() for day in NIGHTS)  # noqa: E731
    counts, ran, after = [], [], []
    for night in range(len(NIGHTS) + 1):
        due = [b.batch_id for b in ledger.select(states=["validated"]) if slices(b.exported_at) == night]
        load(settings, batch_ids=due)
        built = build(settings)
        counts.append(len(built.batches))
        ran.append(built.models)
        after.append(content_of(home.warehouse))
    with few_marts():
        publish(settings)
    as_of_second = content_of(build(settings, as_of=NIGHTS[1]).database)
    whole = build(settings, full_refresh=True)
    return Nights(
        settings, tuple(counts), tuple(ran), tuple(after), as_of_second, content_of(whole.database), whole.models
    )
