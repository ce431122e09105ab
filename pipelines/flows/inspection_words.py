"""The words and numbers of an inspection in Vietnamese or English."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

from pipelines.domain.errors import WrongUse
from pipelines.domain.labels import REASONS, SYSTEMS, text_of
from pipelines.domain.numbers import en_count, en_decimal, en_percent, vi_count, vi_decimal, vi_percent

Language = Literal["vi", "en"]


@dataclass(frozen=True)
class Words:
    """How one language writes: ``words("tiếng Việt", "English")`` is the text of the language."""

    language: Language
    count: Callable[[int | None], str]
    percent: Callable[[float | None], str]
    decimal: Callable[[float | None], str]

    def __call__(self, vi: str, en: str) -> str:
        """The one of two texts that is in the language."""
        return vi if self.language == "vi" else en

    def reason(self, code: str | None) -> str:
        """Why there is no value, in words; a reason that a source gave stays as it is."""
        return "" if code is None else self(*text_of(REASONS, code))

    def system(self, code: str) -> str:
        """A system's name."""
        return self(*text_of(SYSTEMS, code))

    def period(self, start: date, end: date) -> str:
        """The months, as a sentence begins with them."""
        if start == end:
            return self(f"Trong tháng {start:%m/%Y}", f"In {start:%m/%Y}")
        return self(f"Từ tháng {start:%m/%Y} đến tháng {end:%m/%Y}", f"From {start:%m/%Y} to {end:%m/%Y}")

    def moment(self, text: str | None) -> str:
        """A moment of ISO form as it is written, to the minute: ``05/04/2021 17:00``; nothing where there is none."""
        if not text:
            return ""
        day, time = text[:10], text[11:16]
        shown = self("/".join(reversed(day.split("-"))), day)
        return f"{shown} {time}".strip()

    def value(self, value: float | None, unit: str) -> str:
        """A value as its unit is written."""
        if unit in ("count", "rank"):
            return self.count(None if value is None else round(value))
        return self.percent(value) if unit == "share" else self.decimal(value)


def words_of(language: str) -> Words:
    """The words of ``vi`` or ``en``.

    Raises:
        WrongUse: there is no such language.
    """
    if language == "vi":
        return Words("vi", vi_count, vi_percent, vi_decimal)
    if language == "en":
        return Words("en", en_count, en_percent, en_decimal)
    raise WrongUse(f"There is no language {language}.", next_step=f"Use {' or '.join(get_args(Language))}.")
