"""What each model of the warehouse reads: other models, seeds and streams, as its own text says.

So a model names what its macros read, and hands it to them; a test holds the graph equal to that of dbt.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_WAREHOUSE = Path(__file__).resolve().parents[2] / "warehouse"
LAYERS = ("staging", "intermediate", "marts")

_REF = re.compile(r"""\bref\(\s*['"](\w+)['"]\s*\)""")
_QUOTED = re.compile(r"""['"](\w+)['"]""")  # a model may stand in a list that is looped over
_RAW = re.compile(r"""\bsource\(\s*['"]raw['"]\s*,\s*['"](\w+?)(?:_all)?['"]\s*\)""")


@dataclass(frozen=True)
class Node:
    """One model: its layer, its file as the project names it, and what it reads itself; ``ledger``: of the batches."""

    name: str
    layer: str
    file: str
    models: tuple[str, ...]
    seeds: tuple[str, ...]
    streams: tuple[str, ...]
    ledger: bool


@cache
def nodes() -> dict[str, Node]:
    """Every model by name, in the order of layers and names."""
    files = [path for layer in LAYERS for path in sorted((_WAREHOUSE / "models" / layer).glob("*.*"))]
    files = [path for path in files if path.suffix in (".sql", ".py")]
    names = {path.stem for path in files}
    return {path.stem: _node(path, names) for path in files}


def above(name: str) -> tuple[Node, ...]:
    """The model and all that it comes from, layer by layer."""
    found: set[str] = set()
    waiting = [name]
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting += nodes()[one].models
    return tuple(node for node in nodes().values() if node.name in found)


def streams_of(name: str) -> tuple[str, ...]:
    """Streams that a model's rows can come from, as ``source.stream``."""
    return _sorted(stream for node in above(name) for stream in node.streams)


def seeds_of(name: str) -> tuple[str, ...]:
    """Seeds that a model's rows can depend on."""
    return _sorted(seed for node in above(name) for seed in node.seeds)


def reads_ledger(name: str) -> bool:
    """Whether a model counts batches and what was found in them, of whatever stream."""
    return any(node.ledger for node in above(name))


def _node(path: Path, names: set[str]) -> Node:
    text = re.sub(r"^\s*(?:--|#(?!\})).*$", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    refs = {*_REF.findall(text), *(names & {*_QUOTED.findall(text)})} - {path.stem}
    return Node(
        name=path.stem,
        layer=path.parent.name,
        file=str(path.relative_to(_WAREHOUSE.parent)),
        models=_sorted(refs & names),
        seeds=_sorted(refs - names),
        streams=_sorted(table.replace("__", ".", 1) for table in _RAW.findall(text)),
        ledger="source('audit'" in text,
    )


def _sorted(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(names)))
