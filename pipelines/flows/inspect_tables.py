"""Tables as ``cchc inspect`` sees them: every sheet, its header, and the contract that it fits best."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from pipelines.domain.contracts import Contract
from pipelines.domain.errors import DataRefused, WrongUse
from pipelines.domain.text import canonical_key
from pipelines.flows.column_mapping import ColumnFound, found_columns, map_columns
from pipelines.flows.file_inspected import FileInspected
from pipelines.formats.grids import Grid, in_columns, page_grids, text_grid, workbook_grids
from pipelines.formats.header_rows import guess_header, header_labels
from pipelines.formats.headers import LOOK_AHEAD, Header, find_header
from pipelines.formats.pages import PAGES
from pipelines.formats.sniff import Sniffed

_LEAST_ALIKE = 2


def inspect_table(
    path: Path, sniffed: Sniffed, contracts: Sequence[Contract], limit: int | None, sheet: str | None = None
) -> FileInspected:
    """What the sheets, tables or lines of a file are, under the contract that takes them in or is most like them.

    ``sheet`` is the only one in which a header is looked for.

    Raises:
        WrongUse: there is no such sheet.
        DataRefused: the file cannot be opened.
    """
    base = FileInspected(path.name, "", "", None, None, (), (), (), None)
    if sniffed.family == "spreadsheet":
        grids = workbook_grids(path, file_name=path.name, limit=limit)
        base = replace(base, format="sheet", described=_counted(grids, "sheet"))
    elif sniffed.family in PAGES:
        with tempfile.TemporaryDirectory() as scratch:
            grids = page_grids(path, sniffed, file_name=path.name, limit=limit, scratch=Path(scratch))
        is_xml = sniffed.family == "xml_sheet"
        told = _counted(grids, "sheet in the XML of Excel 2003" if is_xml else "table")
        base = replace(base, format="sheet" if is_xml else "html table", described=told, encoding=sniffed.encoding)
    else:
        columnar = in_columns(sniffed)
        grids = [text_grid(path, sniffed, limit=limit, columnar=columnar)]
        told = f"{sniffed.encoding}, cells separated by {sniffed.delimiter!r}" if columnar else sniffed.encoding
        form = "delimited text" if columnar else "text"
        delimiter = sniffed.delimiter if columnar else None
        base = replace(base, format=form, described=told, encoding=sniffed.encoding, delimiter=delimiter)
    base = replace(base, sheets=tuple(grids))
    named = [g for g in grids if sheet is None or canonical_key(g.name) == canonical_key(sheet)]
    if not named and sheet is not None:
        raise WrongUse(f"{path.name} has no sheet {sheet}.", next_step=f"It has: {', '.join(g.name for g in grids)}.")
    filled = [g for g in named if g.height]
    if not filled:
        return replace(base, refusal=f"{path.name} holds no row.")
    return _mapped(base, filled, [c for c in contracts if c.log is None])


def _counted(grids: Sequence[Grid], what: str) -> str:
    hidden = sum(g.hidden for g in grids)
    told = f"{len(grids)} {what}(s), {sum(g.height > 0 for g in grids)} of them with rows"
    return f"{told}, {hidden} hidden" if hidden else told


def _mapped(base: FileInspected, grids: Sequence[Grid], contracts: Sequence[Contract]) -> FileInspected:
    """The header of the sheet and the contract that fit best, or the first header and the contract most like it."""
    found, refusals = _fits(base, grids, contracts)
    if found:
        found = [f for f in found if not f[0].hidden] or found
        grid, contract, header = max(found, key=lambda f: len(f[2].columns))
        read = tuple(g.name for g, c, h in found if c is contract and h.columns == header.columns)
        nameless = replace(base, left_over=_nameless(header.cells, grid.rows[header.row :]))
        told = _under(nameless, contract, header.cells, found_columns(header, contract))
        return replace(
            told, stream=contract.name, sheet=grid.name, header=header.cells,
            header_row=header.row, header_depth=header.depth, sheets_read=read,
            sheets_left_over=tuple(g.name for g in grids if g.name not in read),
        )  # fmt: skip
    grid = next((g for g in grids if guess_header(g.rows[:LOOK_AHEAD])), grids[0])
    records = grid.rows[:LOOK_AHEAD]
    why = refusals[0] if len(contracts) == 1 and refusals else f"none of {len(contracts)} contracts knows its header"
    guessed = guess_header(records)
    if guessed is None:
        return replace(base, refusal=why, sheet=grid.name)
    top, depth = guessed
    cells = tuple(header_labels(records[top - 1 : top - 1 + depth]))
    told = replace(
        base, refusal=why, sheet=grid.name, header=cells, header_row=top + depth - 1, header_depth=depth,
        left_over=_nameless(cells, grid.rows[top - 1 + depth :]),
    )  # fmt: skip
    nearest = max(contracts, key=lambda c: sum(f.score for f in map_columns(cells, c)), default=None)
    if nearest is None or len(map_columns(cells, nearest)) < _LEAST_ALIKE:
        return replace(told, left_over=tuple(c for c in cells if c) + told.left_over)
    return replace(_under(told, nearest, cells), nearest=nearest.name)


def _fits(
    base: FileInspected, grids: Sequence[Grid], contracts: Sequence[Contract]
) -> tuple[list[tuple[Grid, Contract, Header]], list[str]]:
    """Each sheet under each contract that takes it in, and what is said against the others."""
    found: list[tuple[Grid, Contract, Header]] = []
    refusals: list[str] = []
    for grid in grids:
        for contract in contracts:
            if contract.sheet and base.format == "sheet" and canonical_key(contract.sheet) != canonical_key(grid.name):
                continue
            try:
                header = find_header(grid.rows[:LOOK_AHEAD], contract, file_name=base.file_name)
            except DataRefused as refused:
                refusals.append(str(refused))
            else:
                if _is_enough(header, contract):
                    found.append((grid, contract, header))
    return found, refusals


def _nameless(cells: Sequence[str], rows: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """Columns that hold something and have no name: no contract can take them in."""
    width = max(map(len, rows), default=0)
    named = {n for n, cell in enumerate(cells) if cell}
    used = (n for n in range(width) if n not in named and any(n < len(r) and r[n].strip() for r in rows))
    return tuple(f"(column {n + 1} has no name)" for n in used)


def _is_enough(header: Header, contract: Contract) -> bool:
    """A contract that requires no column is not the file's for one name that they share."""
    named = sum(bool(cell) for cell in header.cells)
    return any(c.required for c in contract.columns) or len(header.columns) * 2 >= named


def _under(
    base: FileInspected, contract: Contract, cells: Sequence[str], known: Sequence[ColumnFound] = ()
) -> FileInspected:
    """Each cell of the header under a contract, what is left over and what is missing.

    ``known`` are the columns that a reader would find, likenesses come after them.
    """
    found = {c.position: c for c in known}
    named = {c.column for c in known}
    alike = (c for c in map_columns(cells, contract) if c.position not in found and c.column not in named)
    columns = tuple(c for _, c in sorted({**{c.position: c for c in alike}, **found}.items()))
    places, names = {c.position for c in columns}, {c.column for c in columns}
    return replace(
        base,
        columns=columns,
        left_over=tuple(c for n, c in enumerate(cells, start=1) if c and n not in places) + base.left_over,
        missing=tuple(c.label for c in contract.columns if c.name not in names and c.filled_from is None),
    )
