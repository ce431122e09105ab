"""Pages and XML that are called sheets: which of their tables hold what a contract promises, and all rows into ``raw``.

As in a workbook the table is read whose header fits best, and every other one with the same columns in the same
places; a hidden sheet only where no other fits. A table without a header goes on with the one before when it is as
wide, or adds its totals and notes. What stands before a table is its titles. All others are named as left over, their
rows ``other_table``.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from pipelines.domain.contracts import Contract
from pipelines.domain.errors import DataRefused
from pipelines.domain.text import canonical_key
from pipelines.formats.encodings import CellReader, font_of
from pipelines.formats.header_rows import is_number
from pipelines.formats.headers import LOOK_AHEAD, Header, find_header
from pipelines.formats.html_tables import Row, html_rows
from pipelines.formats.numbers import number_text
from pipelines.formats.package import kind_sql
from pipelines.formats.sheets import SheetLeft, SheetRead, Sheets, best_of, shut_beside
from pipelines.formats.sniff import Sniffed
from pipelines.formats.spreadsheet import cell_text, read_array, text_array
from pipelines.formats.xml_sheets import hidden_sheets, xml_sheet_rows

PAGES = ("html", "xml_sheet")
_BATCH = 5_000
_JUDGED_ROWS = 500
_MOST_TABLES = 10_000


@dataclass
class Table:
    """A table of a page: its first rows as text, how many rows it has, and the cells of its widest one."""

    name: str
    first: list[list[str]] = field(default_factory=list)
    height: int = 0
    width: int = 0

    @property
    def holds_figures(self) -> bool:
        """Whether it is more than a title: two rows of several cells, a number among them."""
        rows = [[c for c in row if c.strip()] for row in self.first]
        return sum(len(r) > 1 for r in rows) > 1 and any(is_number(c) for r in rows for c in r)


def page_rows(path: Path, sniffed: Sniffed, *, file_name: str, scratch: Path) -> Iterator[Row]:
    """The rows of all tables in order.

    Raises:
        DataRefused: the file cannot be read.
    """
    read = xml_sheet_rows if sniffed.family == "xml_sheet" else html_rows
    return read(path, sniffed.encoding, file_name=file_name, scratch=scratch)


def hidden_tables(path: Path, sniffed: Sniffed, *, scratch: Path) -> frozenset[int]:
    """Which tables nobody sees who opens the file: hidden sheets."""
    return hidden_sheets(path, sniffed.encoding, scratch=scratch) if sniffed.family == "xml_sheet" else frozenset()


def page_tables(rows: Iterator[Row], encoding: str, file_name: str) -> tuple[dict[int, Table], CellReader]:
    """Every table with its first rows as understood, and what reads the cells (judged by some hundred rows).

    Raises:
        DataRefused: there are more tables than any export has.
    """
    tables: dict[int, Table] = {}
    judged: list[str] = []
    for number, row in enumerate(rows):
        table = tables.setdefault(row.table, Table(row.name or f"table {len(tables) + 1}"))
        if len(tables) > _MOST_TABLES:
            raise DataRefused(
                f"{file_name} has more than {_MOST_TABLES} tables.", next_step="Export it as CSV or XLSX."
            )
        table.height += 1
        if len(row.cells) > table.width:
            used = (n for n in range(len(row.cells), table.width, -1) if cell_text(row.cells[n - 1]))
            table.width = next(used, table.width)
        if table.height <= LOOK_AHEAD or number < _JUDGED_ROWS:
            texts = [cell_text(c) or "" for c in row.cells]
            judged += texts if number < _JUDGED_ROWS else ()
            table.first += [texts] if table.height <= LOOK_AHEAD else ()
    reader = CellReader(judged, font_of(encoding))
    for table in tables.values():
        table.first = [[*map(reader.read, row)] for row in table.first]
    return tables, reader


def read_page(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    sniffed: Sniffed,
    contract: Contract,
    *,
    file_name: str,
    scratch: Path,
) -> tuple[Header, Sheets]:
    """Fill ``raw(rn, c0, …, kind)`` with every row of a page; ``rn`` goes on from one table to the next.

    Raises:
        DataRefused: the page cannot be read, or no table of it fits.
    """
    rows = page_rows(path, sniffed, file_name=file_name, scratch=scratch)
    tables, cells = page_tables(rows, sniffed.encoding, file_name)
    hidden = frozenset(tables[n].name for n in hidden_tables(path, sniffed, scratch=scratch) if n in tables)
    headers, shut = _headers(tables, contract, file_name, names_count=sniffed.family == "xml_sheet", hidden=hidden)
    header = next(iter(headers.values()))
    create_raw(connection, header.width)
    numbers = header.numbers(contract)
    errors = sniffed.family == "xml_sheet"
    read: list[SheetRead] = []
    left: list[SheetLeft] = []
    begun = done = 0
    rows = page_rows(path, sniffed, file_name=file_name, scratch=scratch)
    for number, own in itertools.groupby(rows, key=lambda row: row.table):
        table = tables[number]
        if number in headers:
            kind = kind_sql(replace(headers[number], width=header.width), contract, can_be_short=False, errors=errors)
        else:
            kind = _kind_of_other(
                table, header, contract, is_before=not read, is_shut=table.name in shut, errors=errors
            )
        add_rows(connection, own, header.width, kind, cells=cells, numbers=numbers, before=done)
        if number in headers:
            read.append(SheetRead(table.name, done + table.height - begun, begun, done - begun + headers[number].row))
            begun = done + table.height
        elif table.name in shut:
            left.append(SheetLeft(table.name, table.height, "hidden"))
        elif table.holds_figures and _has_others(connection, done):
            left.append(
                SheetLeft(table.name, table.height, f"no header of {contract.name} in the places of the others")
            )
        done += table.height
    first = replace(header, row=read[0].header_row, depth=header.depth)
    return first, Sheets(tuple(read), tuple(left))


def _headers(
    tables: dict[int, Table], contract: Contract, file_name: str, *, names_count: bool, hidden: frozenset[str]
) -> tuple[dict[int, Header], frozenset[str]]:
    """The tables to read with their headers, the one that fits best and those like it; and the names of the shut."""
    found: dict[str, Header] = {}
    refusals: dict[str, tuple[int, DataRefused]] = {}
    numbers = {table.name: number for number, table in tables.items()}
    for table in tables.values():
        try:
            found[table.name] = find_header(table.first, contract, file_name=file_name)
        except DataRefused as refused:
            refusals[table.name] = (table.width, refused)
    if not tables:
        raise DataRefused(f"{file_name} holds no row.", next_step="Ask its owner for the export again.")
    wanted = None if contract.sheet is None else canonical_key(contract.sheet)
    is_named = wanted is not None and (names_count or any(canonical_key(n) == wanted for n in numbers))
    asked = contract if is_named else contract.model_copy(update={"sheet": None})
    best = best_of(found, refusals, asked, file_name, hidden=hidden)
    shut = shut_beside(best, hidden)
    open_ones = {n: h for n, h in found.items() if n not in shut}
    alike = [n for n, h in open_ones.items() if n == best or (h.columns == found[best].columns and not is_named)]
    return {numbers[name]: found[name] for name in sorted(alike, key=numbers.__getitem__)}, shut


def _kind_of_other(
    table: Table, header: Header, contract: Contract, *, is_before: bool, is_shut: bool, errors: bool
) -> str:
    """What the rows of a table without such a header are, or of one that is not to be read."""
    blank = f"trim(concat_ws('', {', '.join(f'c{n}' for n in range(header.width))})) = ''"
    if is_before or is_shut:
        is_other = is_shut or table.holds_figures
        return f"case when {blank} then '-blank' else '{'-other_table' if is_other else '-title'}' end"
    on = replace(header, row=0, depth=0, numbered=False)
    kind = kind_sql(on, contract, can_be_short=False, errors=errors)
    return kind if table.width == _filled(header.cells) else f"coalesce({kind}, '-other_table')"


def _filled(cells: Sequence[str]) -> int:
    return max((n for n, cell in enumerate(cells, start=1) if cell), default=0)


def _has_others(connection: duckdb.DuckDBPyConnection, before: int) -> bool:
    found = connection.execute("select 1 from raw where rn > $1 and kind = '-other_table' limit 1", [before])
    return found.fetchone() is not None


def create_raw(connection: duckdb.DuckDBPyConnection, width: int) -> None:
    """An empty ``raw(rn, c0, …, kind)``."""
    columns = ", ".join(f"c{n} varchar" for n in range(width))
    connection.execute(f"create table raw (rn bigint, {columns}, kind varchar)")


def add_rows(
    connection: duckdb.DuckDBPyConnection,
    rows: Iterator[Row],
    width: int,
    kind: str = "null::varchar",
    *,
    cells: CellReader,
    numbers: Collection[int] = (),
    before: int = 0,
) -> None:
    """Add rows to ``raw``; they count on from ``before``, and ``kind`` says what each is by its number among them."""
    schema = pa.schema([("rn", pa.int64()), *((f"c{n}", pa.string()) for n in range(width))])
    reader = pa.RecordBatchReader.from_batches(schema, _batches(rows, width, schema, cells, numbers))
    connection.register("cells", reader)
    connection.execute(f"insert into raw select * replace (rn + {before} as rn) from (select *, {kind} from cells)")
    connection.unregister("cells")


def _batches(
    rows: Iterator[Row], width: int, schema: pa.Schema, reader: CellReader, numbers: Collection[int]
) -> Iterator[pa.RecordBatch]:
    number = 0
    while chunk := list(itertools.islice(rows, _BATCH)):
        columns: list[Sequence[Any]] = list(
            itertools.islice(itertools.zip_longest(*(r.cells for r in chunk), fillvalue=""), width)
        )
        columns += [("",) * len(chunk)] * (width - len(columns))
        for n in numbers:
            columns[n] = [number_text(v) if isinstance(v, float) else v for v in columns[n]]
        texts = (text_array(c) if reader.is_plain else read_array(c, reader) for c in columns)
        counted = pa.array(range(number + 1, number + 1 + len(chunk)), pa.int64())
        number += len(chunk)
        yield pa.record_batch([counted, *texts], schema=schema)
