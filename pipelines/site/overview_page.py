"""What the first page holds: progress by system and level, ranking, what moved, what needs attention, sources."""

from __future__ import annotations

from datetime import date
from itertools import groupby
from typing import Any, NamedTuple

from pipelines.domain.labels import SYSTEMS, Text, text_of
from pipelines.site.attention import Attention, agency_link, attention, is_stale
from pipelines.site.charts import Chart
from pipelines.site.figures.levels import LevelFigures
from pipelines.site.figures.overview import FEWEST, RANKED, OverviewFigures
from pipelines.site.figures.province import Indicator, Province
from pipelines.site.markup import CHANGE, COUNT, DAY, SHARE
from pipelines.site.outlooks import target_table
from pipelines.site.quality_tables import stream_name
from pipelines.site.tables import BAR, Column, Link, Reason, State, Table
from pipelines.site.trends import level_trend
from pipelines.site.words import BETTER, LEVELS, ONE_OF, basis

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
        attention=attention(told, levels, found),
        targets=target_table(_next_targets(told, levels), told, _NEXT_TARGETS, levels=True),
        sources=_sources(found),
        indicators=_indicators(told, levels),
    )


def _progress(told: Province, levels: LevelFigures, period: str) -> tuple[Progress, ...]:
    return tuple(
        Progress(
            i,
            text_of(SYSTEMS, i.system),
            tuple(_bar(i, level, told, levels, period) for level in ("all", *told.levels)),
        )
        for i in told.headline
    )


def _bar(indicator: Indicator, level: str, told: Province, levels: LevelFigures, period: str) -> Bar:
    if period == "whole":
        sums = levels.whole(indicator.code, level)
    else:
        start = told.month if period == "month" else told.month.replace(month=1)
        sums = levels.at(indicator.code, level, start, year=period == "year")
    target_on, target = levels.next_target(indicator.code, level, told.month) or (None, None)
    numerator, denominator, value = sums or (None, None, None)
    return Bar(level, LEVELS[level], numerator, denominator, value, target, target_on)


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
        name = agency_link(told, code)
        rows.append((name, ONE_OF[agency.level], place, score, on_time, *shares, resolved, unexplained, open_late))
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
        (agency_link(told, agency), Link(told.indicator[code].page, told.indicator[code].name), before, now, moved,
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


_NEXT_TARGETS = Text("Chỉ tiêu sắp tới của mỗi cấp", "The next target of each level")


def _next_targets(told: Province, levels: LevelFigures) -> list[tuple[Any, ...]]:
    """Of each indicator and level the target that lies ahead, else the last one; pages of indicators have them all."""
    found = []
    for (code, level), rows in levels.targets.items():
        ahead = next((row for row in rows if row[0] > told.month), rows[-1])
        found.append((code, level, *ahead))
    return found


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
            (Link(i.page, i.name), _of_year(i, told, levels), BETTER[i.better], basis(i.legal_basis)) for i in group
        ]
        name = text_of(SYSTEMS, system)
        found.append(
            (name, Table(f"all-{system}", Text(f"Chỉ số, {name.vi}", f"Indicators, {name.en}"), columns, rows))
        )
    return found


def _of_year(indicator: Indicator, told: Province, levels: LevelFigures) -> Any:
    if indicator.missing is not None:
        return Reason("not_fed")
    sums = levels.at(indicator.code, "all", told.month.replace(month=1), year=True)
    return None if sums is None else sums[2]
