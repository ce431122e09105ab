"""Draws the flowcharts of Mermaid that our pages hold, when Sphinx builds them: no script, no network.

A git host draws them itself. Understood is what `docs/lineage.md` is made of: nodes with a text in brackets, and
`a --> b`. Columns go from left to right by the longest way; within one, nodes lie near those that they come from.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from graphlib import TopologicalSorter
from html import escape
from typing import NamedTuple

from docutils import nodes
from sphinx.application import Sphinx

_NODE = re.compile(r'^\s*(\w+)(\W+)"([^"]*)"\W+$')
_EDGE = re.compile(r"^\s*(\w+) --> (\w+)\s*$")
_LETTER, _PAD, _HEIGHT, _GAP, _BETWEEN = 7, 10, 26, 12, 60
_SWEEPS = 8
_ROUND = {"[(": 13, "([": 13, "[/": 0}  # corners by Mermaid's brackets: streams and marts are round, seeds sharp


class _Box(NamedTuple):
    x: float
    y: float
    width: float


def svg_of(text: str) -> str:
    """A flowchart as SVG in the colour of the text around it."""
    lines = text.splitlines()[1:]
    labels = {m[1]: (m[3], m[2]) for line in lines if (m := _NODE.match(line))}
    before: dict[str, list[str]] = {name: [] for name in labels}
    for line in lines:
        if m := _EDGE.match(line):
            before[m[2]].append(m[1])
    boxes = _boxes({name: label for name, (label, _) in labels.items()}, before)
    width = max(b.x + b.width for b in boxes.values())
    height = max(b.y for b in boxes.values()) + _HEIGHT
    edges = "".join(_edge(boxes[a], boxes[b]) for b, many in before.items() for a in many)
    drawn = "".join(_box(boxes[name], *labels[name]) for name in labels)
    return (
        f'<svg class="flowchart" role="img" aria-label="{escape(_told(labels, before))}" '
        f'viewBox="-1 -1 {width + 2:.0f} {height + 2:.0f}" width="{width + 2:.0f}" style="max-width:none">'
        f'<g fill="none" stroke="currentColor" stroke-opacity=".35">{edges}</g>'
        f'<g font-size="12">{drawn}</g></svg>'
    )


def _boxes(labels: Mapping[str, str], before: Mapping[str, list[str]]) -> dict[str, _Box]:
    level: dict[str, int] = {}
    for name in TopologicalSorter(before).static_order():
        level[name] = 1 + max((level[b] for b in before[name]), default=-1)
    columns: dict[int, list[str]] = defaultdict(list)
    for name in sorted(level, key=lambda n: (level[n], n)):
        columns[level[name]].append(name)
    after: dict[str, list[str]] = defaultdict(list)
    for name, many in before.items():
        for b in many:
            after[b].append(name)
    for sweep in range(_SWEEPS):
        _draw_near(columns, before if sweep % 2 == 0 else after)
    made, x = {}, 0.0
    tallest = max(map(len, columns.values()))
    for _, names in sorted(columns.items()):
        width = max(len(labels[n]) for n in names) * _LETTER + 2 * _PAD
        top = (tallest - len(names)) * (_HEIGHT + _GAP) / 2
        made |= {n: _Box(x, top + place * (_HEIGHT + _GAP), width) for place, n in enumerate(names)}
        x += width + _BETWEEN
    return made


def _draw_near(columns: Mapping[int, list[str]], neighbours: Mapping[str, list[str]]) -> None:
    """Sort each column by where its neighbours lie on the whole."""
    place = {n: (k + 0.5) / len(names) for names in columns.values() for k, n in enumerate(names)}
    for names in columns.values():
        near = {n: [place[m] for m in neighbours.get(n, ())] or [place[n]] for n in names}
        names.sort(key=lambda n, near=near: sum(near[n]) / len(near[n]))


def _edge(a: _Box, b: _Box) -> str:
    x, y, to_x, to_y = a.x + a.width, a.y + _HEIGHT / 2, b.x, b.y + _HEIGHT / 2
    bend = _BETWEEN / 2
    return f'<path d="M{x:.0f} {y:.0f}C{x + bend:.0f} {y:.0f} {to_x - bend:.0f} {to_y:.0f} {to_x:.0f} {to_y:.0f}"/>'


def _box(box: _Box, label: str, brackets: str) -> str:
    corner = _ROUND.get(brackets, 4)
    return (
        f'<rect x="{box.x:.0f}" y="{box.y:.0f}" width="{box.width:.0f}" height="{_HEIGHT}" rx="{corner}" '
        'style="fill:var(--color-background-primary,#fff)" stroke="currentColor"/>'
        f'<text fill="currentColor" x="{box.x + _PAD:.0f}" y="{box.y + 17:.0f}">{escape(label)}</text>'
    )


def _told(labels: Mapping[str, tuple[str, str]], before: Mapping[str, list[str]]) -> str:
    """The chart in words, for those who hear the page."""
    names = {name: label for name, (label, _) in labels.items()}
    return "; ".join(f"{names[b]} from {', '.join(names[a] for a in many)}" for b, many in before.items() if many)


def _draw(app: Sphinx, doctree: nodes.document) -> None:
    for block in list(doctree.findall(nodes.literal_block)):
        if block.get("language") == "mermaid" and app.builder.format == "html":
            scrolled = f'<div style="overflow-x:auto" tabindex="0">{svg_of(block.astext())}</div>'
            block.replace_self(nodes.raw("", scrolled, format="html"))


def setup(app: Sphinx) -> dict[str, bool]:
    """Draw when a page was read."""
    app.connect("doctree-read", _draw)
    return {"parallel_read_safe": True}
