"""Tables: columns with both languages, rows of values; as HTML for a page, and as the CSV that stands behind it."""

from __future__ import annotations

import base64
import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple

from markupsafe import Markup, escape

from pipelines.domain.formulas import guarded
from pipelines.domain.labels import REASONS, Text, text_of
from pipelines.domain.numbers import NOT_AVAILABLE
from pipelines.site.markup import SHOWN, bare, both

TEXT = "text"
BAR = "bar"
_REPEATED = 2**14  # cells that are kept for the next page
_NARROW, _MANY = 4, 8  # a table of fewer columns takes no more room than it needs; one of more is small on paper


class Link(NamedTuple):
    """A text that leads to another page of the site."""

    href: str
    text: Text


class State(NamedTuple):
    """A judgement in words; ``kind`` (good, fair, bad, plain) only colours it."""

    kind: str
    text: Text


class Reason(NamedTuple):
    """Why there is no value, by its code."""

    code: str


class Number(NamedTuple):
    """A number of another kind than its column's."""

    value: Any
    kind: str


class Column(NamedTuple):
    """``kind`` is ``text``, ``bar`` (a share with a bar) or a kind of numbers."""

    label: Text
    kind: str = TEXT


@dataclass(frozen=True)
class Table:
    """``name`` is that of its CSV. ``tags`` are attributes of each row, for filters, one tuple of pairs a row."""

    name: str
    caption: Text
    columns: Sequence[Column]
    rows: Sequence[Sequence[Any]]
    sortable: bool = False
    tags: Sequence[dict[str, str]] = field(default=())
    total_last: bool = False
    id: str = ""


def as_html(table: Table) -> Markup:
    """The table in a box that scrolls; its first column heads the rows."""
    kinds = [c.kind for c in table.columns]
    cells = [_cells[k] for k in kinds]
    head = "".join(_head(c, sortable=table.sortable) for c in table.columns)
    last = len(table.rows) - 1
    parts = []
    for place, row in enumerate(table.rows):
        tag = "".join(f' data-{k}="{escape(v)}"' for k, v in table.tags[place].items()) if table.tags else ""
        total = ' class="total"' if table.total_last and place == last else ""
        first = f'<th scope="row"{_sorted_by(row[0], kinds[0])}>{_shown(row[0], kinds[0])}</th>'
        parts.append(f"<tr{tag}{total}>{first}{''.join(f(v) for f, v in zip(cells[1:], row[1:], strict=True))}</tr>")
    mark = f' id="{table.id}"' if table.id else ""
    kinds_of = [name for name, on in (("sortable", table.sortable), ("many", len(kinds) > _MANY)) if on]
    kind = f' class="{" ".join(kinds_of)}"' if kinds_of else ""
    narrow = " narrow" if len(kinds) < _NARROW else ""
    return Markup(
        f'<div class="scroll{narrow}" tabindex="0" role="group" aria-labelledby="of-{table.name}">'
        f'<table{mark}{kind}><caption id="of-{table.name}">{both(table.caption)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(parts)}</tbody></table></div>"
    )


def _head(column: Column, *, sortable: bool) -> str:
    number = "" if column.kind == TEXT else ' class="n"'
    label = both(column.label)
    inner = f'<button type="button" class="sort">{label}</button>' if sortable else label
    return f'<th scope="col"{number}>{inner}</th>'


@lru_cache(_REPEATED)
def _link(href: str, text: Text) -> str:
    return f'<a href="{escape(href)}">{both(text)}</a>'


def _shown(value: Any, kind: str) -> str:
    if isinstance(value, Link):
        return _link(*value)
    if isinstance(value, State):
        return f'<span class="state {value.kind}">{both(value.text)}</span>'
    if isinstance(value, Reason):
        return f'<span class="na">{both(text_of(REASONS, value.code))}</span>'
    if value is None:
        return NOT_AVAILABLE
    return both(value) if kind == TEXT else SHOWN[kind](value)


def _sorted_by(value: Any, kind: str) -> str:
    if kind == TEXT or value is None or isinstance(value, Reason):
        return ""
    return f' class="{kind}" data-v="{bare(value)}"'


def _text_cell(value: Any) -> str:
    return f"<td>{_shown(value, TEXT)}</td>"


def _number_cell(kind: str) -> Callable[[Any], str]:
    shown = SHOWN[kind]

    @lru_cache(_REPEATED)
    def number(value: Any) -> str:
        return f'<td class="{kind}" data-v="{bare(value)}">{shown(value)}</td>'

    def cell(value: Any) -> str:
        if isinstance(value, Number):
            return _cells[value.kind](value.value)
        if value is None or isinstance(value, Reason):
            return f'<td class="n">{_shown(value, kind)}</td>'
        return number(value)

    return cell


def _bar_cell(value: Any) -> str:
    """A share as a number over a bar; the tick is the target. The value is ``(share, target)`` or one alone."""
    if isinstance(value, Number):
        return _cells[value.kind](value.value)
    share, target = value if isinstance(value, tuple) and not isinstance(value, Reason) else (value, None)
    if share is None or isinstance(share, Reason):
        return f'<td class="n">{_shown(share, "s")}</td>'
    tick = "" if target is None else f'<u style="left:{min(max(target, 0), 1) * 100:.1f}%"></u>'
    filled = f'<i style="width:{min(max(share, 0), 1) * 100:.1f}%"></i>'
    bar = f'<b aria-hidden="true">{filled}{tick}</b>'
    return f'<td class="s bar" data-v="{bare(share)}"><span>{SHOWN["s"](share)}</span>{bar}</td>'


_cells: dict[str, Callable[[Any], str]] = {
    TEXT: _text_cell,
    BAR: _bar_cell,
    **{kind: _number_cell(kind) for kind in SHOWN},
}


def as_csv(table: Table) -> str:
    """The same rows with bare values, for a spreadsheet: heads in both languages, no cell that is a formula."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([_joined(c.label) for c in table.columns])
    writer.writerows([[_plain(v) for v in row] for row in table.rows])
    return text.getvalue()


def csv_link(table: Table) -> str:
    """The CSV as an address that holds it whole, so that a page needs no file beside it."""
    return csv_address(as_csv(table))


def csv_address(text: str) -> str:
    """An address that holds a CSV whole, marked as UTF-8 for Excel."""
    held = base64.b64encode(b"\xef\xbb\xbf" + text.encode()).decode()
    return f"data:text/csv;charset=utf-8;base64,{held}"


def _plain(value: Any) -> str:
    if isinstance(value, tuple):
        return _plain_words(value)
    if isinstance(value, str):
        return guarded(value)
    return "" if value is None else bare(value)


def _plain_words(value: Any) -> str:
    if isinstance(value, Link | State):
        return _joined(value.text)
    if isinstance(value, Reason):
        return _joined(text_of(REASONS, value.code))
    return _joined(value) if isinstance(value, Text) else _plain(value[0])


@lru_cache(_REPEATED)
def _joined(text: Text) -> str:
    return guarded(text.vi if text.vi == text.en else f"{text.vi} | {text.en}")
