"""What a strange file is, how it is understood, and which contract would take it in. Changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from pipelines.domain.contracts import Contract
from pipelines.domain.errors import DataRefused, WrongUse
from pipelines.flows.column_mapping import found_columns
from pipelines.flows.contract_draft import draft_contract, write_draft
from pipelines.flows.drafted_records import draft_of_json
from pipelines.flows.drafted_rows import table_of
from pipelines.flows.file_inspected import FileInspected
from pipelines.flows.inspect_tables import inspect_table
from pipelines.flows.log_kinds import best_field_log, best_log, kind_of_none
from pipelines.formats.edxml import read_message
from pipelines.formats.headers import LOOK_AHEAD, Header, find_header
from pipelines.formats.json_documents import NoRecord
from pipelines.formats.json_records import look_at_json
from pipelines.formats.sniff import Sniffed, sniff
from pipelines.sources.registry import all_contracts, contract_for

__all__ = ["DEFAULT_ROWS", "UNREAD", "FileInspected", "inspect_file"]

DEFAULT_ROWS = 1000
UNREAD = "unknown"  # the format of a file that cannot be read
_DRAFTED_ROWS = 50_000


def inspect_file(
    path: Path,
    *,
    stream: str | None = None,
    rows: int = DEFAULT_ROWS,
    draft: Path | None = None,
    sheet: str | None = None,
) -> FileInspected:
    """Look at a file and find the contract that it fits best.

    Args:
        path: the file.
        stream: hold it to this contract (``source.stream``) instead.
        rows: how many rows of each sheet to show; 0 for all.
        draft: write a contract that loads the file here (a folder or a ``.yml`` file).
        sheet: look for a header on this sheet only; a draft then names it.

    Raises:
        WrongUse: there is no such file, sheet or stream, or the draft exists.
        DataRefused: a draft is asked for and the file has no header to make one from.
    """
    if not path.is_file():
        raise WrongUse(
            f"There is no file {path}.",
            next_step="Look at its name; the path is taken from the folder that you are in.",
        )
    contracts = all_contracts() if stream is None else (_named(stream),)
    seen = rows if draft is None else max(rows, _DRAFTED_ROWS)
    limit = max(seen, LOOK_AHEAD) if rows > 0 else None
    try:
        encoding = contracts[0].encoding if stream is not None else None
        sniffed = sniff(path, file_name=path.name, encoding=encoding)
        known = _of_known_kind(path, sniffed, contracts) if draft is None else None
        if known is not None:
            return replace(known, encoding=sniffed.encoding)
        if sniffed.family == "json":
            drafted = write_draft(draft_of_json(path, sniffed), draft) if draft else None
            return replace(_of_json(path, sniffed, contracts), encoding=sniffed.encoding, draft=drafted)
        if sniffed.family == "edxml":
            raise DataRefused(
                f"{path.name} is an edXML message, which idesk.edxml takes; contracts are drafted for tables and JSON.",
                next_step="Put it into the inbox of idesk/edxml.",
            )
        found = inspect_table(path, sniffed, contracts, limit, sheet)
    except DataRefused as refused:
        if draft is not None:
            raise
        return FileInspected(path.name, UNREAD, "not read", None, None, (), (), (), str(refused))
    written = None if draft is None else _drafted(path, found, draft, sheet)
    shown = found.sheets if rows <= 0 else tuple(replace(g, rows=g.rows[:rows]) for g in found.sheets)
    return replace(found, sheets=shown, draft=written)


def _named(stream: str) -> Contract:
    source, _, name = stream.partition(".")
    return contract_for(source, name)


def _of_log(path: Path, sniffed: Sniffed, contracts: Sequence[Contract]) -> FileInspected | None:
    """The log contract whose shapes know most of the first lines, if they know half of them."""
    best = best_log(path, sniffed, contracts)
    if best is None:
        return None
    described = f"{best.share:.0%} of its first lines are of known shapes"
    if best.also:
        described += f"; it holds lines of {', '.join(best.also)} too, and belongs there as well"
    return FileInspected(path.name, "log", described, best.name, None, (), (), (), None)


def _of_known_kind(path: Path, sniffed: Sniffed, contracts: Sequence[Contract]) -> FileInspected | None:
    """What is no table: messages, nested records and logs."""
    if sniffed.family == "edxml":
        return _of_edxml(path, sniffed, contracts)
    if sniffed.family == "json":
        return _of_json(path, sniffed, contracts)
    if sniffed.family != "text":
        return None
    return _of_log(path, sniffed, contracts) or _of_fields(path, sniffed, contracts)


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
    """A log with comments and fields: the contract that covers it, or the kind of log that none covers."""
    name = best_field_log(sniffed, contracts, file_name=path.name)
    kind = None if name else kind_of_none(sniffed)
    if name is None and kind is None:
        return None
    refusal = f"{path.name} is a {kind}, which no contract covers." if kind else None
    return FileInspected(path.name, "log", kind or "records of named fields", name, None, (), (), (), refusal)


def _of_records(path: Path, sniffed: Sniffed, found: list[tuple[int, Contract, Header]]) -> FileInspected:
    """Records that carry their own names, under the contract of which most columns were found.

    One that shares only a name or two with them (``level``, ``OrganId``) is the nearest, not theirs.
    """
    theirs = [f for f in found if _is_meant(f[2], f[1])]
    _, contract, header = max(theirs or found, key=lambda f: f[0])
    why = None if theirs else f"{contract.name} knows {len(header.columns)} of its keys, and no contract enough of them"
    base = FileInspected(path.name, "JSON", sniffed.encoding, None, None, (), (), (), why)
    return replace(
        base,
        stream=contract.name if theirs else None,
        nearest=None if theirs else contract.name,
        columns=found_columns(header, contract),
        left_over=header.unknown,
        missing=tuple(contract.column(name).label for name in header.missing),
    )


def _is_meant(header: Header, contract: Contract) -> bool:
    """Whether records name half of the columns that a row cannot do without, or half of their keys are known."""
    required = [c.name in header.columns for c in contract.columns if c.required]
    return len(header.columns) >= len(header.unknown) or (sum(required) * 2 >= len(required) > 0)


def _drafted(path: Path, found: FileInspected, target: Path, sheet: str | None) -> Path:
    grid = next((g for g in found.sheets if g.name == found.sheet), None)
    rows = grid.rows if grid else []
    table = table_of(rows, file_name=path.name, decimals=grid.decimals if grid else ())
    form = "delimited" if found.format == "delimited text" else "spreadsheet"
    whole = grid is not None and grid.height == len(grid.rows)
    draft = draft_contract(path.name, form, table.header, table.rows, sheet=sheet and found.sheet, whole=whole)
    find_header(rows[:LOOK_AHEAD], draft.contract, file_name=path.name)  # a draft that does not load it is none
    return write_draft(draft, target)
