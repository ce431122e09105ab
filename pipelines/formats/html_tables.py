"""HTML tables that a browser saved as ``.xls`` (``domain.md`` §2.4), read as a sheet.

A cell that spans stands in its first row and column, the rest of its area is empty.
The page is read row by row and forgotten at once; entities are not resolved, nothing is fetched.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from lxml import etree

from pipelines.domain.contracts import Contract
from pipelines.domain.errors import DataRefused
from pipelines.formats.encodings import TCVN3, UNICODE, VNI, CellReader
from pipelines.formats.headers import LOOK_AHEAD, Header, find_header
from pipelines.formats.lines import UTF8, copy_text
from pipelines.formats.package import kind_sql
from pipelines.formats.sniff import Sniffed

MOST_COLUMNS = 16_384
_LONGEST_CELL = 1 << 20
_BATCH = 5_000
_JUDGED_ROWS = 500
_BLANKS = re.compile(r"[ \t\r\n\f]+")
_UNSEEN = ("script", "style")

Area = tuple[int, int, int, int]


@dataclass
class Row:
    """A row of a table, its cells, and the areas that they span.

    An area is first row, first column, last row, last column; all count from 0, as does ``table``.
    """

    table: int
    cells: list[str]
    areas: list[Area] = field(default_factory=list)


def html_rows(path: Path, encoding: str, *, file_name: str, scratch: Path) -> Iterator[Row]:
    """The rows of all tables of a page in order; a row that only holds another table is layout and left out.

    Raises:
        DataRefused: a row is wider than a sheet can be, or the page cannot be read.
    """
    utf8 = path if encoding in UTF8 else copy_text(path, encoding, scratch / "page.html")
    table, number = -1, 0
    carried: dict[int, int] = {}
    try:
        events = etree.iterparse(
            str(utf8), events=("start", "end"), tag=("table", "tr"), html=True, encoding="utf-8", no_network=True
        )
        for event, element in events:
            if element.tag == "table":
                if event == "start":
                    table, number, carried = table + 1, 0, {}
                continue
            if event == "start":
                continue
            if any(len(c) and c.find(".//table") is not None for c in element):
                continue
            row = Row(table, [])
            _lay(element, row, number, carried, file_name)
            number += 1
            _forget(element)
            yield row
    except etree.XMLSyntaxError as error:
        raise DataRefused(
            f"{file_name} is no page that can be read: {error.msg}.", next_step="Export it as CSV or XLSX."
        ) from error


def read_html(
    connection: duckdb.DuckDBPyConnection,
    rows: Iterator[Row],
    width: int,
    kind: str = "null::varchar",
    *,
    cells: CellReader | None = None,
) -> None:
    """Fill ``raw(rn, c0, …, kind)``; ``rn`` counts the rows of all tables from 1."""
    schema = pa.schema([("rn", pa.int64()), *((f"c{n}", pa.string()) for n in range(width))])
    reader = pa.RecordBatchReader.from_batches(schema, _batches(rows, width, schema, cells))
    connection.register("cells", reader)
    connection.execute(f"create table raw as select *, {kind} as kind from cells")
    connection.unregister("cells")


def _batches(rows: Iterator[Row], width: int, schema: pa.Schema, cells: CellReader | None) -> Iterator[pa.RecordBatch]:
    number = 0
    while chunk := list(itertools.islice(rows, _BATCH)):
        columns = list(itertools.islice(itertools.zip_longest(*(r.cells for r in chunk), fillvalue=""), width))
        columns += [("",) * len(chunk)] * (width - len(columns))
        if cells is not None and not cells.is_plain:
            columns = [tuple(map(cells.read, c)) for c in columns]
        numbers = pa.array(range(number + 1, number + 1 + len(chunk)), pa.int64())
        number += len(chunk)
        yield pa.record_batch([numbers, *(pa.array(c, pa.string()) for c in columns)], schema=schema)


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


def _forget(element: Any) -> None:
    """Free what was read: the row and those before it."""
    element.clear(keep_tail=False)
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]


def first_html_rows(path: Path, encoding: str, *, file_name: str, scratch: Path) -> tuple[list[list[str]], CellReader]:
    """The first rows of a page as understood, and what reads its cells (judged by some hundred rows)."""
    rows = [
        r.cells for r in itertools.islice(html_rows(path, encoding, file_name=file_name, scratch=scratch), _JUDGED_ROWS)
    ]
    font = UNICODE if encoding.endswith((TCVN3, VNI, "1258-nfc")) else None
    reader = CellReader((c for row in rows for c in row), font)
    return [[*map(reader.read, row)] for row in rows[:LOOK_AHEAD]], reader


def read_page(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    sniffed: Sniffed,
    contract: Contract,
    *,
    file_name: str,
    scratch: Path,
) -> Header:
    """Fill ``raw(rn, c0, …, kind)`` with the rows of a page; the header is that of the contract.

    Raises:
        DataRefused: the page cannot be read or has no such header.
    """
    first, reader = first_html_rows(path, sniffed.encoding, file_name=file_name, scratch=scratch)
    header = find_header(first, contract, file_name=file_name)
    rows = html_rows(path, sniffed.encoding, file_name=file_name, scratch=scratch)
    read_html(connection, rows, header.width, kind_sql(header, can_be_short=False, contract=contract), cells=reader)
    return header
