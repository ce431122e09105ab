"""Where an indicator stands against its targets, and when the line of its last months arrives, in words."""

from __future__ import annotations

from datetime import date
from typing import Any

from pipelines.domain.labels import CERTAINTIES, Text, text_of
from pipelines.domain.numbers import en_percent, vi_percent
from pipelines.site.figures.province import Indicator, Province
from pipelines.site.figures.reading import Rows
from pipelines.site.markup import CHANGE, DAY, MONTH, SHARE
from pipelines.site.tables import Column, Link, State, Table
from pipelines.site.words import ONE_OF, OUTLOOK_STATES, OUTLOOKS

_PERHAPS_NEVER = Text("có thể không tới", "perhaps never")
_TARGET_COLUMNS = (
    Column(Text("Chỉ số", "Indicator")),
    Column(Text("Hạn", "By"), DAY),
    Column(Text("Chỉ tiêu", "Target"), SHARE),
    Column(Text("Hiện nay", "Now"), SHARE),
    Column(Text("Tháng", "Month"), MONTH),
    Column(Text("Còn thiếu, điểm %", "Missing, points"), CHANGE),
    Column(Text("Cần mỗi tháng", "Needed a month"), CHANGE),
    Column(Text("Đang tăng mỗi tháng", "Pace a month"), CHANGE),
    Column(Text("Triển vọng", "Outlook")),
    Column(Text("Tới nơi", "Arrives"), MONTH),
    Column(Text("Căn cứ", "Basis")),
    Column(Text("Độ tin cậy", "Certainty")),
)


def outlook(code: str) -> State:
    """The outlook of ``rpt_target_progress`` as a judgement."""
    return State(OUTLOOK_STATES[code], OUTLOOKS[code])


def against(value: float | None, target: float | None, better: str) -> State | None:
    """Whether a share has reached its target, and by how many points it misses it; None where there is no target."""
    if value is None or target is None:
        return None
    gap = target - value if better == "higher" else value - target
    if gap <= 0:
        return State("good", Text("Đạt", "Reached"))
    return State("bad", Text(f"Thiếu {gap * 100:.1f} điểm %".replace(".", ","), f"{gap * 100:.1f} points short"))


def outlook_told(row: tuple[Any, ...]) -> Text:
    """A row of ``figures.agencies`` ``targets`` in a sentence: what by when, and when the line arrives."""
    _, target_on, _, _, _, value, target, _, _, _, code, arrives_in, earliest_in, latest_in = row
    end = Text(
        f"Chỉ tiêu {vi_percent(target, decimals=0)} đến {target_on:%d/%m/%Y}: hiện {vi_percent(value, decimals=1)}",
        f"Target {en_percent(target, decimals=0)} by {target_on:%d/%m/%Y}: now {en_percent(value, decimals=1)}",
    )
    words = OUTLOOKS[code]
    arrival = _arrival(arrives_in, earliest_in, latest_in)
    return Text(f"{end.vi}. {words.vi}{arrival.vi}.", f"{end.en}. {words.en}{arrival.en}.")


def _arrival(arrives: date | None, earliest: date | None, latest: date | None) -> Text:
    if arrives is None:
        return Text("", "")
    vi, en = f": tới nơi tháng {arrives:%m/%Y}", f": it arrives in {arrives:%m/%Y}"
    if earliest is not None:
        last = Text(f"muộn nhất {latest:%m/%Y}", f"at the latest {latest:%m/%Y}") if latest else _PERHAPS_NEVER
        vi += f" (sớm nhất {earliest:%m/%Y}, {last.vi})"
        en += f" (at the earliest {earliest:%m/%Y}, {last.en})"
    return Text(vi, en)


def target_table(rows: Rows, told: Province, caption: Text, *, levels: bool = False) -> Table | None:
    """Targets with what is missing and when it is reached.

    Args:
        rows: as ``figures.agencies`` ``targets`` has them; with ``levels`` the level stands after the indicator.
        told: the province.
        caption: of the table.
        levels: whether the targets are of levels.
    """
    columns = (_TARGET_COLUMNS[0], *([Column(Text("Cấp", "Level"))] if levels else []), *_TARGET_COLUMNS[1:])
    lines = [_target_row(told.indicator[row[0]], row, levels=levels) for row in rows if row[0] in told.indicator]
    return Table("targets", caption, columns, lines) if lines else None


def _target_row(indicator: Indicator, row: tuple[Any, ...], *, levels: bool) -> tuple[Any, ...]:
    level = (ONE_OF[row[1]],) if levels else ()
    target_on, source, certainty, month, value, target, gap, needed, pace, found, arrives = row[1 + levels :][:11]
    link = Link(indicator.page, indicator.name)
    judged = (month, gap, needed, pace, outlook(found), arrives)
    return (link, *level, target_on, target, value, *judged, source, text_of(CERTAINTIES, certainty or ""))
