"""The page of what builds cost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bench.page import machine, table

_HEAD = """\
# Performance of the build

Written by `python -m bench.build`; every number was measured in one run of it. Compare ratios, not seconds: machines
are noisy. The start-up is `cchc build` of one small file of each stream: Python, dbt's imports, and every model over
next to nothing.

The aims are: `dbt build` of all models on scale 10 at most 3 × reading the lake once (all columns of all streams into
DuckDB tables), the start-up shown apart; a night on five years of history at most 1.5 × the same night on none. A home
without history knows the reference lists.
"""
_SLOWEST = 12


def write_page(path: Path, whole: Any, nights: Any) -> None:
    """Write ``docs/performance-build.md`` from what was measured."""
    parts = [_HEAD, machine(), _whole(whole), _nights(nights), _slowest(whole, nights)]
    path.write_text("\n".join(parts), encoding="utf-8")


def _whole(m: Any) -> str:
    head = (
        "| scale | months | rows in the lake | MB | reading it, s | build, s | of it start-up, s "
        "| (build − start-up) ÷ reading | peak, MB |"
    )
    row = (
        f"| {m.scale:g} | {m.months} | {m.rows:,} | {m.lake_mb:,.0f} | {m.read:.1f} | {m.build:.1f} "
        f"| {m.start_up:.1f} | **{m.ratio:.2f}** | {m.peak_mb:,.0f} |"
    )
    return "## Everything\n\n" + table(head, [row])


def _nights(m: Any) -> str:
    head = "| home | rows before | rows of a night | nights, s | median, s | without start-up, s |"
    rows = [
        f"| {name} | {n.history_rows:,} | {n.night_rows:,} | {', '.join(f'{s:.1f}' for s in n.seconds)} "
        f"| {n.typical:.1f} | {n.typical - m.start_up:.1f} |"
        for name, n in ((f"{m.months} months of history", m.long), ("none", m.none))
    ]
    return (
        f"## A night\n\nScale {m.scale:g}, start-up {m.start_up:.1f} s.\n\n{table(head, rows)}\n"
        f"A night on history takes **{m.ratio:.2f} ×** the same night on none; start-up left out on both sides "
        f"{m.ratio_of_work:.2f} ×.\n"
    )


def _slowest(whole: Any, nights: Any) -> str:
    columns = (nights.long.models, nights.none.models, whole.models)
    names = sorted(nights.long.models, key=lambda name: -nights.long.models[name])[:_SLOWEST]
    rows = [f"| `{name}` | " + " | ".join(f"{c.get(name, 0.0):.2f}" for c in columns) + " |" for name in names]
    head = "| model | night on history, s | night on none, s | everything, s |"
    return "The models that a night on history spends most on:\n\n" + table(head, rows)
