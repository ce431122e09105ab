"""What the first page asks its reader to look at: how much of it there is, where, and the first places."""

from __future__ import annotations

from itertools import groupby
from typing import NamedTuple

from pipelines.domain.labels import Text
from pipelines.site.figures.levels import LevelFigures
from pipelines.site.figures.overview import OverviewFigures
from pipelines.site.figures.province import Province
from pipelines.site.quality_tables import stream_name
from pipelines.site.tables import Link
from pipelines.site.words import LEVELS
from pipelines.sources.registry import all_contracts


class Attention(NamedTuple):
    """Something to look at: how much of it in how many places, and the first of them."""

    kind: str
    title: Text
    total: int
    places: int
    first: tuple[tuple[Link | Text, int], ...]


_KINDS = {
    "late": Text("Hồ sơ đang quá hạn", "Open dossiers past due"),
    "due_soon": Text("Hồ sơ sắp hết hạn trong 24 giờ", "Open dossiers due within 24 hours"),
    "unexplained": Text("Hồ sơ chưa giải thích được trong năm", "Unexplained dossiers of the year"),
    "held": Text("Dòng dữ liệu bị giữ lại trong tháng", "Rows held back in the month"),
    "stale": Text("Nguồn dữ liệu đã cũ", "Sources that are old"),
    "targets": Text("Chỉ tiêu không tới kịp theo xu hướng", "Targets that the trend misses"),
}


def attention(told: Province, levels: LevelFigures, found: OverviewFigures) -> tuple[Attention, ...]:
    """Late and nearly due dossiers, the remainder, rows held back, old sources, targets that the trend misses."""
    by_kind = {kind: list(rows) for kind, rows in groupby(found.attention, key=lambda row: row[0])}
    items = []
    for kind in ("late", "due_soon", "unexplained", "held"):
        rows = by_kind.get(kind, [])
        total, places = (rows[0][4], rows[0][5]) if rows else (0, 0)
        first = tuple((agency_link(told, agency), count) for _, agency, count, *_ in rows)
        items.append(Attention(kind, _KINDS[kind], total, places, first))
    ages = [(source, stream, age) for source, stream, _, age, *_ in found.freshness]
    stale = [(stream_name(source, stream), age) for source, stream, age in ages if is_stale(source, stream, age)]
    items.append(Attention("stale", _KINDS["stale"], len(stale), len(stale), tuple(stale)))
    missed = _missed(told, levels)
    items.append(Attention("targets", _KINDS["targets"], len(missed), len(missed), tuple(missed[:6])))
    return tuple(items)


def _missed(told: Province, levels: LevelFigures) -> list[tuple[Link, int]]:
    """Targets that still lie ahead and that the line of their level does not reach in time; the year beside."""
    return [
        (Link(told.indicator[code].page, _of_level(told.indicator[code].name, level)), row[0].year)
        for (code, level), rows in levels.targets.items()
        for row in rows
        if code in told.indicator and row[0] > told.month and row[9] in ("too_late", "not_on_this_trend")
    ]


def _of_level(name: Text, level: str) -> Text:
    return Text(f"{name.vi}, {LEVELS[level].vi.lower()}", f"{name.en}, {LEVELS[level].en.lower()}")


def is_stale(source: str, stream: str, age_days: int) -> bool:
    """Whether a stream is older than its contract allows."""
    allowed = {(c.source, c.stream): c.stale_after_days for c in all_contracts()}
    return age_days > allowed.get((source, stream), float("inf"))


def agency_link(told: Province, code: str) -> Link | Text:
    """An agency's name, leading to its page where it has one."""
    agency = told.by_code[code]
    return Link(agency.page, agency.name) if agency.page else agency.name
