"""Which sheets of a workbook hold what a contract promises, and those sheets into the table ``raw``.

Read is the sheet whose header fits best, and every other one with the same columns in the same places (one sheet for
each month or agency). A sheet that goes on where another was full needs no header. All others are named as left over.
A hidden sheet is often last month's, or a copy: it is read where no other fits or the contract names it.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from pipelines.domain.contracts import Contract
from pipelines.domain.errors import DataRefused
from pipelines.domain.text import canonical_key
from pipelines.formats.encodings import CellReader
from pipelines.formats.headers import LOOK_AHEAD, ColumnNames, Header, find_header
from pipelines.formats.package import kind_sql
from pipelines.formats.spreadsheet import cell_reader, first_rows, read_sheet
from pipelines.formats.workbook import Sheet, Workbook

# Rows that a sheet can hold, xls and xlsx: one that is full may go on in the next.
FULL = (65_536, 1_048_576)
_MOST_SHEETS = 1_000
_KEPT_CELLS = 2_000_000


@dataclass(frozen=True)
class SheetRead:
    """A sheet that was read: its row ``n`` is record ``rows_before + n``; ``header_row`` is 0 when it has none."""

    name: str
    rows: int
    rows_before: int
    header_row: int


@dataclass(frozen=True)
class SheetLeft:
    """A sheet with rows that was not read, and why."""

    name: str
    rows: int
    why: str


@dataclass(frozen=True)
class Sheets:
    """What became of the sheets of a workbook that hold anything."""

    read: tuple[SheetRead, ...] = ()
    left_over: tuple[SheetLeft, ...] = ()


NO_SHEETS = Sheets()


@dataclass(frozen=True)
class Fitting:
    """The sheets to read with their headers, and the sheets that are not."""

    parts: tuple[tuple[str, Header], ...]
    left_over: tuple[SheetLeft, ...]

    @property
    def header(self) -> Header:
        """The header of the first sheet; all have its columns in its places."""
        return self.parts[0][1]


class _Opened:
    """The sheets of a workbook, opened one at a time; small ones are kept, for each is needed twice."""

    def __init__(self, book: Workbook, encoding: str | None) -> None:
        self._book = book
        self._encoding = encoding
        self._kept: dict[str, tuple[Sheet, CellReader]] = {}
        self._cells = 0

    def __iter__(self) -> Iterator[str]:
        return iter(self._book.names)

    @property
    def hidden(self) -> frozenset[str]:
        return self._book.hidden

    def get(self, name: str) -> tuple[Sheet, CellReader]:
        if name in self._kept:
            return self._kept[name]
        sheet = self._book.sheet(name)
        opened = (sheet, cell_reader(sheet, self._encoding))
        self._cells += sheet.height * sheet.width
        if self._cells <= _KEPT_CELLS or not self._kept:
            self._kept[name] = opened
        return opened

    def only(self, names: set[str]) -> None:
        """Forget all other sheets."""
        self._kept = {name: opened for name, opened in self._kept.items() if name in names}


def read_workbook(
    connection: duckdb.DuckDBPyConnection, path: Path, contract: Contract, *, file_name: str, most_columns: int
) -> tuple[Header, Sheets]:
    """Fill ``raw(rn, c0, …, kind)`` with the sheets that fit; ``rn`` goes on from one sheet to the next.

    Raises:
        DataRefused: the workbook is broken or empty, no sheet fits, or the header is wider than ``most_columns``.
    """
    sheets = _Opened(Workbook(path, file_name=file_name), contract.encoding)
    fitting = _fitting(sheets, contract, file_name)
    sheets.only({name for name, _ in fitting.parts})
    header = fitting.header
    if header.width > most_columns:
        raise DataRefused(
            f"{file_name} has {header.width} columns, more than the {most_columns} allowed.",
            next_step="Export only the columns that the contract names, or raise CCHC_MAX_COLUMNS.",
        )
    before, read = 0, []
    for name, own in fitting.parts:
        sheet, cells = sheets.get(name)
        kind = kind_sql(replace(own, width=header.width), contract, can_be_short=False, errors=bool(sheet.errors))
        numbers = header.numbers(contract)
        read_sheet(connection, sheet, header.width, kind, cells=cells, numbers=numbers, before=before)
        found = connection.execute("select coalesce(max(rn), 0) from raw").fetchone()
        rows = (int(found[0]) if found else 0) - before
        read.append(SheetRead(name, rows, before, own.row))
        before += rows
    return header, Sheets(tuple(read), fitting.left_over)


def _fitting(sheets: _Opened, contract: Contract, file_name: str) -> Fitting:
    """The sheets to read, in their order."""
    known = ColumnNames(contract.columns)
    headers: dict[str, Header] = {}
    refusals: dict[str, tuple[int, DataRefused]] = {}
    heights: dict[str, int] = {}
    names = list(sheets)
    if len(names) > _MOST_SHEETS:
        raise DataRefused(
            f"{file_name} has {len(names)} sheets, more than the {_MOST_SHEETS} that are looked at.",
            next_step="Spread the sheets over several workbooks.",
        )
    for name in names:
        sheet, cells = sheets.get(name)
        if not sheet.height:
            continue
        heights[name] = sheet.end[0] + 1 if sheet.end else sheet.height
        rows = first_rows(sheet, LOOK_AHEAD, cells)
        try:
            headers[name] = find_header(rows, contract, file_name=file_name)
        except DataRefused as refused:
            refusals[name] = (max(known.matches([row]) for row in rows), refused)
    if not heights:
        raise DataRefused(f"{file_name} holds no row.", next_step="Ask its owner for the export again.")
    best = best_of(headers, refusals, contract, file_name, hidden=sheets.hidden)
    return _together(best, headers, heights, contract, shut_beside(best, sheets.hidden))


def best_of(
    headers: dict[str, Header],
    refusals: dict[str, tuple[int, DataRefused]],
    contract: Contract,
    file_name: str,
    *,
    hidden: frozenset[str],
) -> str:
    """The name of the sheet that fits best; when none does, what is said of the one that came nearest.

    A ``hidden`` one only where no other fits or the contract names it.
    """
    if contract.sheet is not None:
        wanted = canonical_key(contract.sheet)
        named = next((n for n in (*headers, *refusals) if canonical_key(n) == wanted), None)
        if named is None:
            raise DataRefused(
                f"{file_name} has no sheet {contract.sheet} with rows, which {contract.name} names.",
                next_step="Export it again, or change `sheet` in the contract.",
            )
        if named in refusals:
            raise refusals[named][1]
        return named
    if not headers:
        raise max(refusals.values(), key=lambda found: found[0])[1]
    seen = [name for name in headers if name not in hidden]
    return max(seen or headers, key=lambda name: len(headers[name].columns))


def shut_beside(best: str, hidden: frozenset[str]) -> frozenset[str]:
    """The hidden sheets that are not read beside the best one; if it is hidden itself, the others like it are."""
    return frozenset() if best in hidden else hidden


def _together(
    best: str, headers: dict[str, Header], heights: dict[str, int], contract: Contract, shut: frozenset[str]
) -> Fitting:
    """The best sheet, those like it, and those that only go on; in the order of the workbook, without the ``shut``."""
    parts: list[tuple[str, Header]] = []
    left: list[SheetLeft] = []
    full = False
    for name, height in heights.items():
        header = headers.get(name)
        if name in shut:
            left.append(SheetLeft(name, height, "hidden"))
        elif header is not None and header.columns == headers[best].columns and contract.sheet in (None, name):
            parts.append((name, header))
        elif header is None and full:
            parts.append((name, replace(headers[best], row=0, depth=0, numbered=False)))
        elif name == best:
            parts.append((name, headers[best]))
        else:
            left.append(SheetLeft(name, height, _why(header, contract)))
        full = bool(parts) and parts[-1][0] == name and height in FULL
    unknown = dict(itertools.chain.from_iterable(zip(h.unknown_at, h.unknown, strict=True) for _, h in parts))
    first = replace(parts[0][1], unknown=tuple(unknown.values()), unknown_at=tuple(unknown))
    return Fitting(((parts[0][0], first), *parts[1:]), tuple(left))


def _why(header: Header | None, contract: Contract) -> str:
    if header is None:
        return f"no header of {contract.name}"
    if contract.sheet:
        return "another sheet is named by the contract"
    return "not the columns of the sheet that fits best, in their places"
