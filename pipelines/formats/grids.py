"""Every sheet or table of a file as rows of text, for people to look at (``cchc inspect``)."""

from __future__ import annotations

import csv
import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pipelines.formats.delimited import lenient_records
from pipelines.formats.encodings import CellReader, font_of
from pipelines.formats.lines import LONGEST, UTF8
from pipelines.formats.pages import hidden_tables, page_rows
from pipelines.formats.sniff import Sniffed, first_records
from pipelines.formats.spreadsheet import cell_text
from pipelines.formats.workbook import Sheet, Workbook

Area = tuple[int, int, int, int]
# More than this is not held at once, whatever was asked for.
_MOST_CELLS = 5_000_000
_LOOKED_AT = 40
_SURE_WIDTH = 4


@dataclass(frozen=True)
class Grid:
    """One sheet: ``rows`` as understood, from its very first row; ``height`` counts those that were left out too.

    ``encodings`` counts the cells with marks by how they were read, ``evidence`` says why; ``undecided`` are cells
    that stay as written since their letters fit no reading or several. ``merged`` areas and ``decimals`` count from 0:
    the latter are the columns in which numbers have decimals after a point, whatever a point means in text.
    ``hidden``: nobody sees the sheet who opens the workbook.
    """

    name: str
    height: int
    width: int
    rows: list[list[str]]
    merged: tuple[Area, ...]
    encodings: dict[str, int]
    evidence: str
    undecided: tuple[str, ...]
    decimals: tuple[int, ...] = ()
    hidden: bool = False


def workbook_grids(path: Path, *, file_name: str, limit: int | None) -> list[Grid]:
    """The sheets of a workbook, the empty ones too.

    Raises:
        DataRefused: the workbook cannot be opened.
    """
    book = Workbook(path, file_name=file_name)
    grids = [_of_sheet(name, book.sheet(name), limit) for name in book.names]
    return [replace(grid, hidden=grid.name in book.hidden) for grid in grids]


def _of_sheet(name: str, sheet: Sheet, limit: int | None) -> Grid:
    # What stands left of the first column in use is not in calamine's rows.
    indent = [""] * (sheet.start[1] if sheet.start else 0)
    decimals: set[int] = set()

    def rows() -> Iterator[list[str]]:
        for row in sheet.iter_rows() if sheet.height else ():
            decimals.update(n + len(indent) for n, v in enumerate(row) if isinstance(v, float) and not v.is_integer())
            yield [*indent, *map(shown, row)]

    merged = tuple((a[0], a[1], b[0], b[1]) for a, b in sheet.merged_cell_ranges or ())
    return replace(_grid(name, rows(), limit, merged=merged), decimals=tuple(sorted(decimals)))


def page_grids(path: Path, sniffed: Sniffed, *, file_name: str, limit: int | None, scratch: Path) -> list[Grid]:
    """The tables of a page, or the sheets of XML.

    Raises:
        DataRefused: the page cannot be read.
    """
    font = font_of(sniffed.encoding)
    hidden = hidden_tables(path, sniffed, scratch=scratch)
    grids = []
    tables = itertools.groupby(
        page_rows(path, sniffed, file_name=file_name, scratch=scratch), key=lambda row: (row.table, row.name)
    )
    for number, ((place, told), rows) in enumerate(tables, start=1):
        areas: list[Area] = []

        def cells(rows: Iterable[Any] = rows, areas: list[Area] = areas) -> Iterator[list[str]]:
            for row in rows:
                areas.extend(row.areas)
                yield [*map(shown, row.cells)]

        grid = _grid(told or f"table {number}", cells(), limit, font=font)
        grids.append(replace(grid, merged=tuple(areas), hidden=place in hidden))
    return grids


def in_columns(sniffed: Sniffed) -> bool:
    """Whether most of the first records have the same number of cells, more than one."""
    widths = Counter(len(r) for r in first_records(sniffed, _LOOKED_AT) if r)
    width, count = max(widths.items(), key=lambda w: w[1], default=(0, 0))
    return sniffed.has_separator_line or (width > 1 and (count > widths.total() * 0.6 or width > _SURE_WIDTH))


def text_grid(path: Path, sniffed: Sniffed, *, limit: int | None, columnar: bool) -> Grid:
    """Delimited text as one grid; text that is in no columns has a row of one cell for each line."""
    opened = "utf-8-sig" if sniffed.encoding in UTF8 else sniffed.encoding
    with path.open(encoding=opened, errors="replace", newline="") as stream:
        if sniffed.has_separator_line:
            stream.readline()
        if columnar:
            csv.field_size_limit(LONGEST)
            rows: Iterator[list[str]] = lenient_records(csv.reader(stream, delimiter=sniffed.delimiter))
        else:
            rows = ([line.rstrip("\r\n")] for line in stream)
        return _grid("text", rows, limit, font=font_of(sniffed.encoding))


def shown(value: Any) -> str:
    """A cell as a sheet shows it: numbers with ten digits at most."""
    if isinstance(value, float) and not value.is_integer():
        return f"{value:.10g}"
    return cell_text(value) or ""


def _grid(
    name: str, rows: Iterator[list[str]], limit: int | None, *, merged: Sequence[Area] = (), font: str | None = None
) -> Grid:
    kept: list[list[str]] = []
    cells = 0
    with suppress(StopIteration):
        while (limit is None or len(kept) < limit) and cells < _MOST_CELLS:
            kept.append(_without_tail(next(rows)))
            cells += len(kept[-1])
    # Rows that are formatted and empty do not count: the height is the last row in use.
    height = next((n for n in range(len(kept), 0, -1) if kept[n - 1]), 0)
    for number, row in enumerate(rows, start=len(kept) + 1):
        height = number if any(row) else height
    del kept[height:]
    reader = CellReader((c for row in kept for c in row), font)
    width = max(map(len, kept), default=0)
    read = [[*map(reader.read, row), *[""] * (width - len(row))] for row in kept]
    return Grid(
        name, height, width, read, tuple(merged), dict(sorted(reader.found.items())), str(reader.evidence),
        tuple(reader.undecided)[:20],
    )  # fmt: skip


def _without_tail(row: list[str]) -> list[str]:
    length = len(row)
    while length and not row[length - 1].strip():
        length -= 1
    return row[:length]
