"""``python -m bench.queries``: how long the twenty questions of ``docs/queries`` take on a published home.

Each is asked many times in one process and read to its end, the questions in turn, so that none has the caches for
itself. The aim is a p95 under 50 ms at scale 1.0 for every one of them.
"""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles

from bench.page import machine, table
from bench.processes import cchc
from pipelines.client import Marts
from pipelines.flows.query_examples import questions

_HEAD = """\
# Performance of the queries

Written by `make bench`. Each of the [twenty questions](queries.md) was asked {times} times in one process and its
answer read to the end, in milliseconds; the aim is a p95 under 50 ms. Processor time is of all threads together and
does not grow when others use the machine. Where others do, `chrt -r 1 python -m bench.queries --home …` measures before
them.

"""


@dataclass(frozen=True)
class Timed:
    """One question: rows of its answer, milliseconds by the clock and, the median, of processors."""

    name: str
    rows: int
    p50: float
    p95: float
    slowest: float
    processor: float


def main() -> None:
    """Make a home of the scale, or take the one that is named, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--home", type=Path, help="a published home; default: one is made and removed")
    parser.add_argument("--times", type=int, default=40)
    parser.add_argument("--page", type=Path, default=Path("docs/performance-queries.md"))
    options = parser.parse_args()
    if options.home is not None:
        _write(options.page, options.home, options.times)
        return
    work = Path(tempfile.mkdtemp(prefix="cchc-bench-"))
    try:
        cchc(work, "simulate", str(work / "province"), "--scale", str(options.scale), "--dirt", "0.02")
        cchc(work, "run", "--inbox", str(work / "province"))
        _write(options.page, work / "home", options.times)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def measure(home: Path, times: int) -> list[Timed]:
    """Every question ``times`` times, after one round that is not counted."""
    asked = questions()
    clock: dict[str, list[float]] = {q.name: [] for q in asked}
    processors: dict[str, list[float]] = {q.name: [] for q in asked}
    rows: dict[str, int] = {}
    with Marts(home) as marts:
        for _ in range(times + 1):
            for question in asked:
                started, used = time.perf_counter(), time.process_time()
                rows[question.name] = len(marts.sql(question.sql).fetchall())
                processors[question.name].append((time.process_time() - used) * 1000)
                clock[question.name].append((time.perf_counter() - started) * 1000)
    return [_timed(name, rows[name], clock[name][1:], processors[name][1:]) for name in clock]


def _timed(name: str, rows: int, clock: list[float], processors: list[float]) -> Timed:
    p95 = quantiles(clock, n=20, method="inclusive")[-1]
    return Timed(name, rows, median(clock), p95, max(clock), median(processors))


def _write(path: Path, home: Path, times: int) -> None:
    found = measure(home, times)
    with Marts(home) as marts:
        (dossiers,) = marts.sql("select count(*) from fct_dossier").fetchall()
    rows = [
        f"| `{t.name}` | {t.rows:,} | {t.p50:.1f} | {t.p95:.1f} | {t.slowest:.1f} | {t.processor:.1f} |" for t in found
    ]
    slow = [t.name for t in found if t.p95 >= 50]
    said = f"Over the aim: {', '.join(slow)}." if slow else "All are under it."
    text = f"{machine()}The marts hold {dossiers[0]:,} dossiers; {_others()}. {said}\n\n"
    text += table("| question | rows | p50 | p95 | slowest | processor time, p50 |", rows)
    path.write_text(_HEAD.format(times=times) + text, encoding="utf-8")
    print(path.read_text(encoding="utf-8"))


def _others() -> str:
    """What the machine had to do besides."""
    load = f"the load was {os.getloadavg()[0]:.1f} (2.0 fills two cores)"
    ahead = os.sched_getscheduler(0) != os.SCHED_OTHER
    return f"{load}, and the measurement went before it, with real-time priority" if ahead else load


if __name__ == "__main__":
    main()
