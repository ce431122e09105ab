"""What every page needs to know: the agencies, the indicators, the months, and the moment that figures are of."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

import duckdb

from pipelines.domain.labels import Text

# The indicators that stand for a system: first pages and trends show these.
HEADLINE = (
    "DOSSIER_ONLINE",
    "WORK_FILE_A",
    "WORK_FILE_B",
    "WORK_FILE_C",
    "DOC_OUTGOING_ELECTRONIC",
    "MAIL_ACTIVE",
)
LEVELS = ("province", "district", "commune", "other")
_FILE_NAME = re.compile(r"[A-Za-z0-9.]+")  # a foreign code stands in the marts as it was written


@dataclass(frozen=True)
class Agency:
    """One agency that the marts tell something of."""

    code: str
    name: Text
    level: str
    parent_code: str | None
    legacy_code: str | None

    @property
    def page(self) -> str | None:
        """Name of its page; none for a code that is no file's name."""
        return f"agency-{self.code}.html" if _FILE_NAME.fullmatch(self.code) else None


@dataclass(frozen=True)
class Indicator:
    """One indicator as ``dim_indicator`` has it."""

    code: str
    system: str
    name: Text
    legal_basis: str
    certainty: str
    formula: Text
    unit: str
    better: str
    over_time: str
    line_766: str | None
    missing: Text | None

    @property
    def page(self) -> str:
        """Name of its page."""
        return f"indicator-{self.code}.html"


@dataclass(frozen=True)
class Province:
    """``first`` to ``last`` have dossiers or figures; ``month`` is the newest that has ended, else the newest."""

    agencies: tuple[Agency, ...]
    indicators: tuple[Indicator, ...]
    first: date
    last: date
    month: date
    as_of: datetime
    rule: str

    @cached_property
    def by_code(self) -> dict[str, Agency]:
        """Agencies by code."""
        return {a.code: a for a in self.agencies}

    @cached_property
    def indicator(self) -> dict[str, Indicator]:
        """Indicators by code."""
        return {i.code: i for i in self.indicators}

    @property
    def headline(self) -> tuple[Indicator, ...]:
        """Those that first pages show and that the catalogue has."""
        return tuple(self.indicator[code] for code in HEADLINE if code in self.indicator)

    @property
    def levels(self) -> tuple[str, ...]:
        """Levels that have agencies."""
        present = {a.level for a in self.agencies}
        return tuple(level for level in LEVELS if level in present)

    @property
    def previous(self) -> date:
        """The month before ``month``."""
        return date(self.month.year - (self.month.month == 1), (self.month.month - 2) % 12 + 1, 1)

    @cached_property
    def months(self) -> tuple[date, ...]:
        """Every month from ``first`` to ``month``."""
        count = (self.month.year - self.first.year) * 12 + self.month.month - self.first.month + 1
        start = self.first.year * 12 + self.first.month - 1
        return tuple(date((start + n) // 12, (start + n) % 12 + 1, 1) for n in range(count))


_AGENCIES = """
with told as (
    select agency_code from marts.rpt_indicator where value is not null or na_reason <> 'not_fed'
    union
    select agency_code from marts.rpt_dossier_resolution where received_count + carried_over_count + resolved_count > 0
    union
    select agency_code from marts.rpt_signals
    union
    select agency_code from marts.rpt_quality where is_known_agency
)
select told.agency_code, coalesce(a.agency_name, told.agency_code),
    coalesce(a.agency_name_en, a.agency_name, told.agency_code), coalesce(a.level, 'other'), a.parent_code,
    a.legacy_code
from told
left join marts.dim_agency as a on told.agency_code = a.agency_code
order by list_position(['province', 'district', 'commune'], a.level) nulls last, told.agency_code
"""
_INDICATORS = """
select indicator_code, system, name_vi, name_en, legal_basis, certainty, formula_vi, formula_en, unit, better,
    over_time, line_766, missing_vi, missing_en
from marts.dim_indicator
order by list_position(['igate', 'idesk', 'mail', 'survey', 'file'], system), indicator_code
"""
_MONTHS = """
with told as (
    select period_start as month, period_end, as_of from marts.rpt_indicator
    where period_type = 'month' and value is not null
    union all
    select month, (month + interval 1 month - interval 1 day)::date, as_of from marts.rpt_dossier_resolution
    where rule_code = $rule and received_count + resolved_count > 0
)
select min(month), max(month), coalesce(max(month) filter (where period_end + interval 1 day <= as_of), max(month)),
    max(as_of)
from told
"""


def province(connection: duckdb.DuckDBPyConnection, rule: str) -> Province | None:
    """Who and what the marts tell of; None when they hold no figure yet."""
    first, last, month, as_of = connection.execute(_MONTHS, {"rule": rule}).fetchall()[0]
    if first is None:
        return None
    agencies = connection.execute(_AGENCIES).fetchall()
    indicators = connection.execute(_INDICATORS).fetchall()
    return Province(
        agencies=tuple(Agency(code, Text(vi, en), *rest) for code, vi, en, *rest in agencies),
        indicators=tuple(_indicator(row) for row in indicators),
        first=first,
        last=last,
        month=month,
        as_of=as_of,
        rule=rule,
    )


def _indicator(row: tuple[Any, ...]) -> Indicator:
    code, system, vi, en, basis, certainty, formula_vi, formula_en, unit, better, over_time, line, *missing = row
    reason_vi, reason_en = missing
    reason = Text(reason_vi, reason_en or reason_vi) if reason_vi else None
    formula = Text(formula_vi, formula_en)
    return Indicator(code, system, Text(vi, en), basis, certainty, formula, unit, better, over_time, line, reason)
