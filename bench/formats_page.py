"""The page of what formats cost."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.page import machine, table

_HEAD = """\
# Performance by format

Written by `python -m bench.formats`; every number was measured in one run of it, two files side by side. `prepare`
does all of its work: it tells encoding and header, numbers every record, puts values in form, hashes personal ones
and writes the package. Its *reading* is the same under a contract of plain text: no value is put in form, none is
hashed. Beside them stands the barest way to read the same bytes: DuckDB into Parquet, calamine alone, one regular
expression over every line (of every field: and one more for each field in the context of Zimbra's lines). Compare
ratios, not seconds; 1 is as fast.

The aims are: CSV, NDJSON and logs at least 0.7, XLSX at least 0.8.
"""
_FLOORS = {
    "csv": "bare DuckDB, CSV into Parquet",
    "ndjson": "bare DuckDB, JSON into Parquet",
    "xlsx": "calamine alone",
    "log-prefix": "one `regexp_extract` of the prefix",
    "log-fields": "one `regexp_extract` of every field",
}


_LARGE = """\
One large file alone, all of `prepare`; the aim for 5 GB is a peak under 2,000 MB, of the process and its children:
"""


def write_page(path: Path, found: Sequence[Any], large: Sequence[Any] = ()) -> None:
    """Write ``docs/performance-formats.md`` from what was measured."""
    rows = [
        f"| {m.format.name} | {m.megabytes:,.0f} | {m.records:,} | {m.prepare.peak_mb:,.0f} "
        f"| {m.prepare.answer['seconds']:.1f} | {m.reading.answer['seconds']:.1f} | {_FLOORS[name]} "
        f"| {floor.answer['seconds']:.1f} | **{m.ratio(name, m.reading):.2f}** | {m.ratio(name, m.prepare):.2f} |"
        for m in found
        for name, floor in m.floors.items()
    ]
    head = (
        "| format | MB, two files | records | peak, MB | prepare, s | its reading, s | beside | that, s "
        "| speed of reading | of prepare |"
    )
    parts = [_HEAD, machine(), table(head, rows)]
    if large:
        rows = [
            f"| {m.format.name} | {m.megabytes:,.0f} | {m.prepare.answer['rows_in_file']:,} "
            f"| {m.prepare.answer['seconds']:.0f} | **{m.prepare.peak_mb:,.0f}** |"
            for m in large
        ]
        parts += [_LARGE, table("| format | MB | records | prepare, s | peak, MB |", rows)]
    path.write_text("\n".join(parts), encoding="utf-8")
