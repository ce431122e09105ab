"""What a strange file is, how it is understood, and which contract would take it in. Changes nothing."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pipelines.domain.contracts import Contract
from pipelines.domain.errors import DataRefused, WrongUse
from pipelines.flows.column_mapping import ColumnFound, found_columns, map_columns
from pipelines.flows.contract_draft import draft_contract, write_draft
from pipelines.flows.log_kinds import best_field_log, best_log
from pipelines.formats.edxml import read_message
from pipelines.formats.field_line import uncovered_kind
from pipelines.formats.grids import Grid, html_grids, in_columns, text_grid, workbook_grids
from pipelines.formats.header_rows import guess_header, header_labels, numbers_below
from pipelines.formats.headers import LOOK_AHEAD, Header, find_header
from pipelines.formats.json_documents import NoRecord
from pipelines.formats.json_records import look_at_json
from pipelines.formats.sniff import Sniffed, sniff
from pipelines.sources.registry import all_contracts, contract_for

DEFAULT_ROWS = 1000
UNREAD = "unknown"  # the format of a file that cannot be read
_LEAST_ALIKE = 2


@dataclass(frozen=True)
class FileInspected:
    """What the file is.

    ``stream`` is the contract that takes it in, None when there is none; ``nearest`` is then the one whose columns
    are most alike, and ``refusal`` says why it does not. ``columns`` map to either. ``header_row`` is the last row of
    the header (from 1), ``header_depth`` its rows, ``header`` one label for each column. ``sheets`` hold the rows as
    understood (up to the limit asked for). ``draft`` is where a drafted contract was written.
    """

    file_name: str
    format: str
    described: str
    stream: str | None
    header_row: int | None
    columns: tuple[ColumnFound, ...]
    left_over: tuple[str, ...]
    missing: tuple[str, ...]
    refusal: str | None
    encoding: str | None = None
    delimiter: str | None = None
    nearest: str | None = None
    sheet: str | None = None
    header_depth: int | None = None
    header: tuple[str, ...] = ()
    sheets: tuple[Grid, ...] = ()
    draft: Path | None = None


def inspect_file(
    path: Path, *, stream: str | None = None, rows: int = DEFAULT_ROWS, draft: Path | None = None
) -> FileInspected:
    """Look at a file and find the contract that it fits best.

    Args:
        path: the file.
        stream: hold it to this contract (``source.stream``) instead.
        rows: how many rows of each sheet to show; 0 for all.
        draft: write a contract that loads the file here (a folder or a ``.yml`` file).

    Raises:
        WrongUse: there is no such file or stream, or the draft exists.
        DataRefused: a draft is asked for and the file has no header to make one from.
    """
    if not path.is_file():
        raise WrongUse(f"There is no file {path}.")
    contracts = all_contracts() if stream is None else (_named(stream),)
    limit = max(rows, LOOK_AHEAD) if rows > 0 else None
    try:
        encoding = contracts[0].encoding if stream is not None else None
        sniffed = sniff(path, file_name=path.name, encoding=encoding)
        known = _of_known_kind(path, sniffed, contracts) if draft is None else None
        if known is not None:
            return replace(known, encoding=sniffed.encoding)
        if sniffed.family in ("edxml", "json"):
            raise DataRefused(
                f"{path.name} holds {sniffed.family}, and contracts are only drafted for tables.",
                next_step="Write the contract by hand; docs/sources.md shows how.",
            )
        found = _of_table(path, sniffed, contracts, limit)
    except DataRefused as refused:
        if draft is not None:
            raise
        return FileInspected(path.name, UNREAD, "not read", None, None, (), (), (), str(refused))
    written = None if draft is None else _drafted(path, found, draft)
    shown = found.sheets if rows <= 0 else tuple(replace(g, rows=g.rows[:rows]) for g in found.sheets)
    return replace(found, sheets=shown, draft=written)


def _named(stream: str) -> Contract:
    source, _, name = stream.partition(".")
    return contract_for(source, name)


def _of_log(path: Path, contracts: Sequence[Contract]) -> FileInspected | None:
    """The log contract whose shapes know most of the first lines, if they know half of them."""
    best = best_log(path, contracts)
    if best is None:
        return None
    share, name = best
    return FileInspected(
        path.name, "log", f"{share:.0%} of its first lines are of known shapes", name, None, (), (), (), None
    )


def _of_known_kind(path: Path, sniffed: Sniffed, contracts: Sequence[Contract]) -> FileInspected | None:
    """What is no table: messages, nested records and logs."""
    if sniffed.family == "edxml":
        return _of_edxml(path, sniffed, contracts)
    if sniffed.family == "json":
        return _of_json(path, sniffed, contracts)
    if sniffed.family != "text":
        return None
    return _of_log(path, contracts) or _of_fields(path, sniffed, contracts)


def _of_edxml(path: Path, sniffed: Sniffed, contracts: Sequence[Contract]) -> FileInspected:
    message = read_message(path, file_name=path.name, encoding=sniffed.encoding)
    described = f"one {message['kind']}" + (f", mended: {message['repairs']}" if message["repairs"] else "")
    stream = next((c.name for c in contracts if "edxml" in c.formats), None)
    why = None if stream else f"it is an edXML message, which {contracts[0].name} does not take"
    return FileInspected(path.name, "edXML", described, stream, None, (), (), (), why)


def _of_json(path: Path, sniffed: Sniffed, contracts: Sequence[Contract]) -> FileInspected:
    found: list[tuple[int, Contract, Header]] = []
    refusals: list[DataRefused] = []
    for contract in (c for c in contracts if "json" in c.formats):
        try:
            header = look_at_json(path, sniffed, contract, file_name=path.name)
        except DataRefused as refused:
            refusals.append(refused)
        else:
            found.append((len(header.columns), contract, header))
    if not found:
        foreign = [r for r in refusals if isinstance(r, NoRecord)]
        if len(foreign) < len(refusals):  # it is not sound
            raise next(r for r in refusals if not isinstance(r, NoRecord))
        why = str(foreign[0]) if len(foreign) == 1 else f"none of {len(contracts)} contracts knows its keys"
        keys = foreign[0].keys if foreign else ()
        return FileInspected(path.name, "JSON", sniffed.encoding, None, None, (), keys, (), why)
    return _of_records(path, sniffed, found)


def _of_fields(path: Path, sniffed: Sniffed, contracts: Sequence[Contract]) -> FileInspected | None:
    """A log with comments and fields: the contract that covers it, or the kind that none covers."""
    name = best_field_log(sniffed, contracts, file_name=path.name)
    kind = None if name else uncovered_kind(sniffed)
    if name is None and kind is None:
        return None
    refusal = f"{path.name} is a {kind}, which no contract covers." if kind else None
    return FileInspected(path.name, "log", kind or "records of named fields", name, None, (), (), (), refusal)


def _of_records(path: Path, sniffed: Sniffed, found: list[tuple[int, Contract, Header]]) -> FileInspected:
    """Records that carry their own names, under the contract of which most columns were found."""
    _, contract, header = max(found, key=lambda f: f[0])
    base = FileInspected(path.name, "JSON", sniffed.encoding, contract.name, None, (), (), (), None)
    return replace(
        base,
        columns=found_columns(header, contract),
        left_over=header.unknown,
        missing=tuple(contract.column(name).label for name in header.missing),
    )


def _of_table(path: Path, sniffed: Sniffed, contracts: Sequence[Contract], limit: int | None) -> FileInspected:
    base = FileInspected(path.name, "", "", None, None, (), (), (), None)
    if sniffed.family == "spreadsheet":
        grids = workbook_grids(path, file_name=path.name, limit=limit)
        base = replace(base, format="sheet", described=_counted(grids, "sheet"))
    elif sniffed.family == "html":
        with tempfile.TemporaryDirectory() as scratch:
            grids = html_grids(path, sniffed, file_name=path.name, limit=limit, scratch=Path(scratch))
        base = replace(base, format="html table", described=_counted(grids, "table"), encoding=sniffed.encoding)
    else:
        columnar = in_columns(sniffed)
        grids = [text_grid(path, sniffed, limit=limit, columnar=columnar)]
        told = f"{sniffed.encoding}, cells separated by {sniffed.delimiter!r}" if columnar else sniffed.encoding
        form = "delimited text" if columnar else "text"
        delimiter = sniffed.delimiter if columnar else None
        base = replace(base, format=form, described=told, encoding=sniffed.encoding, delimiter=delimiter)
    base = replace(base, sheets=tuple(grids))
    filled = [g for g in grids if g.height]
    if not filled:
        return replace(base, refusal=f"{path.name} holds no row.")
    return _mapped(base, filled[0], [c for c in contracts if c.log is None])


def _counted(grids: Sequence[Grid], what: str) -> str:
    return f"{len(grids)} {what}(s), {sum(g.height > 0 for g in grids)} of them with rows"


def _mapped(base: FileInspected, grid: Grid, contracts: Sequence[Contract]) -> FileInspected:
    """The header of a sheet under the contract that takes it in, or the one that is most like it."""
    records = grid.rows[:LOOK_AHEAD]
    found: list[tuple[int, Contract, Header]] = []
    refusals: list[str] = []
    for contract in contracts:
        try:
            header = find_header(records, contract, file_name=base.file_name)
        except DataRefused as refused:
            refusals.append(str(refused))
        else:
            if _is_enough(header, contract):
                found.append((len(header.columns), contract, header))
    if found:
        _, contract, header = max(found, key=lambda f: f[0])
        nameless = replace(base, left_over=_nameless(header.cells, grid.rows[header.row :]))
        return replace(
            _under(nameless, contract, header.cells), stream=contract.name, sheet=grid.name, header=header.cells,
            header_row=header.row, header_depth=header.depth,
        )  # fmt: skip
    why = refusals[0] if len(refusals) == 1 else f"none of {len(refusals)} contracts knows its header"
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


def _under(base: FileInspected, contract: Contract, cells: Sequence[str]) -> FileInspected:
    """Each cell of the header under a contract, what is left over and what is missing."""
    columns = map_columns(cells, contract)
    places, names = {c.position for c in columns}, {c.column for c in columns}
    return replace(
        base,
        columns=columns,
        left_over=tuple(c for n, c in enumerate(cells, start=1) if c and n not in places) + base.left_over,
        missing=tuple(c.label for c in contract.columns if c.name not in names),
    )


def _drafted(path: Path, found: FileInspected, target: Path) -> Path:
    grid = next((g for g in found.sheets if g.name == found.sheet), None)
    guessed = guess_header(grid.rows[:LOOK_AHEAD]) if grid else None
    if grid is None or guessed is None:
        raise DataRefused(
            f"{path.name} has no header from which a contract could be drafted.",
            next_step="Give its first row the names of the columns.",
        )
    top, depth = guessed
    last = top + depth - 1
    below = last + numbers_below(grid.rows[:LOOK_AHEAD], last)
    form = "delimited" if found.format == "delimited text" else "spreadsheet"
    contract = draft_contract(path.name, form, header_labels(grid.rows[top - 1 : last]), grid.rows[below:])
    find_header(grid.rows[:LOOK_AHEAD], contract, file_name=path.name)  # a draft that does not load it is none
    return write_draft(contract, target)
