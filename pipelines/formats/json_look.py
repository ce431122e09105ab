"""One look through all records of a JSON file: their keys, how many are records, what needs care.

DuckDB's functions that take a JSON text apart by a path do not recurse; those that work out its structure do, and a
few kilobytes of brackets would bring the process down. Only the former are used.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import duckdb

from pipelines.domain.errors import DataRefused
from pipelines.formats.children import MOST_KEYS, pointer
from pipelines.formats.json_documents import BLANKS, Documents
from pipelines.formats.json_numbers import ODD_NUMBER, has_odd_numbers
from pipelines.storage.engine import quote_text

DEEPEST_NAME = 4
LONGEST_CELL = 2**20
_INNER_OBJECT = r":\s*\{"
# What any question about values starts from: a value that opens a list or object, or text that looks like one or may do
# so (an escape), or a number that needs care. Most files have none, and one look says so.
_CARE = rf'{ODD_NUMBER}|:\s*"? *(?:[\[{{]|\\u)'


@dataclass(frozen=True)
class Look:
    """``records`` of ``documents`` are JSON objects; ``keys`` are all of theirs.

    ``odd_numbers``: there may be numbers whose text needs care; ``inner_objects``: keys that hold objects;
    ``plain``: every value is short text or a number as it is written, and no record has a key twice.
    """

    documents: int
    records: int
    odd_numbers: bool
    inner_objects: bool
    keys: tuple[str, ...]
    plain: bool = False

    @property
    def all_records(self) -> bool:
        """Whether nothing in the file is anything else."""
        return self.records == self.documents


def opens_object(doc: str) -> str:
    """Whether a JSON text is an object, by its first sign; as SQL."""
    return f"starts_with(ltrim({doc}, {quote_text(BLANKS)}), '{{')"


def look_through(connection: duckdb.DuckDBPyConnection, documents: Documents, file_name: str) -> Look:
    """Look through every document.

    Raises:
        DataRefused: more different keys than allowed.
    """
    try:
        found = connection.execute(_look_sql(documents, "json_keys(doc)")).fetchone()
    except duckdb.InvalidInputException:  # one of them is broken; to ask each whether it is costs more
        found = connection.execute(_look_sql(documents, "try(json_keys(doc))")).fetchone()
    documents_found, records, odd, inner, plain, keys = found or (0, 0, False, False, False, [])
    if len(keys or []) > MOST_KEYS:
        raise DataRefused(
            f"{file_name}: its records have more than {MOST_KEYS} different keys.",
            next_step="Ask for records that all have the same keys.",
        )
    names = tuple(sorted(keys or []))
    return Look(int(documents_found or 0), int(records or 0), bool(odd), bool(inner), names, bool(plain))


def _look_sql(documents: Documents, keys: str) -> str:
    inner = f"regexp_matches(doc, {quote_text(_INNER_OBJECT)})"
    return f"""
        with looked as materialized (
            select any_value(k) as k, count(*) as documents, count(*) filter ({opens_object("doc")}) as records,
                bool_or(case when care then {has_odd_numbers("doc")} end) as odd,
                bool_or(case when care then {inner} end) as inner_objects,
                not bool_or(care) and max(strlen(doc)) <= {LONGEST_CELL} as plain
            from (select doc, {keys} as k, regexp_matches(doc, {quote_text(_CARE)}) as care from {documents.relation})
            group by hash(k)  -- lists of many names are dear to compare
        )
        select sum(documents), sum(records) filter (k is not null), bool_or(odd), bool_or(inner_objects),
            bool_and(plain and len(k) = len(list_distinct(k))),
            (select list(key) from (select distinct unnest(k) as key from looked limit {MOST_KEYS + 1}))
        from looked
        """


def nested_paths(connection: duckdb.DuckDBPyConnection, documents: Documents, keys: Sequence[str]) -> dict[str, str]:
    """The keys inside objects that stand under some keys of records, ``outer.inner``, each with its JSON pointer.

    A key that holds an object in one record and something else in another stands there itself as well. What lies
    deeper than ``DEEPEST_NAME`` is told by the name of its object; of more than ``MOST_KEYS``, the first are told.
    """
    paths: dict[str, str] = {}
    level = {key: pointer(key) for key in keys}
    for depth in range(DEEPEST_NAME):
        kinds = _kinds(connection, documents, list(level.values())) if level else {}
        inner: dict[str, str] = {}
        for name, at in level.items():
            holds_objects = "OBJECT" in kinds[at] and depth < DEEPEST_NAME - 1
            below = (
                {f"{name}.{k}": at + pointer(k) for k in _keys_at(connection, documents, at)} if holds_objects else {}
            )
            inner |= below
            if not below or kinds[at] != {"OBJECT"}:
                paths.setdefault(name, at)
        level = dict(list(inner.items())[: max(MOST_KEYS - len(paths), 0)])
    return paths


def _kinds(connection: duckdb.DuckDBPyConnection, documents: Documents, pointers: Sequence[str]) -> dict[str, set[str]]:
    """What stands at each pointer in any record: JSON types, but null."""
    listed = ", ".join(quote_text(at) for at in pointers)
    rows = connection.execute(
        f"select distinct try(json_type(doc, [{listed}])) from {documents.relation} where {opens_object('doc')}"
    ).fetchall()
    return {at: {kinds[n] for (kinds,) in rows if kinds} - {None, "NULL"} for n, at in enumerate(pointers)}


def _keys_at(connection: duckdb.DuckDBPyConnection, documents: Documents, at: str) -> Iterator[str]:
    keys = f"select distinct try(json_keys(doc, {quote_text(at)})) as k from {documents.relation}"
    found = connection.execute(f"select distinct unnest(k) as key from ({keys}) order by key limit {MOST_KEYS}")
    yield from (key for (key,) in found.fetchall())
