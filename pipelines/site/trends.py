"""Charts of a share month by month, with the table beside."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from pipelines.domain.labels import Text
from pipelines.site.charts import Chart
from pipelines.site.figures.province import Indicator
from pipelines.site.figures.reading import Rows
from pipelines.site.markup import COUNT, MONTH, SHARE
from pipelines.site.tables import Column, Reason, Table
from pipelines.site.words import SERIES

_SHOWN_MONTHS = 36  # of a chart; its table and CSV hold all
_MONTH = Column(Text("Tháng", "Month"), MONTH)


def agency_trend(indicator: Indicator, trend: Rows, forecast: Rows, months: Sequence[date], told: Text | None) -> Chart:
    """One agency's share against the median of its level and the target, and where its line leads.

    Args:
        indicator: what is shown.
        trend: ``month, value, numerator, denominator, na_reason, target, median`` as ``figures.agencies`` reads them.
        forecast: ``month, fitted, low, high``.
        months: all months of the province, so that gaps show.
        told: the outlook in a sentence.
    """
    by_month = {row[0]: row[1:] for row in trend}
    shown = months[-_SHOWN_MONTHS:]
    rows: list[list[Any]] = [[_m(m), "own", *_value(by_month.get(m), 0)] for m in shown]
    rows += [[_m(m), "peers", *_value(by_month.get(m), 5)] for m in shown if m in by_month]
    targets = [(m, by_month[m][4]) for m in shown if m in by_month and by_month[m][4] is not None]
    ahead = [row[0] for row in forecast[1:]]
    if targets:
        rows += [[_m(m), "target", t, None, None] for m, t in targets]
        rows += [[_m(m), "target", targets[-1][1], None, None] for m in ahead]
    rows += [[_m(m), "forecast", *(round(v, 4) for v in (fitted, low, high))] for m, fitted, low, high in forecast]
    present = {row[1] for row in rows}
    return Chart(
        name=f"trend-{indicator.code}",
        title=indicator.name,
        kind="lines",
        columns=("m", "s", "v", "lo", "hi"),
        rows=rows,
        series=[(s, SERIES[s]) for s in ("own", "peers", "target", "forecast") if s in present],
        table=_trend_table(indicator, trend),
        told=told,
    )


def _trend_table(indicator: Indicator, trend: Rows) -> Table:
    return Table(
        name=f"trend-{indicator.code}",
        caption=indicator.name,
        columns=(
            _MONTH,
            Column(Text("Tử số", "Numerator"), COUNT),
            Column(Text("Mẫu số", "Denominator"), COUNT),
            Column(Text("Tỷ lệ", "Share"), SHARE),
            Column(Text("Chỉ tiêu", "Target"), SHARE),
            Column(Text("Trung vị cùng cấp", "Median of its level"), SHARE),
        ),
        rows=[
            (m, numerator, denominator, Reason(reason) if reason else value, target, median)
            for m, value, numerator, denominator, reason, target, median in reversed(trend)
        ],
    )


def level_trend(indicator: Indicator, sums: dict[str, Rows], months: Sequence[date], levels: Sequence[str]) -> Chart:
    """The share of each level, and of the whole province, month by month.

    Args:
        indicator: what is shown.
        sums: ``month, numerator, denominator, value`` by level, ``all`` among them.
        months: all months of the province.
        levels: those that have agencies, in order.
    """
    by_level = {level: {row[0]: row[3] for row in sums.get(level, [])} for level in (*levels, "all")}
    present = [level for level in ("all", *levels) if any(v is not None for v in by_level[level].values())]
    rows = [
        [_m(m), level, *_rounded(by_level[level].get(m)), None, None]
        for level in present
        for m in months[-_SHOWN_MONTHS:]
    ]
    whole = {row[0]: row for row in sums.get("all", [])}
    return Chart(
        name=f"levels-{indicator.code}",
        title=indicator.name,
        kind="lines",
        columns=("m", "s", "v", "lo", "hi"),
        rows=rows,
        series=[(level, SERIES[level]) for level in present],
        table=Table(
            name=f"levels-{indicator.code}",
            caption=indicator.name,
            columns=(
                _MONTH,
                Column(Text("Tử số, toàn tỉnh", "Numerator, province"), COUNT),
                Column(Text("Mẫu số, toàn tỉnh", "Denominator, province"), COUNT),
                *(Column(SERIES[level], SHARE) for level in present),
            ),
            rows=[
                (m, *(whole[m][1:3] if m in whole else (None, None)), *(by_level[level].get(m) for level in present))
                for m in reversed(months)
            ],
        ),
    )


def stacked(
    name: str, title: Text, series: dict[str, Text], rows: Iterable[tuple[date, Sequence[int]]], months: Sequence[date]
) -> Chart:
    """Counts of several kinds on top of each other, month by month.

    Args:
        name: of the chart and its CSV.
        title: what is counted.
        series: the kinds with their words; kinds that never occur are left out.
        rows: the months that have counts.
        months: all months of the province; one without counts has none of any kind.
    """
    counted = dict(rows)
    told = sorted({*months, *counted})
    codes = list(series)
    present = [place for place in range(len(series)) if any(counts[place] for counts in counted.values())]
    shown = [(codes[place], series[codes[place]]) for place in present]
    none = (0,) * len(series)
    return Chart(
        name=name,
        title=title,
        kind="stacked",
        columns=("m", "s", "v"),
        rows=[[_m(m), codes[p], counted.get(m, none)[p]] for m in told[-_SHOWN_MONTHS:] for p in present],
        series=shown,
        table=Table(
            name=name,
            caption=title,
            columns=(_MONTH, *(Column(label, COUNT) for _, label in shown), Column(Text("Cộng", "Sum"), COUNT)),
            rows=[(m, *(counted[m][p] for p in present), sum(counted[m])) for m in reversed(told) if m in counted],
        ),
    )


@lru_cache(1024)
def _m(month: date) -> str:
    return f"{month:%Y-%m}"


def _value(row: tuple[Any, ...] | None, place: int) -> tuple[float | None, None, None]:
    return (*_rounded(None if row is None else row[place]), None, None)


def _rounded(value: float | None) -> tuple[float | None]:
    return (None if value is None else round(value, 4),)
