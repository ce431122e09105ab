"""Which type the values of a column have, for a drafted contract: taken only when every value is of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from pipelines.domain.contracts import ColumnType
from pipelines.domain.text import canonical_key
from pipelines.formats.canonical import EXCEL_SERIAL, UTC

_WHOLE = re.compile(r"-?(0|[1-9]\d{0,14})|-?[1-9]\d{0,2}(\.\d{3})+")
_WITH_COMMA = re.compile(r"-?\d{1,15}(,\d+)?|-?[1-9]\d{0,2}(\.\d{3})+(,\d+)?")
_WITH_POINT = re.compile(r"-?(0|[1-9]\d{0,14})(\.\d+)?")
_THREE_PLACES = re.compile(r"-?\d{1,3}\.\d{3}")
_PERCENT = re.compile(r"\s*%$")
_LEADING_ZERO = re.compile(r"-?0\d+")
_CODE = re.compile(r"^(ma|code|id)|(code|id|ma)$")
_CODE_WORD = re.compile(r"\b(mã|code)\b", re.IGNORECASE)
_DAY_WORD = re.compile(r"ngay|date|thoidiem|thoigian|time|luc")
_YES_NO = ({"true", "false"}, {"có", "không"}, {"yes", "no"})
_ENOUGH = 0.9
# Forms of a moment: how it looks, the pattern by which it is read, whether it has a time of day.
_FORMS: tuple[tuple[re.Pattern[str], str, bool], ...] = (
    (re.compile(r"\d{4}-\d\d-\d\d"), "", False),
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z"), UTC, True),
    (re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d(\.\d+)?)?"), "", True),
    (re.compile(r"(19|20)\d{12}"), "%Y%m%d%H%M%S", True),
    *(
        (re.compile(rf"\d{{1,2}}{re.escape(s)}\d{{1,2}}{re.escape(s)}{digits}{look}"), f"%d{s}%m{s}{y}{how}", bool(how))
        for s in "/-."
        for y, digits in (("%Y", r"\d{4}"), ("%y", r"\d\d"))
        for look, how in (("", ""), (r" \d{1,2}:\d\d", " %H:%M"), (r" \d{1,2}:\d\d:\d\d", " %H:%M:%S"))
    ),
)  # fmt: skip
# Digits alone are a day only under a header that speaks of one.
_BARE_FORMS: tuple[tuple[re.Pattern[str], str, bool], ...] = (
    (re.compile(r"(19|20)\d{6}"), "%Y%m%d", False),
    (re.compile(r"[34]\d{4}(\.\d+)?"), EXCEL_SERIAL, True),
)


@dataclass(frozen=True)
class TypeFound:
    """A type with the formats that its values come in; ``why`` is for the reader of the draft, empty when plain."""

    type: ColumnType = ColumnType.TEXT
    formats: tuple[str, ...] = ()
    why: str = ""


def type_of(label: str, values: Sequence[str]) -> TypeFound:
    """The type of a column by its values, none of them empty.

    Codes stay text: those with leading zeros, those of more digits than a sheet keeps, and those that are called so.
    """
    if not values:
        return TypeFound(why="no value in the rows that were looked at")
    moment = _moment(label, values)
    if moment is not None:
        return moment
    if {v.casefold() for v in values} in _YES_NO:
        return TypeFound(ColumnType.BOOLEAN)
    return _number(label, values)


def _number(label: str, values: Sequence[str]) -> TypeFound:
    bare = [_PERCENT.sub("", v) for v in values]
    numeric = sum(bool(_WITH_COMMA.fullmatch(v) or _WITH_POINT.fullmatch(v)) for v in bare)
    if numeric < len(bare):
        told = f"{len(bare) - numeric} of {len(bare)} values are no numbers" if numeric >= _ENOUGH * len(bare) else ""
        return TypeFound(why=told)
    if any(map(_LEADING_ZERO.fullmatch, bare)):
        return TypeFound(why="leading zeros: a code, kept as text")
    if any(len(v.lstrip("-").split(",")[0].replace(".", "")) > 15 for v in bare):
        return TypeFound(why="more digits than a sheet keeps: a code, kept as text")
    if _CODE_WORD.search(label) or (_CODE.search(canonical_key(label)) and len({len(v) for v in bare}) == 1):
        return TypeFound(why="called a code, kept as text")
    if bare == list(values) and all(map(_WHOLE.fullmatch, bare)):
        dotted = any("." in v for v in bare)
        return TypeFound(ColumnType.INTEGER, why="points are taken for thousands" if dotted else "")
    return _decimal(bare, percent=bare != list(values))


def _decimal(bare: Sequence[str], *, percent: bool) -> TypeFound:
    """Points between thousands and a comma before decimals, or points before decimals; not both in one column."""
    told = "percent: 82,81% is kept as 82.81" if percent else ""
    if all(map(_WITH_COMMA.fullmatch, bare)):
        return TypeFound(ColumnType.DECIMAL, why=told)
    if any("," in v for v in bare) or any(map(_THREE_PLACES.fullmatch, bare)):
        return TypeFound(why="a point stands before thousands or decimals, which is not clear: kept as text")
    return TypeFound(ColumnType.DECIMAL, why=told)


def _moment(label: str, values: Sequence[str]) -> TypeFound | None:
    forms = _FORMS + (_BARE_FORMS if _DAY_WORD.search(canonical_key(label)) else ())
    found: dict[str, list[str]] = {}
    timed, other = False, 0
    for value in values:
        form = next((f for f in forms if f[0].fullmatch(value)), None)
        if form is None:
            other += 1
            continue
        timed = timed or form[2]
        found.setdefault(form[1], []).append(value)
    if other:
        few = found and other <= (1 - _ENOUGH) * len(values)
        return TypeFound(why=f"{other} of {len(values)} values are no dates") if few else None
    return _ordered(TypeFound(ColumnType.DATETIME if timed else ColumnType.DATE), found)


def _ordered(base: TypeFound, found: dict[str, list[str]]) -> TypeFound:
    """The formats with day and month in the order that the values prove; days first where they prove none."""
    days_first = {f: _reads(f, v) for f, v in found.items()}
    months_first = {f: _reads(_swapped(f), v) for f, v in found.items()}
    open_order = [f for f in found if "%d" in f and f != _swapped(f)]
    if all(days_first.values()):
        unsure = open_order and all(months_first[f] for f in open_order)
        why = "no day above 12: the day is taken to come first" if unsure else ""
        return replace(base, formats=tuple(f for f in found if f), why=why)
    if all(days_first[f] or months_first[f] for f in found) and not any(days_first[f] for f in open_order):
        return replace(base, formats=tuple(_swapped(f) for f in found if f), why="the month comes first")
    return TypeFound(why="looks like dates, and some are none or have day and month in another order: kept as text")


def _swapped(pattern: str) -> str:
    """The pattern with the month before the day; one that starts with the year has one order only."""
    return re.sub(r"^%d(.)%m", r"%m\1%d", pattern)


def _reads(pattern: str, values: Sequence[str]) -> bool:
    if pattern in (UTC, EXCEL_SERIAL):
        return True
    return all(_is_moment(v, pattern) for v in values)


def _is_moment(value: str, pattern: str) -> bool:
    try:
        if pattern:
            datetime.strptime(value, pattern)
        else:
            datetime.fromisoformat(value)
    except ValueError:
        return False
    return True
