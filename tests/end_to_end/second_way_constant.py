"""Constant geography a second time, agency by agency and month by month, written from ``docs/agencies.md`` alone.

Nothing of the pipeline is imported here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pandas as pd

from tests.end_to_end.second_way_months import Cell

PERIODS = {"month": "M", "quarter": "Q", "year": "Y"}


@dataclass(frozen=True)
class Change:
    """A row of the list of successions."""

    origin: str
    to: str
    on: pd.Timestamp
    kind: str
    weight: float


@dataclass(frozen=True)
class Part:
    """What of a figure stands with an agency."""

    agency: str
    weight: float = 1.0
    only_renamed: bool = True


@dataclass(frozen=True)
class Figure:
    """One cell of the mart: counts (or a value), or the reason for none."""

    whole: float = 0.0
    part: float = 0.0
    value: float | None = None
    # Of several parts any may be told.
    reasons: frozenset[str] = frozenset()
    moved: bool = False
    estimated: bool = False


class Geography:
    """The agencies of one day, and the way to them of every figure of before."""

    def __init__(self, changes: Iterable[Change], day: pd.Timestamp) -> None:
        self.rows = [c for c in changes if c.on <= day]

    def _days(self, agency: str) -> list[pd.Timestamp]:
        return sorted({c.on for c in self.rows if c.origin == agency})

    def _has_ended(self, agency: str, start: pd.Timestamp) -> pd.Timestamp | None:
        """The day on which the code ended, if it is not in use again at ``start``."""
        before = [day for day in self._days(agency) if day <= start]
        if not before:
            return None
        last = before[-1]
        goes_on = any(c.origin == c.to == agency and c.on == last for c in self.rows)
        again = any(c.to == agency and last <= c.on <= start for c in self.rows)
        return None if goes_on or again else last

    def parts(self, agency: str, start: pd.Timestamp) -> list[Part]:
        """With whom a figure of the period that begins at ``start`` stands."""
        ended = self._has_ended(agency, start)
        return self._follow(Part(agency), ended) if ended is not None else self._onwards(Part(agency), start)

    def _onwards(self, part: Part, since: pd.Timestamp) -> list[Part]:
        later = [day for day in self._days(part.agency) if day > since]
        return self._follow(part, later[0]) if later else [part]

    def _follow(self, part: Part, day: pd.Timestamp) -> list[Part]:
        found: dict[str, Part] = {}
        for c in self.rows:
            if c.origin != part.agency or c.on != day:
                continue
            step = Part(c.to, part.weight * c.weight, part.only_renamed and c.kind == "rename")
            for end in self._onwards(step, day):
                other = found.get(end.agency, Part(end.agency, 0.0))
                renamed = end.only_renamed and other.only_renamed
                found[end.agency] = Part(end.agency, end.weight + other.weight, renamed)
        return list(found.values())


Shares = dict[tuple[str, pd.Timestamp], list[tuple[str, Part]]]


def shares_of(cells: Iterable[Cell], geography: Geography) -> Shares:
    """For each agency of the geography and each period, whose figures stand there, and how much of them."""
    found: Shares = {}
    for agency, start in cells:
        for part in geography.parts(agency, start):
            found.setdefault((part.agency, start), []).append((agency, part))
    return found


def counted(
    flow: pd.DataFrame, stock: pd.DataFrame | None, hidden: Mapping[Cell, str], geography: Geography
) -> dict[str, dict[Cell, Figure]]:
    """Counts that can be added: months are shared out, then added up to quarters and years.

    A month of which a part is hidden is hidden; a longer period is what its shown months make, with the newest stock.
    """
    flows, stocks = as_dict(flow), as_dict(stock) if stock is not None else {}
    shares = shares_of({*flows, *stocks, *hidden}, geography)
    months = {cell: _month(cell[1], given, flows, stocks, hidden) for cell, given in shares.items()}
    found: dict[str, dict[Cell, Figure]] = {}
    for name, period in PERIODS.items():
        groups: dict[Cell, list[tuple[pd.Timestamp, Figure, Figure]]] = {}
        for (agency, start), (of_flow, of_stock) in months.items():
            first = start.to_period(period).to_timestamp()
            groups.setdefault((agency, first), []).append((start, of_flow, of_stock))
        found[name] = {cell: _longer(parts) for cell, parts in groups.items()}
    return found


def as_dict(table: pd.DataFrame) -> dict[Cell, tuple[float, float]]:
    """The whole and the part of each cell."""
    return dict(zip(table.index, zip(table["all"], table["part"], strict=True), strict=True))


def _month(
    start: pd.Timestamp,
    given: list[tuple[str, Part]],
    flows: Mapping[Cell, tuple[float, float]],
    stocks: Mapping[Cell, tuple[float, float]],
    hidden: Mapping[Cell, str],
) -> tuple[Figure, Figure]:
    reasons = frozenset(hidden[agency, start] for agency, _ in given if (agency, start) in hidden)
    moved = any(agency != part.agency for agency, part in given)
    estimated = any(part.weight < 1 for _, part in given)

    def summed(table: Mapping[Cell, tuple[float, float]]) -> Figure:
        pairs = [(table.get((agency, start), (0, 0)), part.weight) for agency, part in given]
        whole, some = (sum(pair[i] * weight for pair, weight in pairs) for i in (0, 1))
        return Figure(whole, some, None, reasons, moved, estimated)

    return summed(flows), summed(stocks)


def _longer(parts: list[tuple[pd.Timestamp, Figure, Figure]]) -> Figure:
    shown = sorted(((start, flow, stock) for start, flow, stock in parts if not flow.reasons), key=lambda p: p[0])
    moved, estimated = any(flow.moved for _, flow, _ in parts), any(flow.estimated for _, flow, _ in parts)
    if not shown:
        reasons = frozenset[str]().union(*(flow.reasons for _, flow, _ in parts))
        return Figure(reasons=reasons, moved=moved, estimated=estimated)
    newest = shown[-1][2]
    whole = sum(flow.whole for _, flow, _ in shown) + newest.whole
    some = sum(flow.part for _, flow, _ in shown) + newest.part
    return Figure(whole, max(some, 0.0), moved=moved, estimated=estimated)


def given_once(told: Mapping[Cell, Figure], geography: Geography) -> dict[Cell, Figure]:
    """Ranks, scores and what is counted once in a period: an agency's own, also renamed, or ``not_additive``."""
    found = {}
    for cell, given in shares_of(told, geography).items():
        ((agency, part),) = given if len(given) == 1 else (("", Part("")),)
        is_own = len(given) == 1 and part.weight == 1 and (agency == part.agency or part.only_renamed)
        own = told[agency, cell[1]] if is_own else Figure(reasons=frozenset({"not_additive"}))
        moved = any(a != p.agency for a, p in given)
        found[cell] = Figure(own.whole, own.part, own.value, own.reasons, moved)
    return found
