"""The catalogue of indicators: what ``warehouse/indicators.yml`` may say, and what must hold in it.

The rules that are checked here come from ``domain.md`` §1.2 (groups of the 766 index add up to 100 points, their lines
to the group), §1.3 (targets have a source and a certainty) and §6 (an indicator that cannot be fed says why).
"""

from __future__ import annotations

from collections import Counter
from datetime import date
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from pipelines.domain.contracts import Bilingual

Certainty = Literal["S", "S0", "D", "K", "P"]
Share = Annotated[float, Field(ge=0, le=1)]
_TOTAL = 100


class Unit(StrEnum):
    """What a value is: a share is a part of the whole, 0 to 1."""

    SHARE = "share"
    COUNT = "count"
    POINTS = "points"
    RANK = "rank"


class OverTime(StrEnum):
    """What a year makes of its months: adds them up, takes the newest, or counts by itself."""

    SUM = "sum"
    LAST = "last"
    OWN = "own"


class _Said(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Target(_Said):
    """What an indicator is to reach by a day, as a share; for one level of agencies or for all."""

    level: Literal["province", "district", "commune", "all"]
    target_on: date
    target: Share
    source: str = Field(min_length=1)
    certainty: Certainty


class Indicator(_Said):
    """One indicator. ``not_fed`` says what is missing where no stream brings it.

    ``streams`` are those whose rows it counts, where its model counts those of others for other indicators too.
    """

    code: str = Field(pattern=r"^[A-Z][A-Z0-9_]+$")
    system: Literal["igate", "idesk", "mail", "survey", "file"]
    name: Bilingual
    legal_basis: str = Field(min_length=1)
    certainty: Certainty
    formula: Bilingual
    unit: Unit = Unit.SHARE
    better: Literal["higher", "lower"]
    over_time: OverTime = OverTime.SUM
    not_fed: Bilingual | None = None
    streams: tuple[str, ...] = ()
    targets: tuple[Target, ...] = ()

    @model_validator(mode="after")
    def _targets_are_shares(self) -> Self:
        if self.targets and self.unit is not Unit.SHARE:
            raise ValueError(f"{self.code}: only a share can have a target")
        return self


class Group766(_Said):
    """A group of the 766 index and the points it can bring."""

    number: int
    name: Bilingual
    max_points: float


class Line766(_Said):
    """A line of the 766 index: points pro rata below ``full_at``, or the reason why there are none."""

    line: str = Field(pattern=r"^\d\.\d(–\d\.\d)?$")
    name: Bilingual
    max_points: float = Field(ge=0)
    certainty: Certainty
    full_at: Annotated[float, Field(gt=0, le=1)] = 1.0
    full_at_certainty: Certainty | None = None
    indicator: str | None = None
    factor: str | None = None
    na_reason: Literal["points_unknown"] | None = None

    @property
    def group(self) -> int:
        """Number of its group."""
        return int(self.line[0])

    @model_validator(mode="after")
    def _measured_or_not(self) -> Self:
        if (self.indicator is None) != (self.na_reason is not None):
            raise ValueError(f"{self.line}: either an indicator or a reason why there is none")
        return self


class Catalogue(_Said):
    """All of it."""

    indicators: tuple[Indicator, ...]
    groups_766: tuple[Group766, ...]
    lines_766: tuple[Line766, ...]

    def lines_of(self, code: str) -> tuple[Line766, ...]:
        """Lines of the 766 index that an indicator feeds."""
        return tuple(line for line in self.lines_766 if line.indicator == code)

    @model_validator(mode="after")
    def _codes_hold(self) -> Self:
        codes = Counter(i.code for i in self.indicators)
        twice = [code for code, times in codes.items() if times > 1]
        named = {c for line in self.lines_766 for c in (line.indicator, line.factor) if c}
        if twice or named - set(codes):
            raise ValueError(f"codes that stand twice: {twice}; that no indicator has: {sorted(named - set(codes))}")
        return self

    @model_validator(mode="after")
    def _points_add_up(self) -> Self:
        if sum(g.max_points for g in self.groups_766) != _TOTAL:
            raise ValueError(f"the groups of the 766 index do not add up to {_TOTAL} points")
        for group in self.groups_766:
            points = sum(line.max_points for line in self.lines_766 if line.group == group.number)
            if points != group.max_points:
                raise ValueError(f"group {group.number}: its lines have {points} points, not {group.max_points}")
        return self
