"""What the first page holds: progress by system and level, ranking, what moved, what needs attention, sources."""

from __future__ import annotations

from datetime import date
from itertools import groupby
from typing import Any, NamedTuple

from pipelines.domain.labels import SYSTEMS, Text, text_of
from pipelines.site.agency_page import stream_name, target_table
from pipelines.site.charts import Chart
from pipelines.site.figures.levels import LevelFigures
from pipelines.site.figures.overview import FEWEST, RANKED, OverviewFigures
from pipelines.site.figures.province import Indicator, Province
from pipelines.site.markup import CHANGE, COUNT, DAY, SHARE
from pipelines.site.tables import BAR, Column, Link, Reason, State, Table
from pipelines.site.trends import level_trend
from pipelines.site.words import BETTER, LEVELS
from pipelines.sources.registry import all_contracts

PERIODS = ("month", "year", "whole")


class Bar(NamedTuple):
    """A share of one level: counts, value, the target ahead and its day."""

    level: str
    label: Text
    numerator: int | None
    denominator: int | None
    value: float | None
    target: float | None
    target_on: date | None


class Progress(NamedTuple):
    """One headline indicator: its levels over one period."""

    indicator: Indicator
    system: Text
    bars: tuple[Bar, ...]


class Attention(NamedTuple):
    """Something to look at: how much of it in how many places, and the first of them."""

    kind: str
    title: Text
    count: int
    places: int
    items: tuple[tuple[Link | Text, int, int | None], ...]


class OverviewPage(NamedTuple):
    """All parts of the first page. ``progress`` is by period: the newest month, its year, all months."""

    progress: dict[str, tuple[Progress, ...]]
    trends: tuple[Chart, ...]
    ranking: Table
    changes: Table | None
    moves: Table | None
    attention: tuple[Attention, ...]
    targets: Table | None
    sources: Table
    indicators: list[tuple[Text, Table]]


def overview_page(told: Province, levels: LevelFigures, found: OverviewFigures) -> OverviewPage:
    """The first page."""
    return OverviewPage(
        progress={period: _progress(told, levels, period) for period in PERIODS},
        trends=tuple(_trends(told, levels)),
        ranking=_ranking(told, found),
        changes=_changes(told, levels),
        moves=_moves(told, found),
        attention=_attention(told, levels, found),
        targets=target_table(_level_targets(levels), told, Text("Chỉ tiêu theo cấp", "Targets by level"), levels=True),
        sources=_sources(found),
        indicators=_indicators(told, levels),
    )


def _progress(told: Province, levels: LevelFigures, period: str) -> tuple[Progress, ...]:
    return tuple(
        Progress(i, text_of(SYSTEMS, i.system), tuple(_bar(i, level, told, levels, period) for level in ("all", *told.levels)))
        for i in told.headline
    )


def _bar(indicator: Indicator, level: str, told: Province, levels: LevelFigures, period: str) -> Bar:
    if period == "whole":
        sums = levels.whole(indicator.code, level)
    else:
        start = told.month if period == "month" else told.month.replace(month=1)
        sums = levels.at(indicator.code, level, start, year=period == "year")
    target_on, target = levels.next_target(indicator.code, level, told.month) or (None, None)
    return Bar(level, LEVELS[level], *(sums or (None, None, None)), target, target_on)


def _trends(told: Province, levels: LevelFigures) -> list[Chart]:
    charts = []
    for indicator in told.headline:
        sums = {level: levels.months.get((indicator.code, level), []) for level in ("all", *told.levels)}
        if sums["all"]:
            charts.append(level_trend(indicator, sums, told.months, told.levels))
    return charts


def _ranking(told: Province, found: OverviewFigures) -> Table:
    columns = (
        Column(Text("Cơ quan", "Agency")),
        Column(Text("Cấp", "Level")),
        Column(Text("Thứ tự", "Place"), COUNT),
        Column(Text("Điểm 766", "766 score"), BAR),
        Column(Text("Trước và đúng hạn", "Early and on time"), SHARE),
        *(Column(told.indicator[code].name, SHARE) for code in RANKED if code in told.indicator),
        Column(Text("Đã giải quyết", "Resolved"), COUNT),
        Column(Text("Chưa giải thích", "Unexplained"), COUNT),
        Column(Text("Đang quá hạn", "Open, past due"), COUNT),
    )
    rows, tags = [], []
    for code, place, score, _, on_time, resolved, unexplained, open_late in found.ranking:
        agency = told.by_code[code]
        shares = [_share(found, code, indicator) for indicator in RANKED if indicator in told.indicator]
        name = Link(agency.page, agency.name) if agency.page else agency.name
        rows.append((name, LEVELS[agency.level], place, score, on_time, *shares, resolved, unexplained, open_late))
        tags.append({"level": agency.level})
    year = told.month.year
    caption = Text(
        f"Xếp theo điểm 766 năm {year}, phần điểm chấm được; dưới {FEWEST} hồ sơ thì không xếp",
        f"By the 766 score of {year}, of the points that could be scored; below {FEWEST} dossiers unranked",
    )
    return Table("ranking", caption, columns, rows, sortable=True, tags=tags, id="ranking")


def _share(found: OverviewFigures, agency: str, indicator: str) -> Any:
    value, reason = next(iter(found.shares.get((agency, indicator), [])), (None, None))
    return Reason(reason) if value is None and reason else value


def _changes(told: Province, levels: LevelFigures) -> Table | None:
    """The newest month against the one before, for every share of the whole province that has both."""
    rows = []
    for indicator in told.indicators:
        now = levels.at(indicator.code, "all", told.month)
        before = levels.at(indicator.code, "all", told.previous)
        if now and before:
            moved = now[2] - before[2]
            link = Link(indicator.page, indicator.name)
            rows.append((link, before[2], now[2], moved, _judged(moved, indicator.better)))
    rows.sort(key=lambda row: -abs(row[3]))
    columns = (
        Column(Text("Chỉ số", "Indicator")),
        Column(Text(f"{told.previous:%m/%Y}", f"{told.previous:%m/%Y}"), SHARE),
        Column(Text(f"{told.month:%m/%Y}", f"{told.month:%m/%Y}"), SHARE),
        Column(Text("Thay đổi, điểm %", "Change, points"), CHANGE),
        Column(Text("Chiều", "Direction")),
    )
    title = Text("Toàn tỉnh so với tháng trước", "The province against the month before")
    return Table("changes", title, columns, rows, sortable=True) if rows else None


def _judged(moved: float, better: str) -> State:
    if abs(moved) < 0.00005:
        return State("plain", Text("Không đổi", "Unchanged"))
    if (moved > 0) == (better == "higher"):
        return State("good", Text("Tốt hơn", "Better"))
    return State("bad", Text("Kém hơn", "Worse"))


def _moves(told: Province, found: OverviewFigures) -> Table | None:
    rows = [
        (_named(told, agency), Link(told.indicator[code].page, told.indicator[code].name), before, now, moved,
         _judged(moved, told.indicator[code].better))
        for agency, code, before, now, moved in found.moves
    ]  # fmt: skip
    columns = (
        Column(Text("Cơ quan", "Agency")),
        Column(Text("Chỉ số", "Indicator")),
        Column(Text("Tháng trước", "Month before"), SHARE),
        Column(Text("Tháng này", "This month"), SHARE),
        Column(Text("Thay đổi, điểm %", "Change, points"), CHANGE),
        Column(Text("Chiều", "Direction")),
    )
    title = Text(
        f"Cơ quan thay đổi nhiều nhất (cả hai tháng từ {FEWEST} trở lên)",
        f"Agencies that moved most (at least {FEWEST} cases in both months)",
    )
    return Table("moves", title, columns, rows) if rows else None


def _named(told: Province, code: str) -> Link | Text:
    agency = told.by_code[code]
    return Link(agency.page, agency.name) if agency.page else agency.name


_KINDS = {
    "late": Text("Hồ sơ đang quá hạn", "Open dossiers past due"),
    "due_soon": Text("Hồ sơ sắp hết hạn trong 24 giờ", "Open dossiers due within 24 hours"),
    "unexplained": Text("Hồ sơ chưa giải thích được trong năm", "Unexplained dossiers of the year"),
    "held": Text("Dòng dữ liệu bị giữ lại trong tháng", "Rows held back in the month"),
    "stale": Text("Nguồn dữ liệu đã cũ", "Sources that are old"),
    "targets": Text("Chỉ tiêu không tới kịp theo xu hướng", "Targets that the trend misses"),
}


def _attention(told: Province, levels: LevelFigures, found: OverviewFigures) -> tuple[Attention, ...]:
    by_kind = {kind: list(rows) for kind, rows in groupby(found.attention, key=lambda row: row[0])}
    items = []
    for kind in ("late", "due_soon", "unexplained", "held"):
        rows = by_kind.get(kind, [])
        total, places = (rows[0][4], rows[0][5]) if rows else (0, 0)
        items.append(Attention(kind, _KINDS[kind], total, places, tuple((_named(told, r[1]), r[2], r[3]) for r in rows)))
    stale = [(stream_name(row[0], row[1]), row[3], None) for row in found.freshness if is_stale(*row[:2], row[3])]
    items.append(Attention("stale", _KINDS["stale"], len(stale), len(stale), tuple(stale)))
    missed = _missed(told, levels)
    items.append(Attention("targets", _KINDS["targets"], len(missed), len(missed), tuple(missed[:6])))
    return tuple(items)


def _missed(told: Province, levels: LevelFigures) -> list[tuple[Link, int, None]]:
    """Targets that still lie ahead and that the line of their level does not reach in time; the year beside."""
    return [
        (Link(told.indicator[code].page, _of_level(told.indicator[code].name, level)), row[0].year, None)
        for (code, level), rows in levels.targets.items()
        for row in rows
        if code in told.indicator and row[0] > told.month and row[9] in ("too_late", "not_on_this_trend")
    ]


def _of_level(name: Text, level: str) -> Text:
    return Text(f"{name.vi}, {LEVELS[level].vi.lower()}", f"{name.en}, {LEVELS[level].en.lower()}")


def _level_targets(levels: LevelFigures) -> list[tuple[Any, ...]]:
    return [(code, level, *row) for (code, level), rows in levels.targets.items() for row in rows]


def is_stale(source: str, stream: str, age_days: int) -> bool:
    """Whether a stream is older than its contract allows."""
    allowed = {(c.source, c.stream): c.stale_after_days for c in all_contracts()}
    return age_days > allowed.get((source, stream), float("inf"))


def _sources(found: OverviewFigures) -> Table:
    columns = (
        Column(Text("Nguồn", "Source")),
        Column(Text("Lần xuất gần nhất", "Newest export"), DAY),
        Column(Text("Tuổi, ngày", "Age, days"), COUNT),
        Column(Text("Tình trạng", "State")),
        Column(Text("Dòng đã nhận", "Rows taken in"), COUNT),
        Column(Text("Dòng giữ lại", "Rows held back"), COUNT),
    )
    fresh, old = State("good", Text("Mới", "Fresh")), State("bad", Text("Cũ", "Old"))
    rows = [
        (stream_name(source, stream), at.date(), age, old if is_stale(source, stream, age) else fresh, loaded, held)
        for source, stream, at, age, loaded, held in found.freshness
    ]
    return Table("sources", Text("Tuổi của từng nguồn", "Age of each source"), columns, rows)


def _indicators(told: Province, levels: LevelFigures) -> list[tuple[Text, Table]]:
    """Every indicator with its value of the year, by system."""
    columns = (
        Column(Text("Chỉ số", "Indicator")),
        Column(Text(f"Toàn tỉnh, năm {told.month.year}", f"Province, {told.month.year}"), BAR),
        Column(Text("Tốt hơn khi", "Better")),
        Column(Text("Căn cứ", "Basis")),
    )
    found = []
    for system, group in groupby(told.indicators, key=lambda i: i.system):
        rows = [
            (Link(i.page, i.name), _of_year(i, told, levels), BETTER[i.better], i.legal_basis)
            for i in group
        ]
        name = text_of(SYSTEMS, system)
        found.append((name, Table(f"all-{system}", Text(f"Chỉ số, {name.vi}", f"Indicators, {name.en}"), columns, rows)))
    return found


def _of_year(indicator: Indicator, told: Province, levels: LevelFigures) -> Any:
    if indicator.missing is not None:
        return Reason("not_fed")
    sums = levels.at(indicator.code, "all", told.month.replace(month=1), year=True)
    return None if sums is None else sums[2]
