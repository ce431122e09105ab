"""Texts in both languages and numbers, as HTML.

Both languages stand in a page and the style sheet shows one. A number stands there as a Vietnamese reader writes it,
with its bare value beside (``data-v``), from which the script writes the English form and sorts.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import lru_cache
from html import escape
from typing import Any

from markupsafe import Markup

from pipelines.domain.labels import Text
from pipelines.domain.numbers import NOT_AVAILABLE, vi_count, vi_decimal, vi_percent

_REPEATED = 2**14  # the same names, months and round numbers stand on page after page
# Kinds of numbers: the class of an element that holds one. The script knows the same letters.
SHARE, COUNT, POINTS, CHANGE, DAY, MONTH = "s", "c", "p", "g", "d", "m"
UNITS = {"share": SHARE, "count": COUNT, "points": POINTS, "rank": COUNT}


@lru_cache(_REPEATED)
def both(text: Text | str) -> Markup:
    """A text in both languages; once where they are the same."""
    if isinstance(text, str):
        return Markup(escape(text))
    if text.vi == text.en:
        return Markup(escape(text.vi))
    return Markup(f'<span lang="vi">{escape(text.vi)}</span><span lang="en">{escape(text.en)}</span>')


def change(value: float | None) -> str:
    """A difference of shares in points of a per cent, with its sign."""
    if value is None:
        return NOT_AVAILABLE
    sign = "+" if value > 0 else "−" if value < 0 else "±"
    return f"{sign}{vi_decimal(abs(value) * 100)}"


def day(value: date | None) -> str:
    """A day as 31/12/2022."""
    return NOT_AVAILABLE if value is None else f"{value:%d/%m/%Y}"


@lru_cache(_REPEATED)
def month(value: date | None) -> str:
    """A month as 04/2021."""
    return NOT_AVAILABLE if value is None else f"{value:%m/%Y}"


SHOWN: dict[str, Callable[[Any], str]] = {
    SHARE: vi_percent,
    COUNT: vi_count,
    POINTS: vi_decimal,
    CHANGE: change,
    DAY: day,
    MONTH: month,
}


@lru_cache(_REPEATED)
def bare(value: Any) -> str:
    """A value for ``data-v``: a number with a point, a day of ISO form."""
    return f"{value:.9g}" if isinstance(value, float) else str(value)


def number(value: Any, kind: str, tag: str = "span") -> Markup:
    """A number in an element of its own; a dash where there is none."""
    if value is None:
        return Markup(NOT_AVAILABLE)
    return Markup(f'<{tag} class="{kind}" data-v="{bare(value)}">{SHOWN[kind](value)}</{tag}>')
