"""Lists inside a record (``domain.md`` §2.3): from JSON text as it came to canonical JSON text without personal values.

A list comes out as ``[{"item": 1, "<field>": "<canonical text>", …}, …]`` with the fields of the contract's
``children``; keys that it does not name are left out. Text that is no such list becomes ``?``, which the
column's pattern finds: nothing of it passes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import duckdb

from pipelines.domain.contracts import Column, Privacy
from pipelines.domain.text import canonical_key
from pipelines.formats.canonical import UNTIDY, tidy_sql, value_sql
from pipelines.formats.hashed import hashed_sql
from pipelines.formats.headers import ColumnNames
from pipelines.formats.json_numbers import has_marks, unmarked
from pipelines.storage.engine import quote_name, quote_text

UNREADABLE = "?"
# An escape may stand for any sign.
_UNTIDY = UNTIDY + r"|\\"
MOST_KEYS = 512


@dataclass(frozen=True)
class ChildKeys:
    """How a file spells the fields of one list: the keys of each field, best first, and those of inner lists.

    ``marked``: numbers in it may carry a mark (see ``json_numbers``).
    """

    keys: dict[str, tuple[str, ...]]
    inner: dict[str, ChildKeys]
    unknown: tuple[str, ...]
    marked: bool = False

    def all_unknown(self, label: str) -> Iterator[str]:
        """Keys that the contract does not name, each as ``label.key``."""
        yield from (f"{label}.{key}" for key in self.unknown)
        for field, inner in self.inner.items():
            yield from inner.all_unknown(f"{label}.{self.keys[field][0]}")


def pointer(key: str) -> str:
    """A key as a JSON pointer (RFC 6901)."""
    return "/" + key.replace("~", "~0").replace("/", "~1")


def keys_by_column(found: Sequence[str], columns: Sequence[Column]) -> tuple[dict[str, tuple[str, ...]], list[str]]:
    """The keys that mean each column, the label's spelling first, then the aliases in their order; and the rest."""
    names = ColumnNames(columns)
    by_column: dict[str, list[str]] = {}
    unknown = []
    for key in sorted(found):
        name = names.column(key)
        if name is None:
            unknown.append(key)
        else:
            by_column.setdefault(name, []).append(key)
    ranked = {
        c.name: tuple(sorted(by_column[c.name], key=lambda k: _rank(c, k))) for c in columns if c.name in by_column
    }
    return ranked, unknown


def _rank(column: Column, key: str) -> int:
    spellings = [canonical_key(s) for s in (column.label, *column.aliases, column.name)]
    return spellings.index(canonical_key(key))


def find_child_keys(connection: duckdb.DuckDBPyConnection, column: Column, texts: str) -> ChildKeys:
    """Look through every list of a column for the keys of its items.

    Args:
        connection: where the relation is.
        column: one with ``children``.
        texts: a query with one column ``v``, the JSON texts.
    """
    lists = f"case when v <> '[]' and {_is_list('v')} then {_listed('v')} end"
    items = f"select unnest(json_extract({lists}, '$[*]')) as e from ({texts})"
    found = connection.execute(
        f"select distinct unnest(k) from (select distinct json_keys(e) as k from ({items})) limit {MOST_KEYS}"
    ).fetchall()
    keys, unknown = keys_by_column([k for (k,) in found], column.children)
    inner = {
        c.name: find_child_keys(
            connection, c, f"select {_first('e', keys[c.name], as_fields=False)} as v from ({items})"
        )
        for c in column.children
        if c.children and c.name in keys
    }
    marked = connection.execute(f"select bool_or({has_marks('v')}) from ({texts})").fetchone()
    return ChildKeys(keys, inner, tuple(unknown), marked=bool(marked and marked[0]))


def children_sql(column: Column, known: ChildKeys, v: str, key: bytes) -> str:
    """The canonical list of JSON text ``v`` as JSON text, personal values hashed; null for null.

    Most lists are in form already but for blanks at the ends of their texts: one look at the whole list says so.

    Args:
        column: one with ``children``.
        known: how the file spells their keys.
        v: the expression of the text.
        key: of the pseudonyms.
    """
    in_form, other = (_List(key, tidy).sql(column, known, v) for tidy in (True, False))
    untidy = f"regexp_matches({v}, {quote_text(_UNTIDY)})"
    return _if_list(v, f"case when {untidy} then {other} else {in_form} end")


def _if_list(v: str, listed: str) -> str:
    return f"case when {v} is null or {v} = '[]' then {v} when {_is_list(v)} then {listed} else '{UNREADABLE}' end"


@dataclass(frozen=True)
class _List:
    """Makes the expression of a list; ``tidy``: none of its texts needs more than trimming."""

    key: bytes
    tidy: bool

    def sql(self, column: Column, known: ChildKeys, v: str, depth: int = 0) -> str:
        """The canonical list of text ``v``, which holds one; ``depth`` is how many lists it stands in."""
        e, t, i = f"e{depth}", f"t{depth}", f"i{depth}"
        tidied, values = [], [f"'item': {i}"]
        spellings = [k for keys in known.keys.values() for k in keys]
        # One parse of the list for all fields; not where two keys differ by capitals alone, which fields cannot.
        as_fields = 0 < len(spellings) == len({k.casefold() for k in spellings})
        for field in column.children:
            name, text = quote_text(field.name), f"{t}.{quote_name(field.name)}"
            if field.name not in known.keys or field.privacy is Privacy.DROP:
                values.append(f"{name}: null::varchar")
                continue
            raw = _first(e, known.keys[field.name], as_fields=as_fields)
            if field.children:
                inner = self.sql(field, known.inner[field.name], raw, depth + 1)
                tidied.append(f"{name}: {_if_list(raw, inner)}")
                values.append(f"{name}: {text}")
            else:
                tidied.append(f"{name}: {self._text(unmarked(field.type, raw) if known.marked else raw)}")
                values.append(f"{name}: {hashed_sql(field, value_sql(field, text), self.key)}")
        spec = quote_text(json.dumps([dict.fromkeys(spellings, "VARCHAR")]))
        items = f"from_json({_listed(v)}, {spec})" if as_fields else f"json_extract({_listed(v)}, '$[*]')"
        tidy = f"list_transform({items}, lambda {e}: {{{', '.join([*tidied, _NOTHING])}}})"
        return f"to_json(list_transform({tidy}, lambda {t}, {i}: {{{', '.join(values)}}}))::varchar"

    def _text(self, raw: str) -> str:
        return f"nullif(trim({raw}), '')" if self.tidy else tidy_sql(raw)


_NOTHING = "'_': null"  # a struct has at least one field


def _is_list(v: str) -> str:
    """Whether ``v`` is a list of objects, or one object alone, which counts as a list of one."""
    objects = f"list_has_all(['OBJECT'], json_type({v}, '$[*]'))"
    return f"case when json_valid({v}) then json_type({v}) = 'OBJECT' or (json_type({v}) = 'ARRAY' and {objects}) end"


def _listed(v: str) -> str:
    return f"case when {v} like '[%' then {v} else '[' || {v} || ']' end"


def _first(item: str, keys: Sequence[str], *, as_fields: bool) -> str:
    """The first of several keys that holds anything."""
    values = [
        f"{item}.{quote_name(k)}" if as_fields else f"json_extract_string({item}, {quote_text(pointer(k))})"
        for k in keys
    ]
    if len(values) == 1:
        return values[0]
    return f"coalesce({', '.join(f'nullif(trim({v}), {quote_text(str())})' for v in values)})"
