"""Where an indicator stands against its targets, and when the line of its last months arrives, in words."""

from __future__ import annotations

from datetime import date
from typing import Any

from pipelines.domain.labels import Text
from pipelines.domain.numbers import en_percent, vi_percent
from pipelines.site.tables import State
from pipelines.site.words import OUTLOOK_STATES, OUTLOOKS


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
        vi += f" (sớm nhất {earliest:%m/%Y}, " + (f"muộn nhất {latest:%m/%Y})" if latest else "có thể không tới)")
        en += f" (at the earliest {earliest:%m/%Y}, " + (f"at the latest {latest:%m/%Y})" if latest else "perhaps never)")
    return Text(vi, en)
