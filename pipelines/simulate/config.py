"""What to simulate."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from pipelines.domain.errors import WrongUse

_SCALES = (0.001, 100.0)
# The last month before the agencies of places.py began to merge.
_FIRST, _LAST = date(2020, 1, 1), date(2024, 12, 31)


@dataclass(frozen=True)
class SimulationConfig:
    """One province: where to write it, first month, number of months, size, randomness, dirt.

    ``scale`` 1.0 and 16 months give about 300,000 dossiers. ``dirt`` is the share of rows beside which
    a broken copy is planted. The same values give the same bytes.
    """

    directory: Path
    start: date = _FIRST
    months: int = 16
    scale: float = 1.0
    seed: int = 1
    dirt: float = 0.02

    def __post_init__(self) -> None:
        if not _SCALES[0] <= self.scale <= _SCALES[1]:
            raise WrongUse(
                f"--scale is {self.scale}; it must lie between {_SCALES[0]} and {_SCALES[1]}.",
                next_step="Give another --scale; 0.01 is a small province, 1.0 a whole one.",
            )
        if not 0 <= self.dirt <= 0.5:
            raise WrongUse(
                f"--dirt is {self.dirt}; it must lie between 0 and 0.5.",
                next_step="Give another --dirt; 0.02 plants a fault beside every fiftieth row.",
            )
        if self.months < 1 or self.start.day != 1 or self.start < _FIRST or self.end > _LAST + timedelta(days=1):
            raise WrongUse(
                f"The months simulated must lie between {_FIRST:%Y-%m} and {_LAST:%Y-%m}.",
                next_step="Give another --from, or fewer --months.",
            )

    @property
    def end(self) -> date:
        """The day after the last month."""
        return self.month(self.months)

    def month(self, number: int) -> date:
        """First day of the month ``number`` months after the start."""
        total = self.start.year * 12 + self.start.month - 1 + number
        return date(total // 12, total % 12 + 1, 1)

    @property
    def has_inspection(self) -> bool:
        """Whether the planted inspection of the department of education lies in the months simulated."""
        return self.start <= date(2020, 1, 1) and self.end >= date(2021, 5, 1)
