"""How the records of a JSON file lie in it: one a line, in an array, alone, or in an envelope around a list.

DuckDB reads one record at a time but for an envelope, which stands in memory whole and is limited for that. Records
of a line each are read as lines of text, so that a broken one is one reject.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipelines.domain.contracts import Contract
from pipelines.domain.errors import DataRefused
from pipelines.formats.children import MOST_KEYS, keys_by_column, pointer
from pipelines.storage.engine import quote_text

BLANKS = " \t\r\n"  # what JSON calls white space, and nothing else
LARGEST_ENVELOPE = 64 * 2**20
LONGEST_RECORD = 4 * 2**20
MOST_LEVELS = 64
_CHUNK = 1 << 22
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_BRACKET = re.compile(r"[\[\]{}]")
_LEVELS = 3
_FIRST = 20
_UNFIT = str.maketrans({"\0": "\ufffd", "\x01": "\ufffd", "\r": " "})


class NoRecord(DataRefused):
    """The file is sound JSON, and none of its records is one of the stream; ``keys`` are what was found."""

    def __init__(self, message: str, *, keys: Sequence[str]) -> None:
        super().__init__(message, next_step="`cchc inspect` shows what the file is.")
        self.keys = tuple(keys)


@dataclass(frozen=True)
class Documents:
    """A relation of ``doc``, the records' texts in the order of the file.

    ``form`` is what ``read_json`` calls the way they lie in the file ``path``, None where it cannot read them so.
    ``copied``: bytes that were no text are U+FFFD now, and what was too long is cut.
    """

    relation: str
    path: Path | None = None
    form: str | None = None
    copied: bool = False


def find_documents(
    connection: duckdb.DuckDBPyConnection, path: Path, head: str, contract: Contract, file_name: str
) -> Documents:
    """How the records lie in a file in UTF-8."""
    if head.lstrip("\ufeff" + BLANKS).startswith("["):
        return Documents(_objects(path, "array", LONGEST_RECORD), path, "array")
    if one_a_line(head):
        return Documents(f"(select doc from {_lines(path, LONGEST_RECORD)})", path, "newline_delimited")
    limit = min(path.stat().st_size, LARGEST_ENVELOPE) + 1024
    whole = _objects(path, "unstructured", limit)
    connection.execute(f"create or replace temp table envelope as select doc from {whole} limit 2")
    if _number(connection, "select count(*) from envelope") != 1:
        return Documents(whole)
    if _number(connection, "select max(strlen(doc)) from envelope") > LARGEST_ENVELOPE:
        raise DataRefused(
            f"{file_name} is one JSON object of more than {LARGEST_ENVELOPE >> 20} MiB.",
            next_step="Export it with one record a line (NDJSON), or as a bare array.",
        )
    at = _records_within(connection, contract, file_name)
    docs = "[doc]" if at is None else f"from_json(json_extract(doc, {quote_text(at)}), '[\"JSON\"]')"
    return Documents(f"(select unnest(docs)::varchar as doc from (select {docs} as docs from envelope))")


def is_deep(head: str) -> bool:
    """Whether the first signs of a file open more than ``MOST_LEVELS`` lists and objects in one another."""
    level = 0
    for bracket in _BRACKET.findall(_STRING.sub("", head)):
        level += 1 if bracket in "[{" else -1
        if level > MOST_LEVELS:
            return True
    return False


def names_key(keys: list[str], contract: Contract) -> bool:
    """Whether keys of a record name a column of the contract's key, or any column where it has none."""
    named, _ = keys_by_column(keys, contract.columns)
    return bool(set(named) & set(contract.key or [c.name for c in contract.columns]))


def one_a_line(head: str) -> bool:
    """Whether each line is a record: the first is a whole object and not the only line, or most are."""
    lines = [line for line in head.lstrip("\ufeff").split("\n")[: _FIRST + 1] if line.strip(BLANKS)]
    whole = [_is_object(line) for line in lines[:_FIRST]]
    return len(whole) > 1 and (whole[0] or sum(whole) * 2 > len(whole))


def _is_object(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def _objects(path: Path, form: str, limit: int) -> str:
    return (
        f"(select json::varchar as doc from read_json_objects({quote_text(path)}, "
        f"format = {quote_text(form)}, compression = 'uncompressed', maximum_object_size = {limit}))"
    )


def _lines(path: Path, longest: int) -> str:
    return (
        f"read_csv({quote_text(path)}, columns = {{'doc': 'VARCHAR'}}, header = false, auto_detect = false, "
        "delim = '\x01', quote = '', escape = '', nullstr = '\x02cchc-null\x02', compression = 'none', "
        f"encoding = 'utf-8', ignore_errors = false, max_line_size = {longest})"
    )


def _records_within(connection: duckdb.DuckDBPyConnection, contract: Contract, file_name: str) -> str | None:
    """Where in the one object the records are; None when it is a record itself.

    Some gateways send the list as a text of JSON inside the object: such a text takes the object's place.
    """
    try:
        return _list_of_records(connection, contract, file_name)
    except NoRecord:
        if not _take_text_within(connection):
            raise
        return _list_of_records(connection, contract, file_name)


def _list_of_records(connection: duckdb.DuckDBPyConnection, contract: Contract, file_name: str) -> str | None:
    """An envelope has objects down to one list whose first item names columns of the contract."""
    if names_key(_keys(connection, ""), contract):
        return None
    lists = (at for at, kind in _kinds_within(connection).items() if kind == "ARRAY")
    found = {at: len(keys_by_column(_keys(connection, at + "/0"), contract.columns)[0]) for at in lists}
    most = max(found.values(), default=0)
    best = [at for at, count in found.items() if count == most]
    if most and len(best) == 1:
        return best[0]
    said = f"{len(best)} lists of records ({', '.join(best)})" if most else f"no record of {contract.name}"
    raise NoRecord(f"{file_name} is one JSON object and holds {said}.", keys=_keys(connection, ""))


def _take_text_within(connection: duckdb.DuckDBPyConnection) -> bool:
    """Let the one text in ``envelope`` that is a list or object of JSON take its place, if there is one."""
    texts = [at for at, kind in _kinds_within(connection).items() if kind == "VARCHAR"]
    if not texts:
        return False
    listed = ", ".join(f"json_extract_string(doc, {quote_text(at)})" for at in texts)
    connection.execute(
        f"""
        create or replace temp table text_within as
        select case when starts_with(t, '[') then '{{"records": ' || t || '}}' else t end as doc
        from (select ltrim(unnest([{listed}]), {quote_text(BLANKS)}) as t from envelope)
        where left(t, 1) in ('[', '{{') and json_valid(t)
        """
    )
    if _number(connection, "select count(*) from text_within") != 1:
        return False
    connection.execute("create or replace temp table envelope as from text_within")
    return True


def _kinds_within(connection: duckdb.DuckDBPyConnection) -> dict[str, str | None]:
    """JSON pointers to what lies in the one object, down a few levels of objects, and the type of each."""
    found: dict[str, str | None] = {}
    level = [""]
    for _ in range(_LEVELS):
        below = [at + pointer(key) for at in level for key in _keys(connection, at)[:MOST_KEYS]]
        kinds = {at: _kind(connection, at) for at in below}
        found |= kinds
        level = [a for a, kind in kinds.items() if kind == "OBJECT"]
    return found


def _number(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    row = connection.execute(query).fetchone()
    return int(row[0]) if row else 0


def _keys(connection: duckdb.DuckDBPyConnection, at: str) -> list[str]:
    row = connection.execute(f"select json_keys(doc{f', {quote_text(at)}' if at else ''}) from envelope").fetchone()
    return list(row[0] or []) if row else []


def _kind(connection: duckdb.DuckDBPyConnection, at: str) -> str | None:
    row = connection.execute(f"select json_type(doc, {quote_text(at)}) from envelope").fetchone()
    return row[0] if row else None


def count_plain_lines(path: Path) -> int | None:
    """Lines of a file, the last one with or without its end; None where a carriage return ends some alone.

    A reader of lines passes over empty ones, so that it gives as many only where there are none.
    """
    lines, returns, ends, last = 0, 0, 0, b"\n"
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            lines += chunk.count(b"\n")
            if b"\r" in chunk or last == b"\r":
                returns += chunk.count(b"\r")
                ends += chunk.count(b"\r\n") + (last == b"\r" and chunk.startswith(b"\n"))
            last = chunk[-1:]
    return lines + (last != b"\n") if returns == ends else None


def every_line(path: Path, scratch: Path) -> Documents:
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
    return Documents(f"(select doc from {_lines(target, 5 * LONGEST_RECORD)})", copied=True)
