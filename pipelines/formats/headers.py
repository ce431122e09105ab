"""Finds the header of a table and says which column of the contract each of its cells is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from pipelines.domain.contracts import Column, Contract
from pipelines.domain.errors import DataRefused
from pipelines.domain.text import canonical_key, clean
from pipelines.formats.header_rows import DEEPEST, header_parts, numbers_below

LOOK_AHEAD = 20
_LONGEST_NAME = 1000


@dataclass(frozen=True)
class Header:
    """Where the header is and what it means.

    ``row`` is the number of its last record (1-based; 0 where records carry their own names), ``depth`` how many it
    is deep, ``width`` the number of cells, ``columns`` the position of each contract column that was found,
    ``labels`` the cells as written, ``cells`` all of them. ``numbered``: the record after it only numbers the
    columns. ``unknown`` are cells that name no column of the contract, ``unknown_at`` their positions. ``told`` are
    columns whose value stands in no cell of a row (``filled_from``), each with the SQL expression of it.
    ``rows`` is how many there must be, where that is known before they are read.
    """

    row: int
    width: int
    columns: dict[str, int]
    labels: dict[str, str]
    unknown: tuple[str, ...]
    missing: tuple[str, ...]
    cells: tuple[str, ...] = ()
    depth: int = 1
    numbered: bool = False
    unknown_at: tuple[int, ...] = ()
    told: Mapping[str, str] = field(default_factory=dict)
    rows: int | None = None

    def expression(self, column: str) -> str | None:
        """The SQL expression of a column over ``raw(rn, c0, …)``; None when the file lacks it."""
        return f"c{self.columns[column]}" if column in self.columns else self.told.get(column)

    def numbers(self, contract: Contract) -> list[int]:
        """The positions of the contract's numbers."""
        return [self.columns[c.name] for c in contract.columns if c.is_number and c.name in self.columns]


def find_header(records: Sequence[Sequence[str]], contract: Contract, *, file_name: str) -> Header:
    """The record among the first ones that fits the contract best, or two or three records under one another.

    Raises:
        DataRefused: no record looks like the header, or a required column is not there.
    """
    known = ColumnNames(contract.columns)
    best, depth = _best_place(records, known)
    rows = records[best : best + depth]
    if not records or known.matches(rows) == 0:
        raise DataRefused(
            f"{file_name}: none of the first {LOOK_AHEAD} rows is a header of {contract.name}.",
            next_step="`cchc inspect` shows what the file is.",
        )
    header = _header(best + depth, rows, contract, known, file_name)
    return replace(header, numbered=numbers_below(records, header.row))


def _best_place(records: Sequence[Sequence[str]], known: ColumnNames) -> tuple[int, int]:
    """First record and depth of the header that names most columns, a shallow one before a deep one.

    A record all of whose cells name columns, each another, is the header: nothing stands beside or under it.
    """
    for n, record in enumerate(records):
        if known.matches([record]) == len(record) > 1:
            return n, 1
    places = [(n, depth) for depth in range(1, DEEPEST + 1) for n in range(len(records) - depth + 1)]
    return max(places, key=lambda p: known.matches(records[p[0] : p[0] + p[1]]), default=(0, 1))


class ColumnNames:
    """Which column a cell of a header means: as written first, then without accents, case and signs.

    A label outranks another column's alias: ``Đơn vị xử lý`` is the name, ``DonViXuLy`` the code.
    """

    def __init__(self, columns: Sequence[Column]) -> None:
        self._written: dict[str, str] = {}
        self._keys: dict[str, str] = {}
        labels = [(c.label, c.name) for c in columns]
        for label, name in [*labels, *((label, c.name) for c in columns for label in (*c.aliases, c.name))]:
            self._written.setdefault(_as_written(label), name)
            self._keys.setdefault(canonical_key(label), name)

    def column(self, cell: str) -> str | None:
        """Name of the column that a cell of the header means; a whole text is none."""
        if not cell or len(cell) > _LONGEST_NAME:
            return None
        written, key = _spellings(cell)
        return self._written.get(written) or self._keys.get(key)

    def column_of(self, parts: Sequence[str]) -> str | None:
        """The same for the cells above one another: all of them in a row, else the lowest alone."""
        return (self.column(" ".join(parts)) or self.column(parts[-1])) if parts else None

    def matches(self, rows: Sequence[Sequence[str]]) -> int:
        """How many columns the records of a header name."""
        if len(rows) == 1:
            return len({self.column(c) for c in rows[0]} - {None})
        return len({self.column_of(parts) for parts in header_parts(rows)} - {None})


def _as_written(cell: str) -> str:
    return clean(cell).casefold()


@lru_cache(maxsize=10_000)
def _spellings(cell: str) -> tuple[str, str]:
    """As written and as key; every contract asks for those of the same cells, many times over."""
    return _as_written(cell), canonical_key(cell)


def _header(row: int, rows: Sequence[Sequence[str]], contract: Contract, known: ColumnNames, file_name: str) -> Header:
    parts = header_parts(rows) if len(rows) > 1 else [(cell,) for cell in rows[0]]
    cells = [clean(" ".join(p)) for p in parts]
    columns: dict[str, int] = {}
    labels: dict[str, str] = {}
    unknown: dict[int, str] = {}
    for position, cell in enumerate(cells):
        name = known.column_of(parts[position])
        if name is None or name in columns:
            unknown |= {position: cell} if cell else {}
        else:
            columns[name], labels[name] = position, cell
    absent = [c for c in contract.columns if c.name not in columns and c.filled_from is None]
    missing = tuple(c.name for c in absent if not c.children)
    lacking = [c.label for c in absent if c.required]
    if lacking and contract.surprises.missing_columns == "freeze":
        raise DataRefused(
            f"{file_name}: the header (row {row}) lacks the required column(s) {', '.join(lacking)}.",
            next_step="Export again with these columns, or add the header's name as an alias in the contract.",
        )
    if unknown and contract.surprises.new_columns == "freeze":
        raise DataRefused(
            f"{file_name}: the header (row {row}) has the column(s) {', '.join(unknown.values())}, which the contract "
            f"{contract.name} does not know and does not allow.",
            next_step="Export again without them, or add them to the contract.",
        )
    return Header(
        row, len(cells), columns, labels, tuple(unknown.values()), missing,
        cells=tuple(cells), depth=len(rows), unknown_at=tuple(unknown),
    )  # fmt: skip
