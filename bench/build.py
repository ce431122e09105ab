"""``python -m bench.build``: what the build costs, of everything and of one night; ``docs/performance-build.md``.

Everything: beside reading the lake once, all columns of all streams. One night: on years of history beside the same
night on a home that knows the reference lists only.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench.build_page import write_page
from bench.processes import cchc, python_module
from bench.smallest import smallest_inbox

_DIRT = "0.02"


@dataclass(frozen=True)
class Whole:
    """A build of everything. Seconds are of processes; the start-up is a build of next to nothing."""

    scale: float
    months: int
    rows: int
    lake_mb: float
    read: float
    build: float
    start_up: float
    peak_mb: float
    models: dict[str, float]

    @property
    def ratio(self) -> float:
        """The build without its start-up over the lake read once."""
        return (self.build - self.start_up) / self.read


@dataclass(frozen=True)
class Night:
    """The nights of one home: seconds of each build, and of each model in the last one."""

    history_rows: int
    night_rows: int
    seconds: tuple[float, ...]
    models: dict[str, float]

    @property
    def typical(self) -> float:
        """The median of the nights."""
        return median(self.seconds)


@dataclass(frozen=True)
class Nights:
    """The same nights on a history of months and on none."""

    scale: float
    months: int
    start_up: float
    long: Night
    none: Night

    @property
    def ratio(self) -> float:
        """A night on history over one on none, start-up and all."""
        return self.long.typical / self.none.typical

    @property
    def ratio_of_work(self) -> float:
        """The same without the start-up of both."""
        return (self.long.typical - self.start_up) / (self.none.typical - self.start_up)


def main() -> None:
    """Measure in a scratch folder and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=float, default=10.0, help="of the build of everything")
    parser.add_argument("--months", type=int, default=16)
    parser.add_argument("--history-scale", type=float, default=1.0, help="of the nights")
    parser.add_argument("--history-months", type=int, default=60)
    parser.add_argument("--nights", type=int, default=3)
    parser.add_argument("--folder", type=Path, help="where to work; needs about 6 GB per 1.0 of scale and 16 months")
    parser.add_argument("--page", type=Path, default=Path("docs/performance-build.md"))
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="cchc-bench-", dir=options.folder))
    try:
        start_up = _measure_start_up(folder / "smallest")
        shutil.copytree(folder / "smallest/home/build/parsed", folder / "whole/home/build/parsed")
        whole = _measure_whole(folder / "whole", options.scale, options.months, start_up)
        nights = _measure_nights(
            folder / "nights", options.history_scale, options.history_months, options.nights, start_up
        )
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    write_page(options.page, whole, nights)
    sys.stdout.write(options.page.read_text(encoding="utf-8"))


def _measure_start_up(work: Path) -> float:
    """A build of one small file of each stream, where dbt has parsed the project before, as every night finds it."""
    _take_in(work, smallest_inbox(work))
    cchc(work, "build")
    (work / "home" / "build" / "warehouse.duckdb").unlink()
    return cchc(work, "build").seconds


def _measure_whole(work: Path, scale: float, months: int, start_up: float) -> Whole:
    exports = _simulate(work, scale, months)
    rows = _take_in(work, exports)
    lake = work / "home" / "lake"
    read = python_module("bench.build_floor", str(lake), str(work / "floor.duckdb"))
    (work / "floor.duckdb").unlink()
    built = cchc(work, "build")
    size = sum(p.stat().st_size for p in lake.rglob("*.parquet"))
    models = _models(work)
    shutil.rmtree(work)
    return Whole(scale, months, rows, size / 1e6, read.seconds, built.seconds, start_up, built.peak_mb, models)


def _measure_nights(work: Path, scale: float, months: int, count: int, start_up: float) -> Nights:
    exports = _simulate(work, scale, months)
    stamps = sorted({_stamp(p) for p in exports.glob("*/*/*")})
    nights = stamps[-1 - count : -1]  # the last one of all is a month's end, on which every stream is exported
    lists = [p for p in exports.glob("reference/*/*") if p.parent.name != "national_portal"]
    earlier = [p for p in exports.glob("*/*/*") if _stamp(p) < nights[0]]
    portal = [p for p in exports.glob("reference/national_portal/*")]
    found = []
    for name, history in (("long", [*lists, *portal, *earlier]), ("none", lists)):
        home = work / name
        # The lists were exported before the nights: a new list of agencies would have everything built anew.
        rows = _take_in(home, _linked(home / "inbox", history, stamp=stamps[0]))
        cchc(home, "build")
        seconds, new = [], 0
        for night in nights:
            new += _take_in(home, _linked(home / night, [p for p in exports.glob("*/*/*") if _stamp(p) == night]))
            seconds.append(cchc(home, "build").seconds)
        found.append(Night(rows, new // count, tuple(seconds), _models(home)))
        shutil.rmtree(home)
    return Nights(scale, months, start_up, *found)


def _simulate(work: Path, scale: float, months: int) -> Path:
    exports = work / "exports"
    cchc(work, "simulate", str(exports), "--scale", str(scale), "--months", str(months), "--dirt", _DIRT)
    return exports


def _take_in(work: Path, inbox: Path) -> int:
    """Everything up to the lake; how many rows were loaded."""
    cchc(work, "collect", "--inbox", str(inbox))
    cchc(work, "prepare")
    cchc(work, "validate")
    loaded: int = cchc(work, "load").answer["rows_loaded"]
    shutil.rmtree(inbox)
    return loaded


def _stamp(export: Path) -> str:
    """The moment of export in a file's name."""
    return export.stem.rsplit("_", 1)[1]


def _linked(inbox: Path, exports: Iterable[Path], stamp: str = "") -> Path:
    """An inbox of some exports; those of reference lists as if they had been exported at ``stamp``."""
    for path in exports:
        target = inbox / path.parent.parent.name / path.parent.name / path.name
        if stamp and path.parent.parent.name == "reference":
            target = target.with_name(path.name.replace(_stamp(path), stamp))
        target.parent.mkdir(parents=True, exist_ok=True)
        os.link(path, target)
    return inbox


def _models(work: Path) -> dict[str, float]:
    """Seconds of each model and seed of the last build."""
    said = json.loads((work / "home" / "build" / "dbt" / "run_results.json").read_text(encoding="utf-8"))
    return {r["unique_id"].rsplit(".", 1)[1]: r["execution_time"] for r in said["results"]}


if __name__ == "__main__":
    main()
