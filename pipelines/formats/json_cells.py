"""Cells of JSON records as text, and what forbids one; as SQL."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property

from pipelines.domain.contracts import Column
from pipelines.formats import json_documents
from pipelines.formats.json_documents import BLANKS, Documents
from pipelines.formats.json_look import LONGEST_CELL, Look, opens_object
from pipelines.formats.json_numbers import has_odd_numbers, numbers_as_text, unmarked
from pipelines.storage.engine import quote_name, quote_text

DEEPEST = 16


@dataclass(frozen=True)
class Cells:
    """The columns of a file in their order, each with its keys and their JSON pointers, best first.

    ``own`` are the keys that stand in the record itself, not in an object of it.
    """

    columns: tuple[tuple[Column, tuple[tuple[str, str], ...]], ...]
    own: frozenset[str]

    @cached_property
    def fields(self) -> dict[str, str]:
        """Keys that one reading of the record gives: DuckDB does not tell names by capitals, the first one wins."""
        fields: dict[str, str] = {}
        for key, _ in (k for _, keys in self.columns for k in keys):
            if key in self.own:
                fields.setdefault(key.casefold(), key)
        return fields

    @property
    def all_are_fields(self) -> bool:
        """Whether that gives every key."""
        return len(self.fields) == sum(len(keys) for _, keys in self.columns)

    def values(self, record: str, doc: str) -> list[str]:
        """The text of each column: the first of its keys that holds anything."""
        return [_first_filled([self._value(key, at, record, doc) for key, at in keys]) for _, keys in self.columns]

    def _value(self, key: str, at: str, record: str, doc: str) -> str:
        if key in self.own and self.fields[key.casefold()] == key:
            return f"{record}{quote_name(key)}"
        return f"json_extract_string({doc}, {quote_text(at)})"

    def kind(self, doc: str | None) -> str:
        """What forbids any cell of ``c0, …``; null when nothing does.

        The dear questions are asked where a cheap one says that they may matter. Without the record's text ``doc``,
        text that looks like a list is taken for one.
        """
        names = [(f"c{n}", bool(c.children)) for n, (c, _) in enumerate(self.columns)]
        longest = f"greatest({', '.join(f'strlen({c})' for c, _ in names)}, 0) > {LONGEST_CELL}"
        suspect = [_is_deep_perhaps(c) if is_list else _opens(c) for c, is_list in names]
        kinds = ", ".join(
            _list_kind(c) if is_list else _text_kind(c, doc, [at for _, at in keys])
            for (c, is_list), (_, keys) in zip(names, self.columns, strict=True)
        )
        return f"case when {' or '.join([longest, *suspect])} then coalesce({kinds}) end"


def from_file_sql(documents: Documents, cells: Cells, look: Look) -> str | None:
    """The cells straight from the file; None where its records do not lie so or their keys need another way."""
    if documents.form is None or not cells.all_are_fields:
        return None
    columns = ", ".join(f"{quote_text(key)}: 'VARCHAR'" for key in cells.fields.values())
    source = (
        f"read_json({quote_text(documents.path)}, format = {quote_text(documents.form)}, columns = {{{columns}}}, "
        f"compression = 'uncompressed', maximum_object_size = {json_documents.LONGEST_RECORD})"
    )
    values = ", ".join(f"{v} as c{n}" for n, v in enumerate(cells.values("", "")))
    kind = "null::varchar" if look.plain else cells.kind(None)
    return f"select *, {kind} as kind from (select {values} from {source})"


def from_texts_sql(documents: Documents, cells: Cells, look: Look) -> str:
    """Each document once: its cells and what it is. A reject keeps its text in the first cell."""
    good, odd = "doc", look.odd_numbers
    if odd:
        good = f"case when {has_odd_numbers('doc')} then {numbers_as_text('doc')} else doc end"
    spec = quote_text(json.dumps(dict.fromkeys(cells.fields.values(), "VARCHAR")))
    record = f"from_json(good, {spec})" if cells.fields else "null"
    values = ", ".join(f"{v} as c{n}" for n, v in enumerate(cells.values("s.", "good")))
    names = [f"c{n}" for n in range(len(cells.columns))]
    plain = ", ".join(f"{unmarked(c.type, n)} as {n}" for (c, _), n in zip(cells.columns, names, strict=True))
    kinds = f"select *, coalesce(flaw, {cells.kind('good')}) as kind"
    return (
        "select case when kind is null then c0 else doc end as c0, * exclude (doc, flaw, good, c0) "
        f"from ({kinds} from ("
        f"select doc, flaw, good, {plain if odd else ', '.join(names)} from (select doc, flaw, good, {values} from ("
        f"select *, {record} as s from (select *, case when flaw is null then {good} end as good from ("
        f"select doc, {_flaw_sql(documents, look)} as flaw from {documents.relation}))))))"
    )


def _flaw_sql(documents: Documents, look: Look) -> str:
    """Why a document is no record at all."""
    cases = []
    if not look.all_records:
        cases = [
            f"when trim(doc, {quote_text(BLANKS)}) = '' then '-blank'",
            "when not json_valid(doc) then 'broken_json'",
            f"when not {opens_object('doc')} then 'not_a_record'",
        ]
    if documents.copied:
        cases.insert(1, "when contains(doc, '\ufffd') then 'undecodable'")
    return f"case {' '.join(cases)} end" if cases else "null::varchar"


def _first_filled(cells: list[str]) -> str:
    return cells[0] if len(cells) == 1 else f"coalesce({', '.join(f'nullif(trim({c}), {chr(39) * 2})' for c in cells)})"


def _opens(cell: str) -> str:
    return f"starts_with({cell}, '[') or starts_with({cell}, '{{')"


def _is_deep_perhaps(cell: str) -> str:
    return rf"regexp_matches({cell}, '(?:[\[{{][^\[{{]*){{{DEEPEST + 1}}}')"


def _text_kind(cell: str, doc: str | None, pointers: list[str]) -> str:
    """What forbids a cell of text; null when nothing does. Text that only looks nested (``"[1]"``) is allowed."""
    nested = f"({_opens(cell)}) and json_valid({cell})"
    if doc is not None:
        types = " or ".join(f"json_type({doc}, {quote_text(at)}) in ('ARRAY', 'OBJECT')" for at in pointers)
        nested = f"{nested} and ({types})"
    return f"case when strlen({cell}) > {LONGEST_CELL} then 'cell_too_long' when {nested} then 'nested_value' end"


def _list_kind(cell: str) -> str:
    """What forbids a cell that is to be a list; null when nothing does."""
    deep = f"({_opens(cell)}) and {_is_deep_perhaps(cell)} and {_is_deep(cell)}"
    return f"case when strlen({cell}) > {LONGEST_CELL} then 'cell_too_long' when {deep} then 'too_deep' end"


def _is_deep(cell: str) -> str:
    """Whether brackets remain after taking off the innermost ones as often as is allowed."""
    left = f"""regexp_replace(regexp_replace({cell}, '"(\\\\.|[^"\\\\])*"', '', 'g'), '[^\\[\\]{{}}]', '', 'g')"""
    for _ in range(DEEPEST):
        left = f"regexp_replace({left}, '\\[\\]|\\{{\\}}', '', 'g')"
    return f"{left} <> ''"
