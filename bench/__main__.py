"""``python -m bench``: simulate, take the floor, do the whole way, read the lake, write ``docs/performance.md``.

This machine and yours are noisy: what counts is the ratio to the floor of the same run.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from bench.page import write_page
from bench.processes import Told, cchc, python_module
from bench.smallest import smallest_inbox


@dataclass(frozen=True)
class StartUp:
    """Seconds that a run takes before it works on data; those of its parts, each alone; and of the smallest run."""

    seconds: float
    parts: dict[str, float]
    smallest_run: float


@dataclass(frozen=True)
class Measured:
    """One scale. Seconds are of processes; ``steps`` are seconds inside the one process of the whole way."""

    scale: float
    rows: int
    megabytes: float
    simulate: Told
    floor: Told
    whole: Told
    lake: Told
    steps: dict[str, float]
    start_up: float

    @property
    def ratio(self) -> float:
        """The whole way without the fixed start-up, over the floor."""
        return (self.whole.seconds - self.start_up) / self.floor.seconds

    @property
    def build_ratio(self) -> float:
        """The step that builds every model, over reading the lake once."""
        return self.steps["build"] / self.lake.seconds


def main() -> None:
    """Measure each scale in a scratch folder and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scales", type=float, nargs="+", default=[1.0, 10.0])
    parser.add_argument("--months", type=int, default=16)
    parser.add_argument("--folder", type=Path, help="where to work; needs about 6 GB per 1.0 of scale")
    parser.add_argument("--page", type=Path, default=Path("docs/performance.md"))
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="cchc-bench-", dir=options.folder))
    try:
        start_up = _measure_start_up(folder / "start-up")
        found = [_measure(folder / f"scale-{scale:g}", scale, options.months, start_up) for scale in options.scales]
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    write_page(options.page, found, start_up)
    sys.stdout.write(options.page.read_text(encoding="utf-8"))


def _measure_start_up(work: Path) -> StartUp:
    """What every run pays before it works, in a home that has run before; and the smallest run there is."""
    smallest = cchc(work, "run", "--inbox", str(smallest_inbox(work))).seconds
    program = cchc(work, "config").seconds
    gx, dbt, both = (python_module("bench.start_up", part, work=work).seconds for part in ("gx", "dbt", "both"))
    parts = {"the program itself": program, "importing Great Expectations": gx, "starting dbt": dbt}
    shutil.rmtree(work)
    return StartUp(both, parts, smallest)


def _measure(work: Path, scale: float, months: int, start_up: StartUp) -> Measured:
    inbox = work / "province"
    simulate = cchc(work, "simulate", str(inbox), "--scale", str(scale), "--months", str(months), "--dirt", "0.02")
    size = sum(p.stat().st_size for p in inbox.glob("*/*/*"))
    floor = python_module("bench.floor", str(inbox), str(work / "floor.duckdb"))
    (work / "floor.duckdb").unlink()
    whole = cchc(work, "run", "--inbox", str(inbox))
    lake = python_module("bench.build_floor", str(work / "home" / "lake"), str(work / "floor.duckdb"))
    shutil.rmtree(work)
    steps = {s["name"]: s["seconds"] for s in whole.answer["steps"]}
    return Measured(scale, simulate.answer["rows"], size / 1e6, simulate, floor, whole, lake, steps, start_up.seconds)


if __name__ == "__main__":
    main()
