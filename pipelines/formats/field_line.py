"""Logs that are records of comma-separated fields, with comments that tell their kind and their fields.

Exchange writes such logs: ``#Log-type: Message Tracking Log``, ``#Fields: date-time,client-ip,…``. A file that
has lost its comments is known by the number of its fields and what stands in some of them, or it is refused.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import duckdb

from pipelines.domain.contracts import Contract, FieldLine
from pipelines.domain.errors import DataRefused, InternalFault
from pipelines.formats.delimited import SPARE, read_delimited
from pipelines.formats.headers import LOOK_AHEAD, Header, find_header
from pipelines.formats.package import kind_sql
from pipelines.formats.sniff import Sniffed, first_records
from pipelines.storage.engine import quote_text

DELIMITER = ","
# Logs of the same make that no contract covers, told by what stands in the fields of a record.
_MOMENT = r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z"
_UNCOVERED = (
    ("Exchange IMAP4 protocol log", 13, {0: _MOMENT, 3: r".*:(143|993)", 2: r"\d+"}),
    ("Exchange POP3 protocol log", 13, {0: _MOMENT, 3: r".*:(110|995)", 2: r"\d+"}),
    ("Exchange IMAP4 or POP3 protocol log", 13, {0: _MOMENT, 2: r"\d+", 6: r"\d+"}),
    ("Exchange SMTP protocol log", 9, {0: _MOMENT, 3: r"\d+", 6: r"[<>*+-]"}),
)


def uncovered_kind(sniffed: Sniffed) -> str | None:
    """The kind of a log that looks like one with comments and fields but that no contract covers; None: unknown."""
    for record in first_records(replace(sniffed, delimiter=DELIMITER), LOOK_AHEAD):
        first = record[0] if record else ""
        if first.lower().startswith("#log-type:"):
            return f"log that calls itself “{first.split(':', 1)[1].strip()}”"
        for kind, width, told_by in _UNCOVERED:
            if len(record) == width and all(re.fullmatch(p, record[n].strip()) for n, p in told_by.items()):
                return kind
    return None


def header_of_fields(sniffed: Sniffed, contract: Contract, *, file_name: str) -> Header:
    """The header of a log with comments; row 0 when it has none and the contract's own order holds.

    Raises:
        DataRefused: it is a log of another kind, named if known.
    """
    line = _field_line(contract)
    records = first_records(replace(sniffed, delimiter=DELIMITER), LOOK_AHEAD)
    for number, record in enumerate(records, start=1):
        first = record[0] if record else ""
        if first.startswith(line.kind) and first.removeprefix(line.kind).strip() != line.is_kind:
            raise _refused(sniffed, contract, file_name)
        if first.startswith(line.fields):
            header = find_header([[first.removeprefix(line.fields), *record[1:]]], contract, file_name=file_name)
            return replace(header, row=number)
    body = [(n, r) for n, r in enumerate(records, start=1) if r and not r[0].startswith(line.comment)]
    if body and _is_record(body[0][1], contract, line):
        positions = {c.name: n for n, c in enumerate(contract.columns)}
        labels = {c.name: c.label for c in contract.columns}
        return Header(0, len(contract.columns), positions, labels, (), ())
    try:
        header = find_header([body[0][1]] if body else [], contract, file_name=file_name)
    except DataRefused as refused:
        raise _refused(sniffed, contract, file_name) from refused
    return replace(header, row=body[0][0])


def read_fields(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    sniffed: Sniffed,
    contract: Contract,
    *,
    scratch: Path,
    file_name: str,
    keep: bool = False,
) -> Header:
    """Give ``raw(rn, c0, c1, …, kind)`` and ``apart``, comments among it; ``keep`` as for ``read_delimited``.

    Raises:
        DataRefused: it is a log of another kind, or goes on with other fields.
    """
    header = header_of_fields(sniffed, contract, file_name=file_name)
    line = _field_line(contract)

    def kind(odd: bool) -> str:
        told = kind_sql(header, contract, can_be_short=True, odd=odd)
        is_comment = f"starts_with(c0, {quote_text(line.comment)}) and rn <> {header.row}"
        return f"case when {is_comment} then '-comment' else {told} end"

    records = replace(sniffed, delimiter=DELIMITER)
    read_delimited(connection, path, records, header.width, scratch=scratch, kind=kind, keep=keep)
    _refuse_several(connection, line, header.width, file_name)
    return header


def _refuse_several(connection: duckdb.DuckDBPyConnection, line: FieldLine, width: int, file_name: str) -> None:
    """A file of several logs with different fields, told by its comments, is refused."""
    told = f"concat_ws(',', {', '.join(f'c{n}' for n in range(width + SPARE))})"
    fields = f"select count(distinct {told}) from apart where starts_with(c0, {quote_text(line.fields)})"
    kinds = (
        f"select count(*) from apart where starts_with(c0, {quote_text(line.kind)}) "
        f"and trim(substr(c0, {len(line.kind) + 1})) <> {quote_text(line.is_kind)}"
    )
    found = connection.execute(f"select ({fields}), ({kinds})").fetchone() or (0, 0)
    if found[0] > 1 or found[1]:
        raise DataRefused(
            f"{file_name} holds several logs with different fields, one after the other.",
            next_step="Drop each log as a file of its own.",
        )


def _field_line(contract: Contract) -> FieldLine:
    if contract.field_line is None:
        raise InternalFault(f"{contract.name} has no comments that tell its fields.")
    return contract.field_line


def _is_record(record: Sequence[str], contract: Contract, line: FieldLine) -> bool:
    names = [c.name for c in contract.columns]
    return len(record) == len(names) and all(
        re.search(pattern, record[names.index(name)]) for name, pattern in line.told_by.items()
    )


def _refused(sniffed: Sniffed, contract: Contract, file_name: str) -> DataRefused:
    kind = uncovered_kind(sniffed)
    what = f"is a {kind}, which no contract covers" if kind else f"is no log of {contract.name}"
    return DataRefused(f"{file_name} {what}.", next_step="`cchc inspect` shows what the file is.")
