"""One landed file into its package: what it is by content, the reader of its kind, and the two Parquet files."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from pathlib import Path

import duckdb
import structlog

from pipelines.domain.contracts import Contract
from pipelines.domain.errors import DataRefused, InternalFault
from pipelines.flows.log_kinds import foreign_log
from pipelines.flows.unpacking import plain_landed
from pipelines.formats.apart import set_apart
from pipelines.formats.delimited import read_delimited
from pipelines.formats.edxml import read_edxml
from pipelines.formats.field_line import read_fields
from pipelines.formats.headers import LOOK_AHEAD, Header, find_header
from pipelines.formats.json_records import read_json_records
from pipelines.formats.log import holds_nothing_of, read_log
from pipelines.formats.package import Counts, Lineage, child_lists, kind_sql, write_log, write_table
from pipelines.formats.pages import PAGES, read_page
from pipelines.formats.sheets import NO_SHEETS, Sheets, read_workbook
from pipelines.formats.sniff import Sniffed, first_records, sniff
from pipelines.formats.told_values import told_values
from pipelines.formats.totals import TotalsChecked, check_totals
from pipelines.settings import Settings
from pipelines.storage.ledger import Batch

_log = structlog.get_logger()


@dataclass(frozen=True)
class Read:
    """What became of the records, and what the file was found to be; ``header`` is None for a log."""

    counts: Counts
    sniffed: Sniffed
    header: Header | None
    family: str
    totals: TotalsChecked | None = None
    sheets: Sheets = NO_SHEETS


@dataclass(frozen=True)
class _File:
    """One file on its way: its bytes, unpacked, and what they are."""

    settings: Settings
    batch: Batch
    contract: Contract
    path: Path
    sniffed: Sniffed
    scratch: Path
    keep: bool = False  # records in a table, where they could be read from the file

    @property
    def name(self) -> str:
        return self.batch.file_name


def read_landed(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    batch: Batch,
    contract: Contract,
    draft: Path,
    scratch: Path,
) -> Read:
    """Read a landed file under its contract and write its rows and rejects into the folder ``draft``.

    Raises:
        DataRefused: the file as a whole cannot be taken in; the message says why.
        InternalFault: its records do not add up.
    """
    path = plain_landed(settings, batch, scratch)
    sniffed = sniff(path, file_name=batch.file_name, encoding=contract.encoding)
    file = _File(settings, batch, contract, path, sniffed, scratch)
    lineage = Lineage(batch.batch_id, batch.file_name, batch.exported_at)
    if contract.log is not None:
        return _of_log(connection, file, lineage, draft)
    try:
        return _of_records(connection, file, lineage, draft)
    except duckdb.OutOfMemoryException:
        raise
    except duckdb.Error:
        if sniffed.family != "json":
            raise
    # A record that looked plain was not: each is taken by itself, and what is wrong with it is told.
    connection.execute("drop view if exists raw; drop table if exists apart")
    return _of_records(connection, replace(file, keep=True), lineage, draft)


def _of_records(connection: duckdb.DuckDBPyConnection, file: _File, lineage: Lineage, draft: Path) -> Read:
    batch, contract, settings, sniffed = file.batch, file.contract, file.settings, file.sniffed
    header, sheets = _fill(connection, file)
    set_apart(connection)
    _check_width(file, header)
    header = replace(header, told=told_values(connection, contract, header, sheets, file.name, batch.period))
    children, unknown = child_lists(connection, contract, header)
    header = replace(header, unknown=(*header.unknown, *unknown))
    counts = write_table(connection, contract, header, lineage, settings.key, draft, children)
    totals = check_totals(connection, contract, header)
    if totals.differing:
        _log.warning("totals_differ", file=file.name, differing=[asdict(d) for d in totals.differing])
    if sheets.left_over:
        _log.warning("sheets_left_over", file=file.name, sheets=[asdict(s) for s in sheets.left_over])
    return Read(_checked(counts, batch), sniffed, header, sniffed.family, totals, sheets)


def _of_log(connection: duckdb.DuckDBPyConnection, file: _File, lineage: Lineage, draft: Path) -> Read:
    contract, sniffed = file.contract, file.sniffed
    if contract.log is None or sniffed.family != "text":
        raise DataRefused(f"{file.name} is no log.", next_step="`cchc inspect` shows what the file is.")
    read_log(connection, file.path, contract.log, encoding=sniffed.encoding, scratch=file.scratch)
    counts = write_log(connection, contract, _log_period(file.batch), lineage, file.settings.key, draft)
    if holds_nothing_of(connection, contract.log, counts.rows):
        raise foreign_log(file.path, sniffed, contract, file_name=file.name)
    return Read(_checked(counts, file.batch), sniffed, None, "log")


def _fill(connection: duckdb.DuckDBPyConnection, file: _File) -> tuple[Header, Sheets]:
    """Fill ``raw(rn, c0, c1, …, kind)`` by the reader of the file's kind."""
    if file.sniffed.family in PAGES:
        return read_page(connection, file.path, file.sniffed, file.contract, file_name=file.name, scratch=file.scratch)
    if file.sniffed.family != "spreadsheet":
        return _fill_alone(connection, file), NO_SHEETS
    most = file.settings.max_columns
    return read_workbook(connection, file.path, file.contract, file_name=file.name, most_columns=most)


def _fill_alone(connection: duckdb.DuckDBPyConnection, file: _File) -> Header:
    path, sniffed, contract, scratch = file.path, file.sniffed, file.contract, file.scratch
    match sniffed.family:
        case "json":
            return read_json_records(
                connection, path, sniffed, contract, file_name=file.name, scratch=scratch, keep=file.keep
            )
        case "edxml" if "edxml" in contract.formats:
            return read_edxml(connection, path, contract, file_name=file.name, encoding=sniffed.encoding)
        case "edxml":
            raise DataRefused(
                f"{file.name} is an edXML message, which {contract.name} does not take.",
                next_step="Put it into the inbox of idesk/edxml.",
            )
        case _ if contract.field_line is not None:
            return read_fields(connection, path, sniffed, contract, scratch=scratch, file_name=file.name)
        case _:
            return _fill_from_text(connection, file)


def _fill_from_text(connection: duckdb.DuckDBPyConnection, file: _File) -> Header:
    header = find_header(first_records(file.sniffed, LOOK_AHEAD), file.contract, file_name=file.name)
    _check_width(file, header)
    separator = file.sniffed.has_separator_line

    def kind(odd: bool) -> str:
        return kind_sql(header, file.contract, can_be_short=True, has_separator_line=separator, odd=odd)

    # Lists inside records are looked through several times.
    keep = any(column.children and column.name in header.columns for column in file.contract.columns)
    read_delimited(connection, file.path, file.sniffed, header.width, scratch=file.scratch, kind=kind, keep=keep)
    return header


def _check_width(file: _File, header: Header) -> None:
    if header.width > file.settings.max_columns:
        raise DataRefused(
            f"{file.name} has {header.width} columns, more than the {file.settings.max_columns} allowed.",
            next_step="Export only the columns that the contract names, or raise CCHC_MAX_COLUMNS.",
        )


def _log_period(batch: Batch) -> str:
    """When the lines were written, year and month first: a file that does not say so tells it by its export."""
    known = batch.period if batch.period and batch.period.isdigit() else None
    return known or batch.exported_at[:7].replace("-", "")


def _checked(counts: Counts, batch: Batch) -> Counts:
    if counts.rows_in_file != counts.rows + counts.rejected + counts.non_data:
        raise InternalFault(
            f"The records of {batch.file_name} do not add up: {counts}.",
            next_step=f"Please report it with the batch id {batch.batch_id}; nothing of the file was loaded.",
        )
    return counts
