"""The page of measurements."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path
from typing import Any

_HEAD = """\
# Performance

Written by `make bench`; every number was measured in one run of it. The floor is bare DuckDB reading the same
files into tables of text (sheets: calamine alone). Compare ratios, not seconds: machines are noisy.

The aims are: at most 3 × the floor at scale 10 with the start-up shown apart and under 10 s, a peak under 2 GB, and
at most 11 × the time for 10 × the load. Peaks are of a process and all below it together, what they share counted once,
four looks a second; MB are 2²⁰ bytes.

What files of each format cost stands in [performance-formats.md](performance-formats.md), what the build costs in
[performance-build.md](performance-build.md), what the pages cost in [performance-site.md](performance-site.md), and
what the twenty questions cost in [performance-queries.md](performance-queries.md).
"""


def write_page(path: Path, found: Sequence[Any], start_up: Any) -> None:
    """Write ``docs/performance.md`` from what was measured."""
    parts = [_HEAD, machine(), _whole(found), _steps(found), _notes(found, start_up)]
    path.write_text("\n".join(parts), encoding="utf-8")


def machine() -> str:
    """Where and with what the numbers were measured."""
    versions = ", ".join(f"{name} {version(name)}" for name in ("duckdb", "dbt-core", "great-expectations"))
    return (
        f"Measured on {datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, "
        f"Python {platform.python_version()}, {versions}.\n"
    )


def _whole(found: Sequence[Any]) -> str:
    rows = [
        f"| {m.scale:g} | {m.rows:,} | {m.megabytes:,.0f} | {m.rows / m.simulate.seconds:,.0f} "
        f"| {m.floor.seconds:.1f} | {m.whole.seconds:.1f} | {m.start_up:.1f} | **{m.ratio:.2f}** "
        f"| {m.simulate.peak_mb:,.0f} | {m.floor.peak_mb:,.0f} | {m.whole.peak_mb:,.0f} |"
        for m in found
    ]
    return table(
        "| scale | rows | MB | simulate, rows/s | floor, s | whole way, s | of it start-up, s "
        "| (whole − start-up) ÷ floor | peak of simulate, MB | of the floor, MB | of the whole way, MB |",
        rows,
    )


def _steps(found: Sequence[Any]) -> str:
    peaks = [m.whole.peaks(m.steps) for m in found]
    rows = [
        f"| `{step}` | "
        + " | ".join(
            f"{m.steps[step]:.1f} s = {m.steps[step] / m.floor.seconds:.2f} × floor, {peak[step]:,.0f} MB"
            for m, peak in zip(found, peaks, strict=True)
        )
        + " |"
        for step in found[0].steps
    ]
    head = "| step | " + " | ".join(f"scale {m.scale:g}" for m in found) + " |"
    return "Each step of the one process, its share of the start-up included, and its peak:\n\n" + table(head, rows)


def _notes(found: Sequence[Any], start_up: Any) -> str:
    parts = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in start_up.parts.items())
    told = [
        f"The fixed start-up of a run in a home that has run before took {start_up.seconds:.1f} s: dbt starts in a "
        f"process of its own while Great Expectations is imported. Each part alone: {parts}.",
        f"The smallest run (one small file of each stream into a fresh home, all models) took "
        f"{start_up.smallest_run:.1f} s.",
    ]
    told += [
        f"At scale {m.scale:g} the step `build`, all models from nothing, took {m.steps['build']:.1f} s: "
        f"**{m.build_ratio:.2f}** × the {m.lake.seconds:.1f} s of reading the lake once into tables "
        f"(aim at scale 10: 3; dbt had started beside the steps before)."
        for m in found
    ]
    for a, b in pairwise(found):
        times = (b.whole.seconds - b.start_up) / (a.whole.seconds - a.start_up)
        told.append(f"A load {b.scale / a.scale:g} × as large took {times:.1f} × the time (start-up apart).")
    return "\n".join(told) + "\n"


def table(head: str, rows: Sequence[str]) -> str:
    """A table of Markdown: the first column is text, the others are numbers."""
    columns = head.count("|") - 1
    return "\n".join([head, "|---" + "|---:" * (columns - 1) + "|", *rows]) + "\n"
