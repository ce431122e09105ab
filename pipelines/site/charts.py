"""Charts: which rows one shows, and what each kind looks like (Altair, compiled to Vega once for an installation).

A chart speaks no language: months and per cents are written the same in both, the legend is HTML beside it, and its
colours are variables of the page's style sheet, so that light, dark and paper need no other drawing.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from pipelines.domain.labels import Text
from pipelines.site.tables import Table

# Each series has its colour (a variable of the style sheet) and its dashes: no two differ by colour alone.
LINES: dict[str, list[int]] = {
    "own": [1, 0],
    "peers": [5, 3],
    "forecast": [2, 3],
    "target": [9, 3],
    "all": [1, 0],
    "province": [7, 2],
    "district": [2, 2],
    "commune": [7, 2, 2, 2],
    "other": [1, 3],
}
STACKS = (
    *("early", "on_time", "late", "unexplained"),
    *("counter", "online", "postal", "untold"),
    *("open_in_due", "open_late", "open_undated"),
)
_HEIGHT = 190
_PADDING = {"left": 2, "top": 6, "right": 16, "bottom": 2}
_MONTH_LABEL = "slice(datum.label, 5, 7) + '/' + slice(datum.label, 2, 4)"
_SHARE_LABEL = "format(datum.value * 100, '.0f') + ' %'"
_COUNT_LABEL = "replace(format(datum.value, ',.0f'), /,/g, '\u202f')"


@dataclass(frozen=True)
class Chart:
    """A chart over its table. ``rows`` are ``columns`` of a series ``s`` in a month ``m``; ``stacked`` or ``lines``."""

    name: str
    title: Text
    kind: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]
    series: Sequence[tuple[str, Text]]
    table: Table
    told: Text | None = None

    @property
    def data(self) -> Markup:
        """The rows for the script; nothing in them ends the element that they stand in."""
        held = json.dumps({"kind": self.kind, "columns": self.columns, "rows": self.rows}, separators=(",", ":"))
        return Markup(held.replace("<", "\\u003c"))


def specs() -> dict[str, Any]:
    """The Vega of every kind, by name; rows go into its data set ``rows``."""
    import vl_convert

    return {
        name: vl_convert.vegalite_to_vega(chart.to_dict())
        for name, chart in (("lines", _lines()), ("stacked", _stacked()))
    }


def _lines() -> Any:
    import altair as alt

    names = list(LINES)
    shared = {
        "x": _months(alt),
        "color": alt.Color("s:N", legend=None, scale=alt.Scale(domain=names, range=[f"var(--c-{n})" for n in names])),
        "strokeDash": alt.StrokeDash("s:N", legend=None, scale=alt.Scale(domain=names, range=list(LINES.values()))),
    }
    share = alt.Scale(domain=[0, 1])
    axis = alt.Axis(title=None, labelExpr=_SHARE_LABEL, tickCount=3)
    value = alt.Y("v:Q", scale=share, axis=axis)
    base = alt.Chart(alt.NamedData("rows"))
    band = (
        base.transform_filter("isValid(datum.hi)")
        .mark_area(aria=False, color="var(--c-forecast)", opacity=0.18)
        .encode(x=_months(alt), y=alt.Y("lo:Q", scale=share, axis=axis), y2="hi:Q")
    )
    line = base.mark_line(aria=False, strokeWidth=2, invalid="break-paths-filter-domains").encode(y=value, **shared)
    points = (
        base.transform_filter("isValid(datum.v) && (datum.s == 'own' || datum.s == 'all')")
        .mark_point(aria=False, filled=True, opacity=1, size=26)
        .encode(x=_months(alt), y=value, color=shared["color"], tooltip=alt.Tooltip("tip:N"))
    )
    return _dressed(alt.layer(band, line, points))


def _stacked() -> Any:
    import altair as alt

    names = list(STACKS)
    return _dressed(
        alt.Chart(alt.NamedData("rows"))
        .mark_bar(aria=False, stroke="var(--paper)", strokeWidth=0.5)
        .encode(
            x=_months(alt),
            y=alt.Y("v:Q", axis=alt.Axis(title=None, labelExpr=_COUNT_LABEL, tickCount=4, tickMinStep=1)),
            color=alt.Color("s:N", legend=None, scale=alt.Scale(domain=names, range=[f"var(--c-{n})" for n in names])),
            order=alt.Order("o:Q"),
            tooltip=alt.Tooltip("tip:N"),
        )
        .transform_calculate(o=f"indexof({json.dumps(names)}, datum.s)")
    )


def _months(alt: Any) -> Any:
    return alt.X(
        "m:O", axis=alt.Axis(title=None, labelExpr=_MONTH_LABEL, labelAngle=0, labelOverlap="greedy", labelSeparation=8)
    )


def _dressed(chart: Any) -> Any:
    return (
        chart.properties(
            width="container",
            height=_HEIGHT,
            background="transparent",
            padding=_PADDING,
        )
        .configure(aria=False, font="inherit")
        .configure_view(stroke=None)
        .configure_axis(
            labelColor="var(--soft)",
            labelFontSize=12,
            domainColor="var(--line)",
            tickColor="var(--line)",
            gridColor="var(--line)",
        )
        .configure_axisX(grid=False)
    )
