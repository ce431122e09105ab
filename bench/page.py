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


def write_page(path: Path, found: Sequence[Any], steps: Sequence[str]) -> None:
    """Write ``docs/performance.md`` from what was measured."""
    head = [
        "# Performance",
        "",
        "Written by `make bench`; every number below was measured in one run of it. The floor is bare DuckDB reading",
        "the same files into tables (sheets: calamine alone). Compare ratios, not seconds: machines are noisy.",
        "",
        f"Measured on {datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, Python {platform.python_version()}, "
        f"DuckDB {version('duckdb')}, dbt {version('dbt-core')}, Great Expectations {version('great-expectations')}.",
        "",
        "| scale | rows | MB | simulate, rows/s | floor, s | whole way, s | of it start-up, s "
        "| (whole − start-up) ÷ floor | peak memory, MB |",
        "|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    body = [
        f"| {m.scale:g} | {m.rows:,} | {m.megabytes:,.0f} | {m.rows / m.simulate:,.0f} | {m.floor:.1f} | {m.whole:.1f} "
        f"| {m.start_up:.1f} | **{m.ratio:.2f}** | {max(m.peak_mb.values()):,.0f} |"
        for m in found
    ]
    table = [
        "",
        "Each step, as a process of its own (seconds; ÷ floor; peak MB):",
        "",
        "| step | " + " | ".join(f"scale {m.scale:g}" for m in found) + " |",
        "|---|" + "---:|" * len(found),
    ]
    table += [
        f"| `{step}` | "
        + " | ".join(f"{m.steps[step]:.1f} s; {m.steps[step] / m.floor:.2f}; {m.peak_mb[step]:,.0f} MB" for m in found)
        + " |"
        for step in steps
    ]
    growth = []
    for a, b in pairwise(found):
        times = (b.whole - b.start_up) / (a.whole - a.start_up)
        growth.append(f"A load {b.scale / a.scale:g} × as large took {times:.1f} × the time (start-up apart).")
    start = [
        "",
        "Start-up is the whole way of a one-month province at scale 0.01: imports, dbt, Great Expectations, pages.",
    ]
    path.write_text("\n".join([*head, *body, *table, *start, "", *growth]) + "\n", encoding="utf-8")
