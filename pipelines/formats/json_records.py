"""JSON into the table ``raw(rn, c0, …, kind)``: an object a line, an array, one record, or an envelope around a list.

DuckDB reads the file, one record at a time but for an envelope, which stands in memory whole and is limited for
that. ``rn`` is the line where every record has a line of its own, else the place in the list, from 1. Objects are
never given to ``read_json``: it recurses, and a few kilobytes of brackets would bring the process down.
"""

from __future__ import annotations

import json
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipelines.domain.contracts import Contract
from pipelines.domain.errors import DataRefused
from pipelines.formats.children import MOST_KEYS, keys_by_column, pointer
from pipelines.formats.headers import Header
from pipelines.formats.lines import copy_text
from pipelines.formats.sniff import Sniffed
from pipelines.storage.engine import quote_name, quote_text

LARGEST_ENVELOPE = 64 * 2**20
LONGEST_RECORD = 4 * 2**20
LONGEST_CELL = 2**20
DEEPEST = 16
_CHUNK = 1 << 22
_LEVELS = 3
_BLANKS = " \t\r\n"
_WHERE = re.compile(r"(?:at byte \d+ )?in (?:record/value|line|array element) \d+")
_UNFIT = str.maketrans({"\0": "\ufffd", "\x01": "\ufffd", "\r": " "})


_LINES = 20
_LOOK = 500
_COLUMNS = "columns = {'doc': 'VARCHAR'}, header = false, auto_detect = false, delim = '\x01', quote = '', escape = ''"


@dataclass(frozen=True)
class _Documents:
    """A relation of ``rn`` and ``doc``. ``checked``: whatever is no JSON stopped the reading; else it is a reject."""

    relation: str
    checked: bool = True
    by_line: bool = False


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
        documents = _documents(connection, utf8, sniffed.head, contract, file_name)
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
    if found is not None and found[0] == _count_lines(utf8):
        return header
    connection.execute("drop table if exists raw")
    return _fill(connection, _lines(utf8, scratch), contract, file_name)


def look_at_json(path: Path, sniffed: Sniffed, contract: Contract, *, file_name: str) -> Header:
    """What the keys of the first records would mean to a contract; the file is not read further.

    Raises:
        DataRefused: as ``read_json_records``.
    """
    with duckdb.connect() as connection, tempfile.TemporaryDirectory() as scratch:
        utf8 = path if sniffed.encoding == "utf-8" else copy_text(path, sniffed.encoding, Path(scratch) / "utf8.json")
        try:
            documents = _documents(connection, utf8, sniffed.head, contract, file_name)
            first = _Documents(f"(from {documents.relation} limit {_LOOK})")
            return _header(connection, first, contract, file_name)[0]
        except duckdb.Error as error:
            if not _one_a_line(sniffed.head):
                raise _broken(file_name, error) from error
            lines = _lines(utf8, Path(scratch))
            return _header(connection, lines, contract, file_name)[0]


def _broken(file_name: str, error: Exception) -> DataRefused:
    """The parser's words may quote the file: only the place is told."""
    place = _WHERE.search(str(error))
    large = "maximum_object_size" in str(error)
    said = "holds a record or an envelope that is too large" if large else "is broken JSON"
    return DataRefused(
        f"{file_name} {said}{f' ({place.group(0)})' if place else ''}.",
        next_step="Ask its owner for the export again, best with one record a line (NDJSON).",
    )


def _documents(
    connection: duckdb.DuckDBPyConnection, path: Path, head: str, contract: Contract, file_name: str
) -> _Documents:
    """How the records lie in the file."""
    if head.lstrip("\ufeff \t\r\n").startswith("["):
        return _Documents(_objects(path, "array", LONGEST_RECORD))
    if _one_a_line(head):
        return _Documents(_objects(path, "newline_delimited", LONGEST_RECORD), by_line=True)
    limit = min(path.stat().st_size, LARGEST_ENVELOPE) + 1024
    whole = _objects(path, "unstructured", limit)
    connection.execute(f"create or replace temp table envelope as select doc from {whole} limit 2")
    if _number(connection, "select count(*) from envelope") != 1:
        return _Documents(whole)
    at = _list_of_records(connection, contract, file_name)
    docs = "[doc]" if at is None else f"from_json(json_extract(doc, {quote_text(at)}), '[\"JSON\"]')"
    rows = f"select {docs} as docs from envelope"
    return _Documents(
        f"(select row_number() over () as rn, doc from (select unnest(docs)::varchar as doc from ({rows})))"
    )


def _objects(path: Path, form: str, limit: int) -> str:
    return (
        f"(select row_number() over () as rn, json::varchar as doc from read_json_objects({quote_text(path)}, "
        f"format = {quote_text(form)}, compression = 'uncompressed', maximum_object_size = {limit}))"
    )


def _one_a_line(head: str) -> bool:
    """Whether each line is a record: the first is a whole object and not the only line, or most are."""
    lines = [line for line in head.lstrip("\ufeff").split("\n")[: _LINES + 1] if line.strip()]
    whole = [_is_object(line) for line in lines[:_LINES]]
    return len(whole) > 1 and (whole[0] or sum(whole) * 2 > len(whole))


def _is_object(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def _number(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    row = connection.execute(query).fetchone()
    return int(row[0]) if row else 0


def _list_of_records(connection: duckdb.DuckDBPyConnection, contract: Contract, file_name: str) -> str | None:
    """Where in the one object the records are; None when it is a record itself.

    An envelope has objects down to one list whose first item names columns of the contract.
    """
    if _names_key(_keys(connection, ""), contract):
        return None
    found: dict[str, int] = {}
    level = [""]
    for _ in range(_LEVELS):
        below = [at + pointer(key) for at in level for key in _keys(connection, at)[:MOST_KEYS]]
        kinds = {at: _kind(connection, at) for at in below}
        for at in (a for a, kind in kinds.items() if kind == "ARRAY"):
            found[at] = len(keys_by_column(_keys(connection, at + "/0"), contract.columns)[0])
        level = [a for a, kind in kinds.items() if kind == "OBJECT"]
    most = max(found.values(), default=0)
    best = [at for at, count in found.items() if count == most]
    if most and len(best) == 1:
        return best[0]
    said = f"{len(best)} lists of records ({', '.join(best)})" if most else f"no record of {contract.name}"
    raise DataRefused(
        f"{file_name} is one JSON object and holds {said}.", next_step="`cchc inspect` shows what the file is."
    )


def _keys(connection: duckdb.DuckDBPyConnection, at: str) -> list[str]:
    row = connection.execute(f"select json_keys(doc{f', {quote_text(at)}' if at else ''}) from envelope").fetchone()
    return list(row[0] or []) if row else []


def _kind(connection: duckdb.DuckDBPyConnection, at: str) -> str | None:
    row = connection.execute(f"select json_type(doc, {quote_text(at)}) from envelope").fetchone()
    return row[0] if row else None


def _names_key(keys: list[str], contract: Contract) -> bool:
    """Whether keys of a record name a column of the contract's key, or any column where it has none."""
    named, _ = keys_by_column(keys, contract.columns)
    return bool(set(named) & set(contract.key or [c.name for c in contract.columns]))


def _fill(connection: duckdb.DuckDBPyConnection, documents: _Documents, contract: Contract, file_name: str) -> Header:
    header, by_column = _header(connection, documents, contract, file_name)
    connection.execute(f"create table raw as {_records_sql(documents, contract, by_column)}")
    return header


def _header(
    connection: duckdb.DuckDBPyConnection, documents: _Documents, contract: Contract, file_name: str
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
    if not _names_key(keys, contract):
        raise DataRefused(
            f"{file_name} is JSON, but no record of it has a key of {contract.name}.",
            next_step="`cchc inspect` shows what the file is.",
        )
    by_column, unknown = keys_by_column(keys, contract.columns)
    positions = {name: n for n, name in enumerate(by_column)}
    missing = tuple(c.name for c in contract.columns if c.name not in by_column and not c.required and not c.children)
    labels = {name: spellings[0] for name, spellings in by_column.items()}
    return Header(0, len(by_column), positions, labels, tuple(unknown), missing), by_column


def _records_sql(documents: _Documents, contract: Contract, by_column: dict[str, tuple[str, ...]]) -> str:
    """Each document once: its cells as text and what it is. A reject keeps its text in the first cell."""
    first, other = {}, []
    for key in (k for keys in by_column.values() for k in keys):
        # DuckDB does not tell names by capitals: the second spelling of one is read by its pointer.
        if key.casefold() in first:
            other.append(key)
        else:
            first[key.casefold()] = key
    spec = quote_text(json.dumps(dict.fromkeys(first.values(), "VARCHAR")))
    cells = {
        name: [
            f"json_extract_string(good, {quote_text(pointer(k))})" if k in other else f"s.{quote_name(k)}" for k in keys
        ]
        for name, keys in by_column.items()
    }
    values = ", ".join(f"{c[0] if len(c) == 1 else _first_filled(c)} as c{n}" for n, c in enumerate(cells.values()))
    children = {c.name for c in contract.columns if c.children}
    kinds = [_cell_kind_sql(f"c{n}", name in children) for n, name in enumerate(cells)]
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


def _cell_kind_sql(cell: str, is_list: bool) -> str:
    """What forbids a cell; null when nothing does."""
    nested = f"left({cell}, 1) in ('[', '{{')"
    too_long = f"when strlen({cell}) > {LONGEST_CELL} then 'cell_too_long'"
    if not is_list:
        return f"case {too_long} when {nested} and json_valid({cell}) then 'nested_value' end"
    openers = f"length({cell}) - length(replace(replace({cell}, '{{', ''), '[', ''))"
    return f"case {too_long} when {nested} and {openers} > {DEEPEST} and {_is_deep(cell)} then 'too_deep' end"


def _is_deep(cell: str) -> str:
    """Whether brackets remain after taking off the innermost ones as often as is allowed."""
    left = f"""regexp_replace(regexp_replace({cell}, '"(\\\\.|[^"\\\\])*"', '', 'g'), '[^\\[\\]{{}}]', '', 'g')"""
    for _ in range(DEEPEST):
        left = f"regexp_replace({left}, '\\[\\]|\\{{\\}}', '', 'g')"
    return f"{left} <> ''"


def _count_lines(path: Path) -> int:
    """Lines of a file, the last one with or without its end."""
    count, last = 0, b"\n"
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            count += chunk.count(b"\n")
            last = chunk[-1:]
    return count + (last != b"\n")


def _lines(path: Path, scratch: Path) -> _Documents:
    """Every line, numbered, whatever it holds: for a file with broken or empty ones."""
    target = scratch / "lines.json"
    with (
        path.open(encoding="utf-8-sig", errors="replace", newline="\n") as source,
        target.open("w", encoding="utf-8", newline="") as out,
    ):
        while line := source.readline(LONGEST_RECORD):
            cut = line
            while cut and not cut.endswith("\n"):  # the rest of a line that is too long: what is kept is broken
                cut = source.readline(LONGEST_RECORD)
            text = line.rstrip("\r\n").translate(_UNFIT)
            out.write((text or " ") + "\n")
    read = f"read_csv({quote_text(target)}, {_COLUMNS}, max_line_size = {5 * LONGEST_RECORD}, parallel = false)"
    return _Documents(f"(select row_number() over () as rn, doc from {read})", checked=False)
