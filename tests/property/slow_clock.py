"""Working time the slow and obviously right way: minute by minute, straight from the words of decision 0011."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
Pause = tuple[datetime, datetime | None]


class Unknown(Exception):
    """The walk came to a day of which the calendar does not tell, or to a pause that has not ended."""


@dataclass(frozen=True)
class SlowClock:
    """A calendar: ``works`` tells of a day whether offices work, None where nobody has signed; ``hours`` its hours."""

    works: Callable[[date], bool | None]
    hours: Callable[[date], tuple[time, time, time, time]]

    def is_open(self, at: datetime) -> bool:
        """Whether the minute that begins at ``at`` is worked."""
        works = self.works(at.date())
        if works is None:
            raise Unknown
        morning, noon, afternoon, evening = self.hours(at.date())
        return works and (morning <= at.time() < noon or afternoon <= at.time() < evening)

    def minutes(self, start: datetime, end: datetime, pauses: Sequence[Pause] = ()) -> int:
        """Minutes worked from ``start`` to ``end`` in which nothing is awaited."""
        count, at = 0, start
        self.is_open(end)
        while at < end:
            count += self.is_open(at) and not is_paused(at, pauses)
            at += MINUTE
        return count

    def starts(self, received: datetime) -> datetime:
        """When the clock starts: at once, or when office hours begin again."""
        at = received
        while not self.is_open(at):
            at += MINUTE
        return at

    def due(self, received: datetime, limit: int, *, working: bool, pauses: Sequence[Pause] = ()) -> datetime:
        """The last moment at which what the law allows is not used up: the minute that would exceed it begins then."""
        left = self._allowed(received, limit, working=working)
        at = self.starts(received)
        while left or not self.is_open(at):
            if left and any(end is None and start <= at for start, end in pauses):
                raise Unknown
            if self.is_open(at) and not is_paused(at, pauses):
                left -= 1
            at += MINUTE
        return at

    def _allowed(self, received: datetime, limit: int, *, working: bool) -> int:
        """Minutes of the clock until the same hour of the day that is ``limit`` days after the first one."""
        start = self.starts(received)
        into_first = self.minutes(datetime.combine(start.date(), time()), start)
        day = start.date()
        for _ in range(limit):
            day += DAY
            while working and not self._works(day):
                day += DAY
        return self.minutes(start, datetime.combine(day, time())) + into_first

    def _works(self, day: date) -> bool:
        return self.is_open(datetime.combine(day, self.hours(day)[0]))


def is_paused(at: datetime, pauses: Sequence[Pause]) -> bool:
    """Whether any pause holds in the minute that begins at ``at``."""
    return any(start <= at and (end is None or at < end) for start, end in pauses)


def none_if_unknown(ask: Callable[[], datetime | int]) -> datetime | int | None:
    """What the clock answers, or None where it cannot."""
    try:
        return ask()
    except Unknown:
        return None
