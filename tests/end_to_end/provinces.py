"""Simulated provinces, run once and shared by the tests of this folder."""

from __future__ import annotations

import json
import shutil
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import duckdb

from pipelines.flows.collect import collect
from pipelines.flows.load import load
from pipelines.flows.prepare import prepare
from pipelines.flows.run import run
from pipelines.flows.validate import validate
from pipelines.settings import Settings
from pipelines.simulate.config import SimulationConfig
from pipelines.simulate.province import simulate
from pipelines.storage.home import Home
from pipelines.storage.snapshots import open_current
from tests.conftest import TEST_KEY
from tests.few_marts import few_marts
from tests.forked_dbt import forked_dbt
from tests.nights import keep_every_third_night

# A file costs more than its rows: few months of a larger province.
MONTHS, SCALE = 3, 0.03


@dataclass(frozen=True)
class Province:
    """Exports, the truth about them, and the home they were run in."""

    exports: Path
    truth: dict[str, Any]
    settings: Settings

    @property
    def home(self) -> Home:
        return Home(self.settings.home)

    def marts(self) -> duckdb.DuckDBPyConnection:
        return open_current(self.home)


@cache
def exports_of(seed: int, dirt: float, months: int = MONTHS) -> Path:
    directory = Path(mkdtemp(prefix="cchc-exports-"))
    simulate(
        SimulationConfig(directory=directory, start=date(2020, 1, 1), months=months, scale=SCALE, seed=seed, dirt=dirt)
    )
    return directory


@cache
def province(seed: int, dirt: float) -> Province:
    """The whole way, published; the gate holds every mart of a dirty one, where what it says is looked at."""
    found = _of(exports_of(seed, dirt))
    with forked_dbt(), nullcontext() if dirt else few_marts():
        run(found.settings, inbox=str(found.exports))
    return found


@cache
def loaded_province(seed: int, dirt: float) -> Province:
    """As far as the lake, with every third night of the last month: what becomes of rows is known there."""
    exports = Path(mkdtemp(prefix="cchc-exports-")) / "some"
    shutil.copytree(exports_of(seed, dirt), exports)  # the others are for whoever asks next
    keep_every_third_night(exports)
    found = _of(exports)
    found.truth["planted"] = [t for t in found.truth["planted"] if (exports / t["file"]).exists()]
    collect(found.settings, inbox=str(found.exports))
    for step in (prepare, validate, load):
        step(found.settings)
    return found


def _of(exports: Path) -> Province:
    settings = Settings(home=Path(mkdtemp(prefix="cchc-home-")) / "home", pseudonym_key=TEST_KEY, settle_seconds=0)
    return Province(exports, json.loads((exports / "truth.json").read_text(encoding="utf-8")), settings)
