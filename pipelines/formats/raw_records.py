"""A file's records as they came, by number: for giving them back to their owner."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb

from pipelines.domain.contracts import Contract
from pipelines.formats.delimited import SPARE, read_delimited
from pipelines.formats.edxml import read_edxml
from pipelines.formats.field_line import read_fields
from pipelines.formats.headers import LOOK_AHEAD, Header, find_header
from pipelines.formats.html_tables import first_html_rows, html_rows, read_html
from pipelines.formats.json_records import read_json_records
from pipelines.formats.log import read_log
from pipelines.formats.sniff import first_records, sniff
from pipelines.formats.spreadsheet import cell_reader, first_rows, open_sheet, read_sheet

LOG_LINE = "Dòng nhật ký"
_SURPLUS = "(ô thừa)"


def read_raw(
    connection: duckdb.DuckDBPyConnection, path: Path, *, file_name: str, contract: Contract | None, scratch: Path
) -> dict[str, str]:
    """Fill ``raw(rn, …)`` with every record of a file, numbered as in a package.

    Args:
        connection: where to make the table.
        path: the bytes.
        file_name: what the file is called.
        contract: its stream's; None for a table whose first record is the header.
        scratch: a folder for a copy in UTF-8.

    Returns:
        the label of each column of ``raw`` but ``rn``, in the order of the file.

    Raises:
        DataRefused: the file cannot be read.
    """
    sniffed = sniff(path, file_name=file_name, encoding=contract.encoding if contract else None)
    if contract is not None and contract.log is not None:
        read_log(connection, path, contract.log, encoding=sniffed.encoding, scratch=scratch)
        return {"line": LOG_LINE}
    if sniffed.family == "spreadsheet":
        sheet = open_sheet(path, file_name=file_name)
        cells = cell_reader(sheet, contract.encoding if contract else None)
        first = first_rows(sheet, LOOK_AHEAD, cells)
        header = _header(first, contract, file_name)
        # As the owner reads and gives them back: text, in which a dot would stand between thousands.
        numbers = find_header(first, contract, file_name=file_name).numbers(contract) if contract else ()
        read_sheet(connection, sheet, len(header), cells=cells, numbers=numbers)
        return _labels(header)
    if sniffed.family == "html":
        first, reader = first_html_rows(path, sniffed.encoding, file_name=file_name, scratch=scratch)
        header = _header(first, contract, file_name)
        page = html_rows(path, sniffed.encoding, file_name=file_name, scratch=scratch)
        read_html(connection, page, len(header), cells=reader)
        return _labels(header)
    if contract is not None and sniffed.family == "edxml":
        return _named(read_edxml(connection, path, contract, file_name=file_name, encoding=sniffed.encoding))
    if contract is not None and sniffed.family == "json":
        return _named(read_json_records(connection, path, sniffed, contract, file_name=file_name, scratch=scratch))
    if contract is not None and contract.field_line is not None:
        fields = read_fields(connection, path, sniffed, contract, scratch=scratch, file_name=file_name)
        written = {position: fields.labels[name] for name, position in fields.columns.items()}
        return {f"c{n}": written.get(n, f"({n + 1})") for n in range(fields.width)}
    header = _header(first_records(sniffed, LOOK_AHEAD), contract, file_name)
    read_delimited(connection, path, sniffed, len(header), scratch=scratch)
    surplus = [f"c{n}" for n in range(len(header), len(header) + SPARE)]
    used = connection.execute(f"select {', '.join(f'count({c})' for c in surplus)} from raw").fetchone() or ()
    return _labels(header) | {c: _SURPLUS for c, count in zip(surplus, used, strict=True) if count}


def _header(records: Sequence[Sequence[str]], contract: Contract | None, file_name: str) -> list[str]:
    if contract is None:
        return [str(cell) for cell in records[0]]
    header = find_header(records, contract, file_name=file_name)
    return list(header.cells) if header.depth > 1 else [str(cell) for cell in records[header.row - 1]]


def _named(header: Header) -> dict[str, str]:
    """Records that carry their own names; in the order of the contract."""
    return {f"c{n}": header.labels[name] for name, n in header.columns.items()}


def _labels(header: Sequence[str]) -> dict[str, str]:
    return {f"c{n}": label for n, label in enumerate(header)}
