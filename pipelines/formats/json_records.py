"""JSON into the table ``raw(rn, c0, …, kind)``: an object a line, an array, one record, or an envelope around a list.

DuckDB reads the file, one record at a time but for an envelope, which stands in memory whole and is limited for
that. ``rn`` is the line where every record has a line of its own, else the place in the list, from 1. Objects are
never given to ``read_json``: it recurses, and a few kilobytes of brackets would bring the process down.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import duckdb

from pipelines.domain.contracts import Contract
from pipelines.domain.errors import DataRefused
from pipelines.formats.children import MOST_KEYS, keys_by_column, pointer
from pipelines.formats.headers import Header
from pipelines.formats.json_documents import Documents, count_lines, every_line, find_documents, names_key, one_a_line
from pipelines.formats.lines import copy_text
from pipelines.formats.numbers import json_number_sql
from pipelines.formats.sniff import Sniffed
from pipelines.storage.engine import quote_name, quote_text

LONGEST_CELL = 2**20
DEEPEST = 16
_BLANKS = " \t\r\n"


_LOOK = 500


def read_json_records(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    sniffed: Sniffed,
    contract: Contract,
    *,
    file_name: str,
    scratch: Path,
) -> Header:
    """Fill ``raw``; each key of the records is a column's label or alias, in any capitals.

    An absent key is an empty value, so a required column that no record names is told of row by row.

    Returns:
        which key is which column; ``unknown`` are the keys that no column is for.

    Raises:
        DataRefused: broken JSON, no record, no key of the contract, or larger than the limits.
    """
    utf8 = path if sniffed.encoding == "utf-8" else copy_text(path, sniffed.encoding, scratch / "utf8.json")
    try:
        documents = find_documents(connection, utf8, sniffed.head, contract, file_name)
        if not documents.by_line:
            return _fill(connection, documents, contract, file_name)
    except duckdb.OutOfMemoryException:
        raise
    except duckdb.Error as error:
        raise _broken(file_name, error) from error
    try:
        header = _fill(connection, documents, contract, file_name)
        found = connection.execute("select count(*) from raw").fetchone()
    except duckdb.OutOfMemoryException:
        raise
    except duckdb.Error:
        found = None
    if found is not None and found[0] == count_lines(utf8):
        return header
    connection.execute("drop table if exists raw")
    return _fill(connection, every_line(utf8, scratch), contract, file_name)


def look_at_json(path: Path, sniffed: Sniffed, contract: Contract, *, file_name: str) -> Header:
    """What the keys of the first records would mean to a contract; the file is not read further.

    Raises:
        DataRefused: as ``read_json_records``.
    """
    with duckdb.connect() as connection, tempfile.TemporaryDirectory() as scratch:
        utf8 = path if sniffed.encoding == "utf-8" else copy_text(path, sniffed.encoding, Path(scratch) / "utf8.json")
        try:
            documents = find_documents(connection, utf8, sniffed.head, contract, file_name)
            first = Documents(f"(from {documents.relation} limit {_LOOK})")
            return _header(connection, first, contract, file_name)[0]
        except duckdb.Error as error:
            if not one_a_line(sniffed.head):
                raise _broken(file_name, error) from error
            lines = every_line(utf8, Path(scratch))
            return _header(connection, lines, contract, file_name)[0]


def _broken(file_name: str, error: Exception) -> DataRefused:
    """The parser's words may quote the file, so they are not repeated."""
    large = "maximum_object_size" in str(error)
    said = "holds a record or an envelope that is too large" if large else "is broken JSON"
    return DataRefused(
        f"{file_name} {said}.",
        next_step="Ask its owner for the export again, best with one record a line (NDJSON).",
    )


def _fill(connection: duckdb.DuckDBPyConnection, documents: Documents, contract: Contract, file_name: str) -> Header:
    header, by_column = _header(connection, documents, contract, file_name)
    connection.execute(f"create table raw as {_records_sql(documents, contract, by_column)}")
    return header


def _header(
    connection: duckdb.DuckDBPyConnection, documents: Documents, contract: Contract, file_name: str
) -> tuple[Header, dict[str, tuple[str, ...]]]:
    """What the keys of all records mean, and every spelling of each column."""
    is_record = f"starts_with(ltrim(doc, {quote_text(_BLANKS)}), '{{')"
    if not documents.checked:
        is_record = f"{is_record} and json_valid(doc)"
    sets = f"select distinct json_keys(case when {is_record} then doc end) as k from {documents.relation}"
    found = connection.execute(f"select distinct unnest(k) from ({sets}) limit {MOST_KEYS + 1}").fetchall()
    keys = [k for (k,) in found]
    if len(keys) > MOST_KEYS:
        raise DataRefused(f"{file_name}: its records have more than {MOST_KEYS} different keys.")
    if not names_key(keys, contract):
        raise DataRefused(
            f"{file_name} is JSON, but no record of it has a key of {contract.name}.",
            next_step="`cchc inspect` shows what the file is.",
        )
    by_column, unknown = keys_by_column(keys, contract.columns)
    positions = {name: n for n, name in enumerate(by_column)}
    missing = tuple(c.name for c in contract.columns if c.name not in by_column and not c.required and not c.children)
    labels = {name: spellings[0] for name, spellings in by_column.items()}
    return Header(0, len(by_column), positions, labels, tuple(unknown), missing), by_column


def _records_sql(documents: Documents, contract: Contract, by_column: dict[str, tuple[str, ...]]) -> str:
    """Each document once: its cells as text and what it is. A reject keeps its text in the first cell."""
    first, other = {}, []
    for key in (k for keys in by_column.values() for k in keys):
        # DuckDB does not tell names by capitals: the second spelling of one is read by its pointer.
        if key.casefold() in first:
            other.append(key)
        else:
            first[key.casefold()] = key
    # A number is told from text that looks like one only where it is kept as JSON.
    numbers = {k for name, keys in by_column.items() if contract.column(name).is_number for k in keys}
    spec = quote_text(json.dumps({k: "JSON" if k in numbers else "VARCHAR" for k in first.values()}))

    def cell(key: str) -> str:
        extract = "json_extract" if key in numbers else "json_extract_string"
        value = f"{extract}(good, {quote_text(pointer(key))})" if key in other else f"s.{quote_name(key)}"
        return json_number_sql(value) if key in numbers else value

    cells = {name: [cell(k) for k in keys] for name, keys in by_column.items()}
    values = ", ".join(f"{c[0] if len(c) == 1 else _first_filled(c)} as c{n}" for n, c in enumerate(cells.values()))
    children = {c.name for c in contract.columns if c.children}
    kinds = [_cell_kind_sql(f"c{n}", is_list=name in children, keys=by_column[name]) for n, name in enumerate(cells)]
    rest = "".join(f", c{n}" for n in range(1, len(cells)))
    return (
        f"select rn, case when kind is null then c0 else doc end as c0{rest}, kind from ("
        f"select *, coalesce(flaw, {', '.join(kinds)}) as kind from ("
        f"select rn, doc, flaw, {values} from ("
        f"select *, from_json(good, {spec}) as s from (select *, case when flaw is null then doc end as good from ("
        f"select rn, doc, {_flaw_sql(documents.checked)} as flaw from {documents.relation})))))"
    )


def _flaw_sql(checked: bool) -> str:
    """Why a document is no record at all."""
    cases = [f"when not starts_with(ltrim(doc, {quote_text(_BLANKS)}), '{{') then 'not_a_record'"]
    if not checked:
        cases = [
            f"when trim(doc, {quote_text(_BLANKS)}) = '' then '-blank'",
            "when contains(doc, '\ufffd') then 'undecodable'",
            "when not json_valid(doc) then 'broken_json'",
            *cases,
        ]
    return f"case {' '.join(cases)} end"


def _first_filled(cells: list[str]) -> str:
    return f"coalesce({', '.join(f'nullif(trim({c}), {chr(39) * 2})' for c in cells)})"


def _cell_kind_sql(cell: str, *, is_list: bool, keys: tuple[str, ...]) -> str:
    """What forbids a cell; null when nothing does. Text that only looks nested (``[1]``) is allowed."""
    nested = f"left({cell}, 1) in ('[', '{{')"
    too_long = f"when strlen({cell}) > {LONGEST_CELL} then 'cell_too_long'"
    if not is_list:
        values = " or ".join(f"json_type(doc, {quote_text(pointer(k))}) in ('ARRAY', 'OBJECT')" for k in keys)
        # Inside, for it is asked only then: a document that is no JSON has no type.
        return f"case {too_long} when {nested} then case when {values} then 'nested_value' end end"
    openers = f"length({cell}) - length(replace(replace({cell}, '{{', ''), '[', ''))"
    return f"case {too_long} when {nested} and {openers} > {DEEPEST} and {_is_deep(cell)} then 'too_deep' end"


def _is_deep(cell: str) -> str:
    """Whether brackets remain after taking off the innermost ones as often as is allowed."""
    left = f"""regexp_replace(regexp_replace({cell}, '"(\\\\.|[^"\\\\])*"', '', 'g'), '[^\\[\\]{{}}]', '', 'g')"""
    for _ in range(DEEPEST):
        left = f"regexp_replace({left}, '\\[\\]|\\{{\\}}', '', 'g')"
    return f"{left} <> ''"
