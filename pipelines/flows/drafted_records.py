"""A contract drafted from JSON: a column for each key, and for each list inside the records its fields."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb

from pipelines.domain.contracts import Column
from pipelines.domain.errors import DataRefused
from pipelines.flows.contract_draft import Draft, draft_contract
from pipelines.formats.json_documents import LARGEST_ENVELOPE, LONGEST_RECORD, one_a_line
from pipelines.formats.json_records import look_at_json
from pipelines.formats.lines import copy_text
from pipelines.formats.numbers import number_text
from pipelines.formats.sniff import Sniffed
from pipelines.storage.engine import quote_text

_MOST_RECORDS = 5_000
_LEVELS = 3
Record = dict[str, Any]


def draft_of_json(path: Path, sniffed: Sniffed) -> Draft:
    """A contract that loads the records of a JSON file.

    Raises:
        DataRefused: broken JSON, no records, or several lists of them that are as likely.
    """
    records, whole = _records(path, sniffed)
    draft = _drafted(path.name, records, whole=whole)
    look_at_json(path, sniffed, draft.contract, file_name=path.name)  # a draft that does not load it is none
    return draft


def _records(path: Path, sniffed: Sniffed) -> tuple[list[Record], bool]:
    """The first records, and whether these are all."""
    with tempfile.TemporaryDirectory() as scratch:
        utf8 = path if sniffed.encoding == "utf-8" else copy_text(path, sniffed.encoding, Path(scratch) / "utf8.json")
        if sniffed.head.lstrip("\ufeff \t\r\n").startswith("["):
            texts = _objects(utf8, "array", path.name)
        elif one_a_line(sniffed.head):
            texts = _objects(utf8, "newline_delimited", path.name)
        elif utf8.stat().st_size > LARGEST_ENVELOPE:
            raise DataRefused(
                f"{path.name} is one JSON object of more than {LARGEST_ENVELOPE >> 20} MiB.",
                next_step="Ask for one record a line (JSON Lines), or for smaller files.",
            )
        else:
            return _within(_parsed(utf8.read_text(encoding="utf-8-sig"), path.name), path.name), True
    found = [_parsed(text, path.name) for text in texts]
    return [r for r in found if isinstance(r, dict)], len(found) < _MOST_RECORDS


def _objects(path: Path, form: str, file_name: str) -> list[str]:
    query = (
        f"select json::varchar from read_json_objects({quote_text(path)}, format = {quote_text(form)}, "
        f"compression = 'uncompressed', maximum_object_size = {LONGEST_RECORD}) limit {_MOST_RECORDS}"
    )
    try:
        with duckdb.connect() as connection:
            return [text for (text,) in connection.execute(query).fetchall()]
    except duckdb.Error as error:
        raise DataRefused(
            f"{file_name} holds JSON that is broken, so no contract is drafted from it.",
            next_step="Ask for a new export, or mend the file.",
        ) from error


def _parsed(text: str, file_name: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise DataRefused(
            f"{file_name} holds JSON that is broken or nested too deeply.",
            next_step="Ask for a new export, or mend the file.",
        ) from error


def _within(value: Any, file_name: str) -> list[Record]:
    """The records of one object: those of the longest list that lies nearest to the top, or it is one itself."""
    level: list[Any] = [value]
    for _ in range(_LEVELS):
        below = [v for item in level if isinstance(item, dict) for v in item.values()]
        lists: list[list[Record]] = sorted((v for v in below if _is_list_of_records(v)), key=len, reverse=True)
        scalars = sum(not isinstance(v, dict | list) for v in below)
        if lists and scalars <= len(lists[0][0]):
            if len(lists) > 1 and len(lists[0]) == len(lists[1]):
                raise DataRefused(
                    f"{file_name} is one JSON object with several lists of records.",
                    next_step="Keep one list of records in a file.",
                )
            return lists[0]
        level = below
    return [value] if isinstance(value, dict) else []


def _is_list_of_records(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(v, dict) for v in value)


def _drafted(file_name: str, records: Sequence[Record], *, whole: bool) -> Draft:
    keys = list(dict.fromkeys(key for record in records for key in record))
    flat = [k for k in keys if not any(isinstance(r.get(k), dict | list) for r in records)]
    rows = [[_text(record.get(key)) for key in flat] for record in records]
    draft = draft_contract(file_name, "json", flat, rows, whole=whole)
    contract, told = draft.contract, list(draft.comments.get("", ()))
    columns, comments = list(contract.columns), dict(draft.comments)
    taken = {c.name for c in columns}
    for key in (k for k in keys if k not in flat):
        items = [i for record in records for i in _items(record.get(key))]
        if not items:
            told.append(f"{key} holds no list of records and is left out.")
            continue
        inner = _drafted(key, items, whole=False)
        name = inner.contract.stream if inner.contract.stream not in taken else f"{inner.contract.stream}_list"
        fields = tuple(c.model_copy(update={"enum": None, "required": False}) for c in inner.contract.columns)
        columns.append(Column(name=name, label=key, children=fields))
        comments[name] = tuple(f"{c.label}: {why}" for c in fields for why in inner.comments.get(c.name, ()))
    return replace(
        draft, contract=contract.model_copy(update={"columns": tuple(columns)}), comments={**comments, "": tuple(told)}
    )


def _items(value: Any) -> Iterator[Record]:
    """The records of a list inside a record."""
    yield from (item for item in value if isinstance(item, dict)) if isinstance(value, list) else ()


def _text(value: Any) -> str:
    """A value as the reader takes it; nothing for null, and a comma before the decimals of a number."""
    if value is None:
        return ""
    if isinstance(value, float):
        return number_text(value)
    return json.dumps(value) if isinstance(value, bool | int) else str(value)
