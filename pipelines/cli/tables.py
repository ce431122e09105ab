"""Tables that stay readable at any width: words, codes, file names and numbers are never broken."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import chain
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import RenderableType

_GAP = 2  # blanks between columns; rich draws one of them itself


def drawn(
    head: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    right: Collection[int] = (),
    less: Sequence[int] = (),
    room: int,
) -> RenderableType:
    """A table in ``room`` signs; where its columns do not fit, with fewer, or each row as lines of their own.

    Args:
        head: names of the columns.
        rows: their cells, as text.
        right: columns of numbers, which are never wrapped.
        less: columns that may be left out where there is no room, the first one first.
        room: the width that there is.
    """
    for fewer in range(len(less) + 1):
        kept = [place for place in range(len(head)) if place not in less[:fewer]]
        columns = [(head[place], *(row[place] for row in rows)) for place in kept]
        numbers = {new for new, place in enumerate(kept) if place in right}
        widths = _widths(columns, numbers, room)
        if widths is not None:
            return _side_by_side(columns, numbers, widths)
    return _stacked(head, rows)


def _widths(columns: Sequence[Sequence[str]], right: Collection[int], room: int) -> list[int] | None:
    """A width for each column, no word broken; None when there is no room for that.

    What is left over goes to the columns in proportion to what they would like to have, so that
    long sentences get most of it.
    """
    from rich.cells import cell_len

    most = [max(map(cell_len, cells)) for cells in columns]
    least = [
        max(map(cell_len, (*name.split(), *(cells if place in right else chain(*map(str.split, cells))))), default=0)
        for place, (name, *cells) in enumerate(columns)
    ]
    spare = room - _GAP * (len(columns) - 1) - sum(least)
    if spare < 0:
        return None
    wish = [m - n for m, n in zip(most, least, strict=True)]
    if sum(wish) <= spare:
        return most
    return [n + spare * w // sum(wish) for n, w in zip(least, wish, strict=True)]


def _side_by_side(columns: Sequence[Sequence[str]], right: Collection[int], widths: Sequence[int]) -> RenderableType:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=(0, _GAP - 1, 0, 0))
    for place, ((name, *_), width) in enumerate(zip(columns, widths, strict=True)):
        table.add_column(Text(name), justify="right" if place in right else "left", width=width)
    for row in zip(*(cells for _, *cells in columns), strict=True):
        table.add_row(*map(Text, row))
    return table


def _stacked(head: Sequence[str], rows: Sequence[Sequence[str]]) -> RenderableType:
    """Each row under its first cell; empty cells are left out."""
    from rich.console import Group
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

    blocks: list[RenderableType] = []
    for first, *others in rows:
        lines = Table.grid(padding=(0, _GAP, 0, 0))
        lines.add_column(style="dim", width=max(map(len, head[1:]), default=0))
        lines.add_column(overflow="fold")
        for name, cell in zip(head[1:], others, strict=True):
            if cell:
                lines.add_row(Text(name), Text(cell))
        blocks += [Text(first, style="bold", overflow="fold"), Padding(lines, (0, 0, 1, _GAP))]
    return Group(*blocks)
