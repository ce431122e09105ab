"""Where a column of a mart comes from, and by which rule: carried as exported, given on loading, or computed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from pipelines.flows.indicator_catalogue import catalogue
from pipelines.flows.model_graph import above, nodes, reads_ledger, seeds_of, streams_of
from pipelines.sources.registry import all_contracts

_ROOT = Path(__file__).resolve().parents[2]
_GIVEN = ("batch_id", "source_file", "row_number")
_CITED = re.compile(r"domain\.md §[\d.]+|decision \d{4}|docs/decisions/\d{4}|QĐ 766|\bR_[A-Z0-9]+\b|var \w+")


@dataclass(frozen=True)
class Origin:
    """Source and rule of a column, each Vietnamese and English in one line of Markdown."""

    source: str
    rule: str


def origin(model: str, meta: dict[str, Any], column: dict[str, Any], staging: dict[str, dict[str, str]]) -> Origin:
    """Of one column of a mart.

    Args:
        model: the mart.
        meta: what its YAML says of it; ``carries`` names the staging model whose rows it holds.
        column: what its YAML says of the column; ``rule`` and ``indicator`` in its meta stand before all else.
        staging: of every staging model what its contracts call the columns that it calls otherwise.
    """
    name, said = column["name"], column["config"]["meta"]
    if "indicator" in said:
        code = said["indicator"]
        return Origin(_list(streams_of_indicator(code)), f"[`{code}`](indicators.md#{code.lower()})")
    if name in _GIVEN:
        return Origin("tệp nguồn · the file", "gán khi nạp · given on loading")
    if name == "as_of":
        return Origin("lô dữ liệu · the batches", "lần xuất mới nhất · the newest export")
    exported = _exported(name, meta, staging)
    if exported:
        return Origin(_list(exported), said.get("rule", "như được xuất · as exported"))
    cited = list(dict.fromkeys(_CITED.findall(column["description"])))
    rule = said.get("rule") or ("; ".join(cited) if cited else f"[SQL](../{nodes()[model].file})")
    return Origin("tính · computed", rule)


def sources_of(model: str) -> str:
    """Streams and seeds behind a model, in one line of Markdown."""
    parts = [_list(streams_of(model))] if streams_of(model) else []
    if reads_ledger(model):
        parts.append("sổ cái của mọi lô · the ledger of all batches")
    if seeds_of(model):
        parts.append(f"bảng cố định · seeds: {_list(seeds_of(model))}")
    return "; ".join(parts)


@cache
def streams_of_indicator(code: str) -> tuple[str, ...]:
    """Streams that an indicator's numerator and denominator can come from; none for one that is not fed.

    Those that the catalogue tells, and the list of agencies; if it tells none, those of the models that name it.
    """
    named = [node.name for node in above("rpt_indicator") if f"'{code}'" in _text(node.file)]
    streams = {stream for name in named for stream in streams_of(name)}
    told = {stream for i in catalogue().indicators if i.code == code for stream in i.streams}
    return tuple(sorted(told | (streams & {"reference.agencies"}) if told else streams))


@cache
def _text(file: str) -> str:
    return (_ROOT / file).read_text(encoding="utf-8")


def _exported(name: str, meta: dict[str, Any], staging: dict[str, dict[str, str]]) -> list[str]:
    """Columns of contracts that a column is carried from unchanged."""
    carries = meta.get("carries")
    if not carries or name in carries.get("but", ()):
        return []
    renamed = staging[carries["from"]]
    called = {name, *(theirs for theirs, ours in renamed.items() if ours == name)}
    tables = [stream.replace(".", "__") for stream in nodes()[carries["from"]].streams]
    return [
        f"{contract.name}.{column.name}"
        for contract in all_contracts()
        if contract.table in tables
        for column in contract.columns
        if column.name in called
    ]


def _list(names: list[str] | tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names) or "chưa có · none yet"
