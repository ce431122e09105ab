"""What the page of one agency holds: its tables and charts, from the figures of all."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import Any, NamedTuple

from pipelines.domain.labels import CAUSES, SYSTEMS, Text, text_of
from pipelines.domain.numbers import en_count, en_percent, vi_count, vi_percent
from pipelines.site.charts import Chart
from pipelines.site.figures.agencies import AgencyFigures
from pipelines.site.figures.province import Agency, Indicator, Province
from pipelines.site.figures.reading import Rows
from pipelines.site.markup import COUNT, MONTH, POINTS, SHARE, UNITS
from pipelines.site.outlooks import against, outlook_told, target_table
from pipelines.site.quality_tables import fault_table, quality_table
from pipelines.site.tables import BAR, Column, Link, Number, Reason, Table
from pipelines.site.trends import agency_trend, stacked
from pipelines.site.words import CHANNELS, CLASSES, OPEN

_CLASS_COLUMNS = (
    Column(Text("Kỳ", "Period")),
    Column(Text("Tiếp nhận", "Received"), COUNT),
    Column(Text("Đã giải quyết", "Resolved"), COUNT),
    *(Column(label, COUNT) for label in CLASSES.values()),
    Column(Text("Trước và đúng hạn", "Early and on time"), SHARE),
)
_COUNTS = slice(1, 8)  # received, carried over, resolved, the classes, the remainder


class Card(NamedTuple):
    """A figure that stands out: its words, its value, the kind of it, and what it is of."""

    label: Text
    value: Any
    kind: str
    told: Text | None = None
    is_rest: bool = False


class AgencyPage(NamedTuple):
    """All parts; a part without rows is None or empty and its section says so."""

    agency: Agency
    parent: Agency | None
    cards: tuple[Card, ...]
    standing: list[tuple[Text, Table]]
    trends: dict[str, list[Chart]]
    targets: Table | None
    classes: Chart | None
    years: Table | None
    causes: Table | None
    channels: Chart | None
    open: Chart | None
    due_soon: tuple[Any, ...] | None
    signals: Table | None
    quality: Table | None
    faults: Table | None
    scores: Table | None


def agency_page(agency: Agency, told: Province, figures: AgencyFigures) -> AgencyPage:
    """The page of ``agency``."""
    code = agency.code
    months: Rows = figures.resolution.get(code, [])
    targets = figures.targets.get(code, [])
    return AgencyPage(
        agency=agency,
        parent=told.by_code.get(agency.parent_code or ""),
        cards=tuple(_cards(months)),
        standing=_standing(figures.standing.get(code, []), told),
        trends=_trends(code, told, figures, targets),
        targets=_targets(targets, told),
        classes=_classes(months, told),
        years=_years(months, told),
        causes=_causes(months),
        channels=_channels(figures.channels.get(code, []), told),
        open=_open(months, told),
        due_soon=next(iter(figures.due_soon.get(code, [])), None),
        signals=_signals(figures.signals.get(code, [])),
        quality=quality_table(figures.quality.get(code, [])),
        faults=fault_table(figures.faults.get(code, [])),
        scores=_scores(figures.scores.get(code, [])),
    )


def _added(months: Iterable[tuple[Any, ...]]) -> list[int]:
    """Received, carried over, resolved, early, on time, late, unexplained over some months."""
    return [sum(column) for column in zip(*(m[_COUNTS] for m in months), strict=True)]


def _cards(months: Rows) -> Iterable[Card]:
    if not months:
        return
    received, _, resolved, early, on_time, late, rest = _added(months)
    newest = months[-1]
    yield Card(
        Text("Hồ sơ đã giải quyết", "Resolved dossiers"), resolved, COUNT, _of(received, "tiếp nhận", "received")
    )
    for label, value in ((CLASSES["early"], early), (CLASSES["on_time"], on_time), (CLASSES["late"], late)):
        yield Card(label, value, COUNT, None if not resolved else _share(value / resolved))
    yield Card(CLASSES["unexplained"], rest, COUNT, Text("không ép về 0", "never absorbed"), is_rest=rest > 0)
    at_end = Text(f"cuối tháng {newest[0]:%m/%Y}", f"at the end of {newest[0]:%m/%Y}")
    yield Card(Text("Đang quá hạn", "Open, past due"), newest[9], COUNT, at_end)


def _of(count: int, vi: str, en: str) -> Text:
    return Text(f"trên {vi_count(count)} {vi}", f"of {en_count(count)} {en}")


def _share(value: float) -> Text:
    return Text(vi_percent(value), en_percent(value))


def _standing(rows: Rows, told: Province) -> list[tuple[Text, Table]]:
    """The indicators by system, each against its target and its peers."""
    found = []
    by_system = groupby(rows, key=lambda row: told.indicator[row[0]].system)
    for system, group in by_system:
        name = text_of(SYSTEMS, system)
        lines = [
            _standing_row(told.indicator[row[0]], row) for row in group if row[7] != "no_data" or row[4] is not None
        ]
        if lines:
            caption = Text(f"Chỉ số, {name.vi}", f"Indicators, {name.en}")
            found.append((name, Table(f"indicators-{system}", caption, _STANDING_COLUMNS, lines)))
    return found


_STANDING_COLUMNS = (
    Column(Text("Chỉ số", "Indicator")),
    Column(Text("Năm", "Year")),
    Column(Text("Giá trị", "Value"), BAR),
    Column(Text("Tử số", "Numerator"), COUNT),
    Column(Text("Mẫu số", "Denominator"), COUNT),
    Column(Text("Tháng mới nhất", "Newest month"), SHARE),
    Column(Text("Chỉ tiêu", "Target"), SHARE),
    Column(Text("So với chỉ tiêu", "Against the target")),
    Column(Text("Trung vị cùng cấp", "Median of its level"), SHARE),
    Column(Text("Thứ tự cùng cấp", "Place in its level")),
)


def _standing_row(indicator: Indicator, row: tuple[Any, ...]) -> tuple[Any, ...]:
    _, year, in_month, month_reason, numerator, denominator, value, reason, target, median, place, ranked = row
    kind = UNITS[indicator.unit]
    is_share = kind == SHARE
    shown = (value, target) if is_share else Number(_whole(value, kind), kind)
    return (
        Link(indicator.page, indicator.name),
        f"{year:%Y}",
        Reason(reason) if value is None and reason else shown,
        numerator if is_share else None,
        denominator,
        Reason(month_reason) if in_month is None and month_reason else Number(_whole(in_month, kind), kind),
        target,
        against(value, target, indicator.better),
        Number(_whole(median, kind), kind),
        None if place is None else f"{place}/{ranked}",
    )


def _whole(value: float | None, kind: str) -> Any:
    return round(value) if kind == COUNT and value is not None else value


def _trends(code: str, told: Province, figures: AgencyFigures, targets: Rows) -> dict[str, list[Chart]]:
    """Charts of the headline indicators, by system."""
    found: dict[str, list[Chart]] = {}
    for indicator in told.headline:
        rows = figures.trend.get((code, indicator.code), [])
        if any(row[1] is not None for row in rows):
            ahead = next((t for t in targets if t[0] == indicator.code and t[1] > told.month), None)
            line = figures.forecast.get((code, indicator.code), [])
            chart = agency_trend(indicator, rows, line, told.months, outlook_told(ahead) if ahead else None)
            found.setdefault(indicator.system, []).append(chart)
    return found


def _targets(rows: Rows, told: Province) -> Table | None:
    return target_table(rows, told, Text("Chỉ tiêu và dự báo", "Targets and forecast"))


def _classes(months: Rows, told: Province) -> Chart | None:
    title = Text("Hồ sơ đã giải quyết theo tháng", "Dossiers resolved by month")
    return stacked("classes", title, CLASSES, ((m[0], m[4:8]) for m in months), told.months) if months else None


def _years(months: Rows, told: Province) -> Table | None:
    if not months:
        return None
    years = [(str(year), list(group)) for year, group in groupby(months, key=lambda row: row[0].year)]
    whole = f"{told.first:%m/%Y} – {told.last:%m/%Y}"
    rows = [_class_row(label, _added(group)) for label, group in [*years, (whole, months)]]
    title = Text("Hồ sơ theo loại, với phần chưa giải thích được", "Dossiers by class, with the unexplained remainder")
    return Table("years", title, _CLASS_COLUMNS, rows, total_last=True)


def _class_row(label: str, added: list[int]) -> tuple[Any, ...]:
    received, _, resolved, early, on_time, late, rest = added
    return (label, received, resolved, early, on_time, late, rest, (early + on_time) / resolved if resolved else None)


def _causes(months: Rows) -> Table | None:
    counts = [sum(column) for column in zip(*(m[11:] for m in months), strict=True)]
    rows = [(text, count) for text, count in zip(CAUSES.values(), counts, strict=False) if count]
    columns = (Column(Text("Nguyên nhân", "Cause")), Column(Text("Số hồ sơ", "Dossiers"), COUNT))
    title = Text("Vì sao chưa xếp loại được", "Why they are in no class")
    return Table("causes", title, columns, rows) if rows else None


def _channels(rows: Rows, told: Province) -> Chart | None:
    title = Text("Hồ sơ tiếp nhận theo kênh", "Dossiers received by channel")
    shown = [(m, counts) for m, *counts in rows if m <= told.last]
    return stacked("channels", title, CHANNELS, shown, told.months) if shown else None


def _open(months: Rows, told: Province) -> Chart | None:
    title = Text("Hồ sơ đang giải quyết vào cuối tháng", "Dossiers open at the month's end")
    return stacked("open", title, OPEN, ((m[0], m[8:11]) for m in months), told.months) if months else None


def _signals(rows: Rows) -> Table | None:
    columns = (
        Column(Text("Dấu hiệu", "Signal")),
        Column(Text("Số hồ sơ hoặc bước", "Dossiers or steps"), COUNT),
        Column(Text("Trên", "Of"), COUNT),
        Column(Text("Tỷ lệ", "Share"), SHARE),
        Column(Text("Tỷ lệ toàn tỉnh", "Share of the province"), SHARE),
        Column(Text("Gần nhất", "Newest"), MONTH),
    )
    lines = [(Text(vi, en), *rest) for vi, en, *rest in rows]
    title = Text("Dấu hiệu cần xem lại, 12 tháng gần nhất", "Signals to look at, last 12 months")
    return Table("signals", title, columns, lines) if lines else None


def _scores(rows: Rows) -> Table | None:
    columns = (
        Column(Text("Nhóm", "Group")),
        Column(Text("Điểm", "Points"), POINTS),
        Column(Text("Trên điểm chấm được", "Of points that could be scored"), POINTS),
        Column(Text("Điểm tối đa", "Points at most"), POINTS),
    )
    lines = [
        (Text(vi, en), Reason(reason) if points is None and reason else points, scored, most)
        for _, vi, en, points, scored, most, reason, _ in rows
    ]
    if not lines:
        return None
    year = rows[0][-1].year
    title = Text(f"Bộ chỉ số 766, năm {year}", f"The 766 index, {year}")
    return Table("scores", title, columns, lines, total_last=True)
