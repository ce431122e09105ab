"""What a strange file is, and which contract would take it in. Reads the file's beginning; changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pipelines.domain.contracts import Contract
from pipelines.domain.errors import DataRefused, WrongUse
from pipelines.domain.text import canonical_key
from pipelines.flows.log_kinds import best_field_log, best_log
from pipelines.formats.edxml import read_message
from pipelines.formats.field_line import uncovered_kind
from pipelines.formats.headers import LOOK_AHEAD, Header, find_header
from pipelines.formats.json_records import look_at_json
from pipelines.formats.sniff import Sniffed, first_records, sniff
from pipelines.formats.spreadsheet import first_rows, open_sheet
from pipelines.sources.registry import all_contracts, contract_for


@dataclass(frozen=True)
class ColumnFound:
    """A cell of the header and the contract column that it is; ``how``: label, alias or column name."""

    position: int
    label: str
    column: str
    how: str


@dataclass(frozen=True)
class FileInspected:
    """What the file is. ``stream`` is the contract that takes it in, None when there is none.

    ``described`` tells encoding and delimiter; ``refusal`` why it would not be taken in.
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


def inspect_file(path: Path, *, stream: str | None = None) -> FileInspected:
    """Look at a file and find the contract that it fits best.

    Args:
        path: the file.
        stream: hold it to this contract (``source.stream``) instead.

    Raises:
        WrongUse: there is no such file or stream.
    """
    if not path.is_file():
        raise WrongUse(f"There is no file {path}.")
    contracts = all_contracts() if stream is None else (_named(stream),)
    try:
        sniffed = sniff(path, file_name=path.name)
        if sniffed.family == "spreadsheet":
            records = first_rows(open_sheet(path, file_name=path.name), LOOK_AHEAD)
            return _of_table(path, "sheet", "first sheet that holds anything", records, contracts)
        if sniffed.family == "edxml":
            return _of_edxml(path, sniffed, contracts)
        if sniffed.family == "json":
            return _of_json(path, sniffed, contracts)
        log = _of_log(path, contracts)
        if log is not None:
            return log
        fields = _of_fields(path, sniffed, contracts)
        if fields is not None:
            return fields
        described = f"{sniffed.encoding}, cells separated by {sniffed.delimiter!r}"
        return _of_table(path, "delimited text", described, first_records(sniffed, LOOK_AHEAD), contracts)
    except DataRefused as refused:
        return FileInspected(path.name, "unknown", "not read", None, None, (), (), (), str(refused))


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


def _of_edxml(path: Path, sniffed: Sniffed, contracts: Sequence[Contract]) -> FileInspected:
    message = read_message(path, file_name=path.name, encoding=sniffed.encoding)
    described = f"one {message['kind']}" + (f", mended: {message['repairs']}" if message["repairs"] else "")
    stream = next((c.name for c in contracts if "edxml" in c.formats), None)
    why = None if stream else f"it is an edXML message, which {contracts[0].name} does not take"
    return FileInspected(path.name, "edXML", described, stream, None, (), (), (), why)


def _of_json(path: Path, sniffed: Sniffed, contracts: Sequence[Contract]) -> FileInspected:
    found: list[tuple[int, Contract, Header]] = []
    refusals: list[str] = []
    for contract in contracts:
        if "json" not in contract.formats:
            continue
        try:
            header = look_at_json(path, sniffed, contract, file_name=path.name)
        except DataRefused as refused:
            refusals.append(str(refused))
        else:
            found.append((len(header.columns), contract, header))
    if not found:
        why = refusals[0] if len(set(refusals)) == 1 else f"none of {len(contracts)} contracts knows its keys"
        return FileInspected(path.name, "JSON", sniffed.encoding, None, None, (), (), (), why)
    return _fitting(path, "JSON", sniffed.encoding, found)


def _of_fields(path: Path, sniffed: Sniffed, contracts: Sequence[Contract]) -> FileInspected | None:
    """A log with comments and fields: the contract that covers it, or the kind that none covers."""
    name = best_field_log(sniffed, contracts, file_name=path.name)
    kind = None if name else uncovered_kind(sniffed)
    if name is None and kind is None:
        return None
    refusal = f"{path.name} is a {kind}, which no contract covers." if kind else None
    return FileInspected(path.name, "log", kind or "records of named fields", name, None, (), (), (), refusal)


def _of_table(
    path: Path, form: str, described: str, records: Sequence[Sequence[str]], contracts: Sequence[Contract]
) -> FileInspected:
    found: list[tuple[int, Contract, Header]] = []
    refusals: list[str] = []
    for contract in contracts:
        if contract.is_log:
            continue
        try:
            header = find_header(records, contract, file_name=path.name)
        except DataRefused as refused:
            refusals.append(str(refused))
        else:
            found.append((len(header.columns), contract, header))
    if not found:
        why = refusals[0] if len(refusals) == 1 else f"none of {len(refusals)} contracts knows its header"
        return FileInspected(path.name, form, described, None, None, (), (), (), why)
    return _fitting(path, form, described, found)


def _fitting(path: Path, form: str, described: str, found: list[tuple[int, Contract, Header]]) -> FileInspected:
    """The contract of which most columns were found; ``header_row`` is None where records carry their own names."""
    _, contract, header = max(found, key=lambda f: f[0])
    columns = tuple(
        ColumnFound(position + 1, header.labels[name], name, _how(contract, name, header.labels[name]))
        for name, position in sorted(header.columns.items(), key=lambda item: item[1])
    )
    missing = tuple(contract.column(name).label for name in header.missing)
    return FileInspected(
        path.name, form, described, contract.name, header.row or None, columns, header.unknown, missing, refusal=None
    )


def _how(contract: Contract, name: str, label: str) -> str:
    column = contract.column(name)
    key = canonical_key(label)
    if key == canonical_key(column.label):
        return "label"
    return "alias" if key in {canonical_key(a) for a in column.aliases} else "column name"
