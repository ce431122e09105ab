"""Makes ``docs/lineage.md``: the way of every published table from the streams, as the models' own text tells it.

``python -m pipelines.flows.data_dictionary`` writes it beside the data dictionary.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from pipelines.flows.model_graph import Node, above, nodes, reads_ledger, seeds_of, streams_of

PAGE = Path(__file__).resolve().parents[2] / "docs" / "lineage.md"

_HEAD = """# Đường đi của dữ liệu · Lineage

Trang này sinh từ chính các mô hình; đừng sửa tay. Generated from the text of the models by
`python -m pipelines.flows.data_dictionary`; do not edit.

Luồng → chuẩn hóa → trung gian → bảng công bố. Từng cột: [từ điển dữ liệu](data-dictionary.md). Từ một con số đến các
tệp của nó: `cchc trace`. · Streams → staging → intermediate → marts. Column by column: the
[data dictionary](data-dictionary.md). From a figure to its files: `cchc trace`.

"""
_STREAMS = "mọi luồng, qua sổ cái · all streams, by the ledger"
_SHAPES = {"stream": '{0}[("{1}")]', "seed": '{0}[/"{1}"/]', "model": '{0}["{1}"]', "mart": '{0}(["{1}"])'}


def page() -> str:
    """The whole page as Markdown."""
    marts = [node for node in nodes().values() if node.layer == "marts"]
    return "".join([_HEAD, *_table(marts), *(_section(mart) for mart in marts)])


def _table(marts: list[Node]) -> Iterator[str]:
    yield "| Bảng công bố · Mart | Luồng · Streams | Bảng cố định · Seeds |\n|---|---|---|\n"
    for mart in marts:
        yield f"| [`{mart.name}`](#{mart.name}) | {_streams(mart.name)} | {_names(seeds_of(mart.name))} |\n"


def _streams(name: str) -> str:
    return _STREAMS if reads_ledger(name) else _names(streams_of(name))


def _names(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _section(mart: Node) -> str:
    """A diagram of one mart: shapes first, then arrows, both in a fixed order."""
    way = above(mart.name)
    shapes = [_shape("stream", stream) for stream in streams_of(mart.name)]
    shapes += [_shape("seed", seed) for seed in seeds_of(mart.name)]
    shapes += [_shape("mart" if node.layer == "marts" else "model", node.name) for node in way]
    arrows = [
        f"{_key(kind, origin)} --> {_key('model', node.name)}"
        for node in way
        for kind, origins in (("stream", node.streams), ("seed", node.seeds), ("model", node.models))
        for origin in origins
    ]
    lines = "\n".join(f"  {line}" for line in [*shapes, *arrows])
    return f"\n## `{mart.name}`\n\n[{mart.file}](../{mart.file})\n\n```mermaid\nflowchart LR\n{lines}\n```\n"


def _shape(kind: str, name: str) -> str:
    return _SHAPES[kind].format(_key(kind, name), name)


def _key(kind: str, name: str) -> str:
    """A mermaid identifier; a stream and a model may bear the same name."""
    prefix = {"stream": "stream_", "seed": "seed_"}.get(kind, "")
    return prefix + name.replace(".", "_")
