"""Finds the header of a table and says which column of the contract each of its cells is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipelines.domain.contracts import Column, Contract
from pipelines.domain.errors import DataRefused
from pipelines.domain.text import canonical_key, clean

LOOK_AHEAD = 20


@dataclass(frozen=True)
class Header:
    """Where the header is and what it means.

    ``row`` is its record number (1-based; 0 where records carry their own names), ``width`` the number of cells,
    ``columns`` the position of each contract column that was found, ``labels`` the cells as written. ``unknown``
    are cells that name no column of the contract, ``unknown_at`` their positions.
    """

    row: int
    width: int
    columns: dict[str, int]
    labels: dict[str, str]
    unknown: tuple[str, ...]
    missing: tuple[str, ...]
    unknown_at: tuple[int, ...] = ()


def find_header(records: Sequence[Sequence[str]], contract: Contract, *, file_name: str) -> Header:
    """The record among the first ones that fits the contract best.

    Raises:
        DataRefused: no record looks like the header, or a required column is not there.
    """
    known = ColumnNames(contract.columns)
    best = max(range(len(records)), key=lambda n: known.matches(records[n]), default=0)
    if not records or known.matches(records[best]) == 0:
        raise DataRefused(
            f"{file_name}: none of the first {LOOK_AHEAD} rows is a header of {contract.name}.",
            next_step="`cchc inspect` shows what the file is.",
        )
    return _header(best + 1, records[best], contract, known, file_name)


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
        """Name of the column that a cell of the header means."""
        return self._written.get(_as_written(cell)) or self._keys.get(canonical_key(cell))

    def matches(self, cells: Sequence[str]) -> int:
        """How many columns a record names."""
        return len({self.column(c) for c in cells} - {None})


def _as_written(cell: str) -> str:
    return clean(cell).casefold()


def _header(row: int, cells: Sequence[str], contract: Contract, known: ColumnNames, file_name: str) -> Header:
    columns: dict[str, int] = {}
    labels: dict[str, str] = {}
    unknown: dict[int, str] = {}
    for position, cell in enumerate(cells):
        name = known.column(cell)
        if name is None or name in columns:
            unknown |= {position: clean(cell)} if clean(cell) else {}
        else:
            columns[name], labels[name] = position, clean(cell)
    missing = tuple(c.name for c in contract.columns if c.name not in columns and not c.children)
    lacking = [c.label for c in contract.columns if c.required and c.name not in columns]
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
    return Header(row, len(cells), columns, labels, tuple(unknown.values()), missing, tuple(unknown))
