"""From the table ``raw`` of a reader to the two Parquet files of a package.

``rows.parquet``: lineage and every column of the contract as canonical text, personal values hashed.
``rejects.parquet``: records that are no rows, with the reason and a keyed hash of the record.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import duckdb

from pipelines.domain.contracts import Column, ColumnType, Contract
from pipelines.domain.errors import InternalFault
from pipelines.domain.pseudonyms import pseudonym_sql
from pipelines.formats.by_value import ByValue
from pipelines.formats.children import ChildKeys, find_child_keys
from pipelines.formats.headers import Header
from pipelines.formats.log import NON_DATA, fold_blocks, log_rows_sql, set_others_apart, shapes_met, timestamp_sql
from pipelines.formats.sheet_rows import MOST_IN_NOTE, error_case, sheet_cases
from pipelines.storage.engine import quote_name, quote_text

_PARQUET = "(format parquet, compression snappy, row_group_size 122880)"
# What opens a row of totals. Accents matter: "Công văn" and "Tổng công ty" open rows of data.
_OPEN_TOTALS = ("T", "t", "C", "c")
_TOTALS = (r"^(tổng cộng|tổng số)([^\p{L}]|$)", r"^(tổng|cộng|tong cong|tong so|cong)[\s:.]*$")


@dataclass(frozen=True)
class Lineage:
    """What stands in every row: batch, file, moment of export."""

    batch_id: str
    source_file: str
    exported_at: str

    @property
    def columns(self) -> dict[str, str]:
        """The lineage columns and the value of each."""
        return {"_batch_id": self.batch_id, "_source_file": self.source_file, "_exported_at": self.exported_at}

    @property
    def sql(self) -> str:
        """The same as a select list."""
        return ", ".join(f"{quote_text(value)} as {name}" for name, value in self.columns.items())


@dataclass(frozen=True)
class Counts:
    """Records of a file by what they are; they always add up."""

    rows_in_file: int
    rows: int
    rejected: int
    non_data_by_kind: dict[str, int] = field(default_factory=dict)

    @property
    def non_data(self) -> int:
        """Records that are no data: titles, headers, totals, blanks, noise."""
        return sum(self.non_data_by_kind.values())


def kind_sql(
    header: Header,
    contract: Contract,
    *,
    can_be_short: bool,
    has_separator_line: bool = False,
    odd: bool = False,
    errors: bool = False,
) -> str:
    """What a record of ``raw(rn, c0, …)`` is: null for a row, a reason for a reject, ``-…`` for non-data.

    Args:
        header: where the header is and how wide.
        contract: the stream's, for what it says of columns that it does not know.
        can_be_short: whether a cell may be absent (delimited text), not only empty.
        has_separator_line: whether the first record is a ``sep=`` line.
        odd: whether records may hold bytes that were no text (U+FFFD).
        errors: whether cells may tell that their formula failed.
    """
    cells = [f"c{n}" for n in range(header.width)]
    texts = [f"nullif(trim({c}), '')" for c in cells[:4]]
    # To put all cells together, for each record, costs more than to read it.
    blank = f"case when trim(c0) <> '' then false else trim(concat_ws('', {', '.join(cells)})) = '' end"
    first = f"coalesce({', '.join(texts)})"
    label = f"lower(nfc_normalize({first}))"
    total = " or ".join(f"regexp_matches({label}, {quote_text(pattern)})" for pattern in _TOTALS)
    cases = ["when rn = 1 then '-separator'"] if has_separator_line else []
    cases += [
        f"when rn <= {header.row - header.depth} then case when {blank} then '-blank' else '-title' end",
        f"when rn <= {header.row} then '-header'",
        *([f"when rn = {header.row + 1} then '-column_numbers'"] if header.numbered else []),
        f"when {blank} then '-blank'",
        *_header_again(header),
        # Few records begin with one of these letters; only those are worth a closer look.
        f"when case when left({first}, 1) in {_OPEN_TOTALS} then {total} end then '-total'",
    ]
    # Text that has titles or a header of several rows was saved from a sheet for people.
    for_people = not can_be_short or header.row - header.depth - has_separator_line > 0 or header.depth > 1
    cases += sheet_cases(header, contract, for_people=for_people)
    asked = len(cases)
    if errors:
        cases += error_case(header, contract)
    if odd:
        cases.append(f"when contains(concat_ws('', {', '.join(cells)}), '\ufffd') then 'undecodable'")
    if header.unknown_at and contract.surprises.new_columns == "discard_row":
        new = ", ".join(f"nullif(trim(c{n}), '')" for n in header.unknown_at)
        cases.append(f"when coalesce({new}) is not null then 'unknown_column'")
    can_be_plain = can_be_short and len(cases) == asked
    if can_be_short:
        cases.append(f"when c{header.width - 1} is null then 'too_few_fields'")
        cases.append(f"when c{header.width} is not null then 'too_many_fields'")
    plain = f"when {_is_plain(header, contract, for_people=for_people)} then null " if can_be_plain else ""
    return f"case {plain}{' '.join(cases)} end"


def _is_plain(header: Header, contract: Contract, *, for_people: bool) -> str:
    """Whether a record of text is a row for certain: nearly all are, and the others are asked further.

    Its cells are as many as the header's, the first opens no total and is no header's, and where a note would leave
    a cell empty there is something; ``for_people``, in more cells than a section or a signature fills.
    """
    required = [header.columns[c.name] for c in contract.columns if c.required and c.name in header.columns]
    asked = [0, *required, *range(header.width)] if for_people else [0, *required[:2]]
    filled = list(dict.fromkeys(asked))[: MOST_IN_NOTE + 1]
    letters = ", ".join(str(ord(letter)) for letter in _OPEN_TOTALS)
    first_label = [f"c{position} <> {quote_text(header.labels[n])}" for n, position in header.columns.items()][:1]
    return " and ".join(
        [
            f"rn > {header.row + header.numbered}",
            *(f"ord(c{n}) > {ord(' ')}" for n in filled),
            f"ord(c0) not in ({letters})",
            *first_label,
            f"c{header.width - 1} is not null and c{header.width} is null",
        ]
    )


def _header_again(header: Header) -> list[str]:
    """The header once more: on each printed page of a sheet, or where exports were put one below the other."""
    cells = [f"c{position} = {quote_text(header.labels[name])}" for name, position in header.columns.items()]
    # Few records have the first of them; only those are worth a closer look.
    return [f"when case when {cells[0]} then {' and '.join(cells[1:])} end then '-header_again'"] if cells[1:] else []


def child_lists(
    connection: duckdb.DuckDBPyConnection, contract: Contract, header: Header
) -> tuple[dict[str, ChildKeys], tuple[str, ...]]:
    """The lists inside the records of ``raw(rn, c0, …, kind)``, by column; and their keys that no field is for."""
    found: dict[str, ChildKeys] = {}
    unknown: list[str] = []
    for column in contract.columns:
        if column.children and column.name in header.columns:
            texts = f"select c{header.columns[column.name]} as v from raw where kind is null"
            found[column.name] = find_child_keys(connection, column, texts)
            unknown += found[column.name].all_unknown(header.labels[column.name])
    return found, tuple(unknown)


def write_table(
    connection: duckdb.DuckDBPyConnection,
    contract: Contract,
    header: Header,
    lineage: Lineage,
    key: bytes,
    folder: Path,
    children: Mapping[str, ChildKeys] = {},
) -> Counts:
    """Write the package of ``raw(rn, c0, …, kind)``, whose records that are no rows ``apart`` holds as well.

    ``children`` are the lists that ``child_lists`` found in it.
    """
    texts = {c.name: header.expression(c.name) for c in contract.columns}
    kinds = connection.execute("select kind, count(*), max(rn) from apart group by 1").fetchall()
    by_value, target = ByValue(contract.columns, key, children), folder / "rows.parquet"
    rows = by_value.write(connection, texts, f"raw where {_is_row(kinds)}", lineage.columns, target)
    cells = ", ".join(f"c{n}" for n in range(header.width))
    rejects = f"select rn, kind as rule, concat_ws('|', {cells}) as record from apart where kind not like '-%'"
    _write_rejects(connection, rejects, lineage, key, folder / "rejects.parquet")
    if header.rows not in (None, rows):
        raise InternalFault(f"{header.rows} records were seen and {rows} written.")
    return _counts(rows, {kind: count for kind, count, _ in kinds})


def _is_row(kinds: Sequence[tuple[str, int, int]]) -> str:
    """A condition for the rows of ``raw``, by kinds of ``apart``, how many there are, and the last one's number.

    Each record has a number of its own, from 1. To ask once more what it is would cost more than to ask for that.
    """
    apart, last = sum(count for _, count, _ in kinds), max((last for *_, last in kinds), default=0)
    if apart == last:  # they come before all rows
        return f"rn > {last}"
    return "not exists (from apart where apart.rn = raw.rn)"


def write_log(
    connection: duckdb.DuckDBPyConnection,
    contract: Contract,
    period: str | None,
    lineage: Lineage,
    key: bytes,
    folder: Path,
) -> Counts:
    """Write the package of a log whose lines stand in ``raw(rn, line, shape)``."""
    if contract.log is None:
        raise InternalFault(f"{contract.name} is no log.")
    fold_blocks(connection, contract.log)
    rows_sql = partial(log_rows_sql, contract, contract.log, shapes_met(connection))
    moment = partial(timestamp_sql, contract.log.timestamp, period=period)
    by_value = ByValue([_as_matched(c) for c in contract.columns], key, forms={"logged_at": moment})
    texts, target = {c.name: quote_name(c.name) for c in contract.columns}, folder / "rows.parquet"
    for joined in (False, True):
        fitting = f"({rows_sql(joined=joined)}) where _fits"
        rows = by_value.write(connection, texts, fitting, lineage.columns, target)
        misfits = _find_misfits(connection, rows, target)
        # A line that fits in no other way than joined has its place among the rows: they are written anew.
        if joined or not misfits or not _count(connection, f"({rows_sql(source='misfits', joined=True)}) where _fits"):
            break
    set_others_apart(connection, contract.log)
    unparsed = "from raw where shape is null or (shape >= 0 and rn in (select rn from misfits))"
    rejects = f"select rn, 'unparsed_line' as rule, line as record {unparsed}"
    _write_rejects(connection, rejects, lineage, key, folder / "rejects.parquet")
    kinds = dict(connection.execute("select shape, count(*) from raw group by shape").fetchall())
    non_data: dict[str, int] = {}
    for shape, name in NON_DATA.items():
        if kinds.get(shape):
            non_data[name] = non_data.get(name, 0) + kinds[shape]
    return Counts(sum(kinds.values()), rows, _count(connection, unparsed.removeprefix("from ")), non_data)


def _find_misfits(connection: duckdb.DuckDBPyConnection, rows: int, written: Path) -> int:
    """Make ``misfits``, the lines whose shape's pattern failed: those that are not among the rows written; how many."""
    misfits = _count(connection, "raw where shape >= 0") - rows
    unwritten = (
        f"select rn from raw where shape >= 0 and not exists "
        f"(from read_parquet({quote_text(written)}) where _row_number = rn)"
    )
    # Their numbers first: to carry every line along to find the few would cost a tenth of all the rest.
    among = f"rn in ({unwritten})" if misfits else "false"
    connection.execute(f"create or replace table misfits as select rn, shape, line from raw where {among}")
    return misfits


def _as_matched(column: Column) -> Column:
    """A field of a matched line is in form already, but for dates in formats of the contract."""
    return column if column.formats else column.model_copy(update={"type": ColumnType.TEXT, "enum": None})


def _count(connection: duckdb.DuckDBPyConnection, what: str) -> int:
    row = connection.execute(f"select count(*) from {what}").fetchone()
    return int(row[0]) if row else 0


def _counts(rows: int, kinds: dict[str, int]) -> Counts:
    non_data = {k.removeprefix("-"): n for k, n in sorted(kinds.items()) if k.startswith("-")}
    rejected = sum(n for k, n in kinds.items() if not k.startswith("-"))
    return Counts(rows + rejected + sum(non_data.values()), rows, rejected, non_data)


def _write_rejects(
    connection: duckdb.DuckDBPyConnection, rejects: str, lineage: Lineage, key: bytes, target: Path
) -> None:
    connection.execute(
        f"copy (select {lineage.sql}, rn as _row_number, rule, null::varchar as column_name, "
        f"{pseudonym_sql(key, 'record')} as value from ({rejects}) order by rn) to {quote_text(target)} {_PARQUET}"
    )
