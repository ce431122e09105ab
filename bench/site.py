"""``python -m bench.site``: what the pages cost to write, and how soon a browser paints them.

Writes ``docs/performance-site.md``. The marts are made by SQL, at the size that the aim names. Seconds are of one
process that does nothing else.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import duckdb

from bench.page import machine, table
from bench.processes import Told, python_module

MARTS = Path(__file__).with_name("site_marts.sql")
SEEDS = Path(__file__).parents[1] / "warehouse" / "seeds"
SHOWN = ("index.html", "agency-H15.001.html", "indicator-WORK_FILE_A.html", "heat.html")
PAINTS = 5

_HEAD = """\
# Performance of the site

Written by `python -m bench.site`; every number was measured in one run of it. The marts are made by SQL: every
indicator of every agency in every month. The charts' script is made once for an installation and kept; its time stands
apart.

The aims are: 120 agencies × 60 months in under 60 s, a page under 1.5 MB, its first paint from disk under 1 s.
"""


def main() -> None:
    """Measure in a scratch folder and write the page; with ``--write`` only write the site and say how long it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--agencies", type=int, default=120)
    parser.add_argument("--months", type=int, default=60)
    parser.add_argument("--page", type=Path, default=Path("docs/performance-site.md"))
    parser.add_argument("--write", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.write:
        sys.stdout.write(json.dumps(_write(options.write)))
        return
    work = Path(tempfile.mkdtemp(prefix="cchc-bench-site-"))
    try:
        _make_marts(work, options.agencies, options.months)
        told = python_module("bench.site", "--write", str(work))
        sizes = [p.stat().st_size for p in (work / "site").iterdir()]
        paints = _paints(work / "site")
    finally:
        shutil.rmtree(work, ignore_errors=True)
    _page(options, told, sizes, paints)
    sys.stdout.write(options.page.read_text(encoding="utf-8"))


def _make_marts(work: Path, agencies: int, months: int) -> None:
    statements = MARTS.read_text(encoding="utf-8").format(agencies=agencies, months=months, seeds=SEEDS)
    with duckdb.connect(str(work / "province.duckdb")) as connection:
        connection.execute(statements)


def _write(work: Path) -> dict[str, float]:
    from pipelines.site.script import chart_script
    from pipelines.site.writing import write_site

    started = time.perf_counter()
    charts = chart_script(work / "cache")
    made = time.perf_counter()
    (work / "site").mkdir()
    with duckdb.connect(str(work / "province.duckdb"), read_only=True) as connection:
        write_site(connection, work / "site", rule="R_PLAIN", charts=charts)
    return {"script": made - started, "pages": time.perf_counter() - made}


def _paints(site: Path) -> dict[str, float]:
    """The median first paint of each kind of page, in ms, opened from disk."""
    from deploy.browser import chromium

    first = "() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime"
    found = {}
    with chromium() as browser:
        for name in SHOWN:
            times = []
            for _ in range(PAINTS):
                page = browser.new_page()
                page.goto((site / name).as_uri())
                page.wait_for_function(first)
                times.append(page.evaluate(first))
                page.close()
            found[name] = statistics.median(times)
    return found


def _page(options: Any, told: Told, sizes: list[int], paints: dict[str, float]) -> None:
    row = (
        f"| {options.agencies} × {options.months} | {len(sizes)} | {told.answer['pages']:.1f} | {told.peak_mb:,.0f} "
        f"| {max(sizes) / 1e6:.2f} | {sum(sizes) / 1e6:,.0f} | {told.answer['script']:.1f} |"
    )
    head = "| agencies × months | pages | s | peak, MB | largest page, MB | all, MB | the charts' script, once, s |"
    painted = [f"| `{name}` | {ms:,.0f} |" for name, ms in paints.items()]
    parts = [_HEAD, machine(), table(head, [row]), table("| first paint from disk | ms |", painted)]
    options.page.write_text("\n".join(parts), encoding="utf-8")


if __name__ == "__main__":
    main()
