"""The period that a title or a file's name tells (``domain.md`` §2.4): ``Quý I/2021``, ``từ ngày … đến ngày …``."""

from __future__ import annotations

import calendar
import re
import unicodedata
from collections.abc import Iterable
from datetime import date

Period = tuple[date, date]

_D = str.maketrans({"đ": "d", "Đ": "d", "ð": "d", "Ð": "d", "–": "-", "—": "-"})
_DAY = r"(?:ngay )?(\d{1,2})(?: ?[/.-] ?| thang )(\d{1,2})(?:(?: ?[/.-] ?| nam )(\d{4}))?"
_FROM_TO = re.compile(rf"\b(?:tu )?{_DAY} ?(?:den|-)(?: het)? {_DAY}(?!\d)")
_MONTHS = re.compile(
    r"\btu thang (\d{1,2})(?:(?: ?[/.-] ?| nam )(\d{4}))? ?(?:den|-)(?: het)? thang (\d{1,2})(?: ?[/.-] ?| nam )(\d{4})"
)
_ONE_DAY = re.compile(
    r"\bngay \d{1,2}(?: ?[/.-] ?| thang )\d{1,2}(?:(?: ?[/.-] ?| nam )\d{4})?|\b\d{1,2}[/.-]\d{1,2}[/.-]\d{4}"
)
_QUARTER = re.compile(r"\bquy (i{1,3}|iv|[1-4])(?: ?[/.,-] ?| nam | )(\d{4})\b")
_HALF = re.compile(r"\b(6|sau) thang (dau|cuoi)(?: cua)? nam (\d{4})\b")
_FIRST = re.compile(r"\b(3|9|ba|chin) thang dau(?: cua)? nam (\d{4})\b")
_MONTH = re.compile(r"\b(?:thang |t)(\d{1,2})(?: ?[/.,-] ?| nam | )(\d{4})\b")
_YEAR = re.compile(r"\bnam (\d{4})\b")
_PART = re.compile(r"\b(thang|quy) (\d|[iv])|\d thang\b")
# Laws and forms carry dates of their own: "Thông tư số 02/2017/TT-VPCP ngày 31 tháng 10 năm 2017".
_LAW = re.compile(r"\b(thong tu|nghi dinh|quyet dinh|nghi quyet|cong van|ban hanh|kem theo|can cu|luat)\b")
_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4}


def period_in(texts: Iterable[str]) -> Period | None:
    """First and last day of the one period that texts tell; None when they tell none, or several.

    A span of days outranks a month, a quarter or a half year, and those a whole year.
    """
    found: tuple[set[Period], ...] = (set(), set(), set())
    for text in texts:
        told = _of_line(_plain(text))
        if told is not None:
            found[told[0]].add(told[1])
    best = next((periods for periods in found if periods), set())
    return next(iter(best)) if len(best) == 1 else None


def period_of_stamp(stamp: str | None) -> Period | None:
    """The period of a manifest: ``202104`` is a month, ``20210405`` a day; None for ``all`` and what is no date."""
    if stamp is None or not stamp.isdigit() or len(stamp) not in (6, 8):
        return None
    if len(stamp) == 6:
        return _span(int(stamp[:4]), int(stamp[4:]), int(stamp[4:]))
    day = _date(int(stamp[:4]), int(stamp[4:6]), int(stamp[6:]))
    return (day, day) if day else None


def _plain(text: str) -> str:
    """Small letters without marks, single blanks; the signs of dates stay."""
    decomposed = unicodedata.normalize("NFD", text.translate(_D).casefold())
    return " ".join("".join(c for c in decomposed if not unicodedata.combining(c)).replace("_", " ").split())


def _of_line(line: str) -> tuple[int, Period] | None:
    """The period of a line and its rank: 0 for a span, 1 within a year, 2 for a year."""
    span = _from_to(line)
    if span is not None:
        return 0, span
    if _LAW.search(line):
        return None
    rest = _ONE_DAY.sub(" ", line)
    part = _part_of_year(rest)
    if part is not None:
        return 1, part
    years = set() if _PART.search(rest) else set(_YEAR.findall(rest))
    return (2, period) if len(years) == 1 and (period := _span(int(years.pop()), 1, 12)) else None


def _from_to(line: str) -> Period | None:
    days = _FROM_TO.search(line)
    if days is not None:
        d1, m1, y1, d2, m2, y2 = (int(n) if n else None for n in days.groups())
        if y2 is None or d1 is None or m1 is None or d2 is None or m2 is None:
            return None
        last = _date(y2, m2, d2)
        # Where the first year is left out it is that of the last day, or the one before when the year turns between.
        years = [y1] if y1 is not None else [y2, y2 - 1]
        firsts = [f for y in years if (f := _date(y, m1, d1)) is not None and last is not None and f <= last]
        return (firsts[0], last) if firsts and last is not None else None
    months = _MONTHS.search(line)
    if months is None:
        return None
    first_month, first_year, last_month, year = months.groups()
    first = _span(int(first_year or year), int(first_month), int(first_month))
    last_span = _span(int(year), int(last_month), int(last_month))
    return (first[0], last_span[1]) if first and last_span and first[0] <= last_span[0] else None


def _part_of_year(line: str) -> Period | None:
    """A month, a quarter or the first months of a year; None when the line names several."""
    found: set[Period | None] = set()
    for quarter, year in _QUARTER.findall(line):
        number = _ROMAN.get(quarter) or int(quarter)
        found.add(_span(int(year), number * 3 - 2, number * 3))
    for _, half, year in _HALF.findall(line):
        found.add(_span(int(year), *((1, 6) if half == "dau" else (7, 12))))
    for count, year in _FIRST.findall(line):
        found.add(_span(int(year), 1, 3 if count in ("3", "ba") else 9))
    for month, year in _MONTH.findall(line):
        found.add(_span(int(year), int(month), int(month)))
    found.discard(None)
    return found.pop() if len(found) == 1 else None


def _span(year: int, first_month: int, last_month: int) -> Period | None:
    first = _date(year, first_month, 1)
    if first is None or not 1 <= last_month <= 12:
        return None
    return first, date(year, last_month, calendar.monthrange(year, last_month)[1])


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day) if 1990 <= year <= 2100 else None
    except ValueError:
        return None
