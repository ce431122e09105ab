"""HTML tables that a browser saved as ``.xls`` (``domain.md`` §2.4), read as a sheet.

A cell that spans stands in its first row and column, the rest of its area is empty.
The page is read row by row and forgotten at once; entities are not resolved, nothing is fetched.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lxml import etree

from pipelines.domain.errors import DataRefused
from pipelines.formats.lines import UTF8, copy_text

MOST_COLUMNS = 16_384
_LONGEST_CELL = 1 << 20
_BLANKS = re.compile(r"[ \t\r\n\f]+")
_UNSEEN = ("script", "style")

Area = tuple[int, int, int, int]


@dataclass
class Row:
    """A row of a table, its cells, and the areas that they span.

    An area is first row, first column, last row, last column; all count from 0, as does ``table``, whose ``name`` is
    told if it has one. Cells are text, but for those of a format that has numbers and moments.
    """

    table: int
    cells: list[Any]
    areas: list[Area] = field(default_factory=list)
    name: str = ""


@dataclass
class _Open:
    """A table that has begun: how many rows it has, and up to which row cells above span a column."""

    number: int
    rows: int = 0
    carried: dict[int, int] = field(default_factory=dict)


def html_rows(path: Path, encoding: str, *, file_name: str, scratch: Path) -> Iterator[Row]:
    """The rows of all tables of a page in order; a row that only holds another table is layout and left out.

    Raises:
        DataRefused: a row is wider than a sheet can be, or the page cannot be read.
    """
    utf8 = path if encoding in UTF8 else copy_text(path, encoding, scratch / "page.html")
    tables = 0
    within: list[_Open] = []
    try:
        events = etree.iterparse(
            str(utf8), events=("start", "end"), tag=("table", "tr"), html=True, encoding="utf-8", no_network=True
        )
        for event, element in events:
            if element.tag == "table":
                if event == "start":
                    within.append(_Open(tables))
                    tables += 1
                elif within:
                    within.pop()
                    if within:  # what comes after a table in it counts as one of its own
                        within[-1].number, tables = tables, tables + 1
                continue
            if event == "start" or any(len(c) and c.find(".//table") is not None for c in element):
                continue
            table = within[-1] if within else _Open(tables)
            row = Row(table.number, [])
            _lay(element, row, table.rows, table.carried, file_name)
            table.rows += 1
            forget(element)
            yield row
    except etree.XMLSyntaxError as error:
        raise DataRefused(
            f"{file_name} is no page that can be read: {error.msg}.", next_step="Export it as CSV or XLSX."
        ) from error


def _lay(element: Any, row: Row, number: int, carried: dict[int, int], file_name: str) -> None:
    """Put the cells of a row into their columns, past those that cells above span; ``carried`` is updated."""
    for cell in element.iterchildren("td", "th"):
        column = len(row.cells)
        while carried.get(column, -1) >= number:
            row.cells.append("")
            column += 1
        wide, high = (_span(cell, "colspan", 1000), _span(cell, "rowspan", 65_534)) if cell.attrib else (1, 1)
        if column + wide > MOST_COLUMNS:
            raise DataRefused(
                f"{file_name}: row {number + 1} has more than {MOST_COLUMNS} columns.",
                next_step="Export it as CSV or XLSX.",
            )
        row.cells.extend([_text(cell, file_name, number), *[""] * (wide - 1)])
        if wide > 1 or high > 1:
            row.areas.append((number, column, number + high - 1, column + wide - 1))
        if high > 1:
            carried.update(dict.fromkeys(range(column, column + wide), number + high - 1))
    while carried.get(len(row.cells), -1) >= number:
        row.cells.append("")


def _span(cell: Any, name: str, most: int) -> int:
    found = re.match(r"\s*(\d{1,6})", cell.get(name) or "")
    return min(max(int(found.group(1)), 1), most) if found else 1


def _text(cell: Any, file_name: str, number: int) -> str:
    """The text of a cell: blanks as a browser shows them, a line break where ``<br>`` stands."""
    if not len(cell):
        return _short_enough(_BLANKS.sub(" ", cell.text or "").strip(), file_name, number)
    parts: list[str] = []
    for part in cell.iter():
        if part.tag == "br":
            parts.append("\n")
        elif part.tag not in _UNSEEN and isinstance(part.tag, str):
            parts.append(_BLANKS.sub(" ", part.text or ""))
        if part is not cell:
            parts.append(_BLANKS.sub(" ", part.tail or ""))
    return _short_enough("".join(parts).strip(), file_name, number)


def _short_enough(text: str, file_name: str, number: int) -> str:
    if len(text) > _LONGEST_CELL:
        raise DataRefused(
            f"{file_name}: row {number + 1} holds a cell of more than {_LONGEST_CELL} signs.",
            next_step="Export it as CSV or XLSX.",
        )
    return text


def forget(element: Any) -> None:
    """Free what was read: the row and those before it."""
    element.clear(keep_tail=False)
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]
