"""A file's records as they came, by number: for giving them back to their owner."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb

from pipelines.domain.contracts import Contract
from pipelines.formats.apart import set_apart
from pipelines.formats.delimited import SPARE, read_delimited
from pipelines.formats.edxml import read_edxml
from pipelines.formats.field_line import read_fields
from pipelines.formats.headers import LOOK_AHEAD, Header, find_header
from pipelines.formats.html_tables import MOST_COLUMNS
from pipelines.formats.json_records import read_json_records
from pipelines.formats.log import read_log
from pipelines.formats.pages import PAGES, add_rows, create_raw, page_rows, page_tables, read_page
from pipelines.formats.sheets import NO_SHEETS, Sheets, read_workbook
from pipelines.formats.sniff import Sniffed, first_records, sniff
from pipelines.formats.spreadsheet import cell_reader, first_rows, open_sheet, read_sheet
from pipelines.formats.told_values import told_values
from pipelines.storage.engine import quote_name

LOG_LINE = "Dòng nhật ký"
_SURPLUS = "(ô thừa)"


def read_raw(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    *,
    file_name: str,
    contract: Contract | None,
    scratch: Path,
    period: str | None = None,
) -> dict[str, str]:
    """Fill ``raw(rn, …)`` with every record of a file, numbered as in a package.

    Args:
        connection: where to make the table.
        path: the bytes.
        file_name: what the file is called.
        contract: its stream's; None for a table whose first record is the header.
        scratch: a folder for a copy in UTF-8.
        period: of the file's manifest, for columns that tell the period.

    Returns:
        the label of each column of ``raw`` but ``rn``, in the order of the file.

    Raises:
        DataRefused: the file cannot be read.
    """
    sniffed = sniff(path, file_name=file_name, encoding=contract.encoding if contract else None)
    if contract is None:
        return _read_plain(connection, path, sniffed, file_name, scratch)
    if contract.log is not None:
        read_log(connection, path, contract.log, encoding=sniffed.encoding, scratch=scratch)
        return {"line": LOG_LINE}
    if sniffed.family == "edxml":
        return _named(read_edxml(connection, path, contract, file_name=file_name, encoding=sniffed.encoding))
    if sniffed.family == "json":
        return _named(read_json_records(connection, path, sniffed, contract, file_name=file_name, scratch=scratch))
    if sniffed.family == "text" and contract.field_line is not None:
        fields = read_fields(connection, path, sniffed, contract, scratch=scratch, file_name=file_name, keep=True)
        written = {position: fields.labels[name] for name, position in fields.columns.items()}
        return {f"c{n}": written.get(n, f"({n + 1})") for n in range(fields.width)}
    return _read_table(connection, path, sniffed, contract, file_name, scratch, period)


def _read_plain(
    connection: duckdb.DuckDBPyConnection, path: Path, sniffed: Sniffed, file_name: str, scratch: Path
) -> dict[str, str]:
    """A table whose first record is the header."""
    if sniffed.family == "spreadsheet":
        sheet = open_sheet(path, file_name=file_name)
        cells = cell_reader(sheet)
        header = first_rows(sheet, LOOK_AHEAD, cells)[0]
        read_sheet(connection, sheet, len(header), cells=cells)
        return _labels(header)
    if sniffed.family in PAGES:
        rows = page_rows(path, sniffed, file_name=file_name, scratch=scratch)
        tables, cells = page_tables(rows, sniffed.encoding, file_name)
        header = next(iter(tables.values())).first[0]
        create_raw(connection, len(header))
        rows = page_rows(path, sniffed, file_name=file_name, scratch=scratch)
        add_rows(connection, rows, len(header), cells=cells)
        return _labels(header)
    return _read_text(connection, path, sniffed, first_records(sniffed, LOOK_AHEAD)[0], scratch, titles=0)


def _read_table(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    sniffed: Sniffed,
    contract: Contract,
    file_name: str,
    scratch: Path,
    period: str | None,
) -> dict[str, str]:
    sheets = NO_SHEETS
    if sniffed.family == "spreadsheet":
        header, sheets = read_workbook(connection, path, contract, file_name=file_name, most_columns=MOST_COLUMNS)
        labels = _labels(header.cells)
    elif sniffed.family in PAGES:
        header, sheets = read_page(connection, path, sniffed, contract, file_name=file_name, scratch=scratch)
        labels = _labels(header.cells)
    else:
        records = first_records(sniffed, LOOK_AHEAD)
        header = find_header(records, contract, file_name=file_name)
        written = header.cells if header.depth > 1 else records[header.row - 1]
        labels = _read_text(connection, path, sniffed, written, scratch, titles=header.row - header.depth)
    return labels | _told(connection, contract, header, sheets, file_name, period)


def _read_text(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    sniffed: Sniffed,
    header: Sequence[str],
    scratch: Path,
    *,
    titles: int,
) -> dict[str, str]:
    """Delimited text; ``titles`` is how many records stand before the header."""
    kind = f"case when rn <= {titles} then '-title' end"
    read_delimited(connection, path, sniffed, len(header), scratch=scratch, kind=lambda _odd: kind, keep=True)
    surplus = [f"c{n}" for n in range(len(header), len(header) + SPARE)]
    used = connection.execute(f"select {', '.join(f'count({c})' for c in surplus)} from raw").fetchone() or ()
    return _labels(header) | {c: _SURPLUS for c, count in zip(surplus, used, strict=True) if count}


def _told(
    connection: duckdb.DuckDBPyConnection,
    contract: Contract,
    header: Header,
    sheets: Sheets,
    file_name: str,
    period: str | None,
) -> dict[str, str]:
    """Columns that are told outside of the rows, added to ``raw``: rows that come back alone must hold them."""
    set_apart(connection)
    told = told_values(connection, contract, header, sheets, file_name, period)
    for name, expression in told.items():
        connection.execute(f"alter table raw add column {quote_name(f'told_{name}')} varchar")
        connection.execute(f"update raw set {quote_name(f'told_{name}')} = {expression}")
    return {f"told_{name}": contract.column(name).label for name in told}


def _named(header: Header) -> dict[str, str]:
    """Records that carry their own names; in the order of the contract."""
    return {f"c{n}": header.labels[name] for name, n in header.columns.items()}


def _labels(header: Sequence[str]) -> dict[str, str]:
    return {f"c{n}": label for n, label in enumerate(header)}
