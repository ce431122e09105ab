"""What an inspection of one agency consists of. Counts are whole numbers, shares are 0 to 1, moments are text."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Figure:
    """One indicator over the period, with what it means and where it comes from.

    ``value`` is a share when ``unit`` says so, else a number of that unit; None has a ``na_reason``.
    """

    code: str
    system: str
    name_vi: str
    name_en: str
    numerator: int | None
    denominator: int | None
    value: float | None
    target: float | None
    na_reason: str | None
    unit: str = "share"


@dataclass(frozen=True)
class Definition:
    """What a figure's code stands for, as ``dim_indicator`` has it."""

    code: str
    name_vi: str
    name_en: str
    formula_vi: str
    formula_en: str
    legal_basis: str
    certainty: str


@dataclass(frozen=True)
class Cause:
    """Why some resolved dossiers are in no class."""

    code: str
    name_vi: str
    name_en: str
    count: int


@dataclass(frozen=True)
class Pending:
    """Dossiers that were open when the period began (``carried_over``) and when it ended, by the rule of the split.

    Of those open at the end: ``late`` past their due date, ``undated`` without one.
    """

    carried_over: int
    total: int
    late: int
    undated: int


@dataclass(frozen=True)
class LateDossier:
    """A dossier past its due date: how many days, and what the register and the step log tell of it.

    ``ended_at`` is None while it is open; then ``days`` runs to the end of the period. The longest step is a fact of
    the log and not a reason that somebody gave.
    """

    dossier_code: str
    procedure_name: str | None
    received_at: str
    due_at: str
    ended_at: str | None
    days: int
    supplements: int
    has_apology: bool
    longest_step: int | None
    longest_step_hours: float | None
    source_file: str
    row_number: int


@dataclass(frozen=True)
class Survey:
    """Satisfaction of one year, shares; the threshold is what an inspection expects."""

    year: int
    satisfaction: float | None
    threshold: float
    respondents: int | None
    na_reason: str | None
    source_file: str
    row_number: int


@dataclass(frozen=True)
class Ranking:
    """PAR index and rank of one year; movements are places gained, negative when lost. No rank has a reason."""

    year: int
    score: float | None
    rank: int | None
    ranked: int | None
    previous_year: int | None
    previous_rank: int | None
    since_previous: int | None
    first_year: int | None
    first_rank: int | None
    since_first: int | None
    na_reason: str | None
    source_file: str
    row_number: int


@dataclass(frozen=True)
class SignalSum:
    """A fingerprint over the period: how many bear it, of how many, and the province's share. No accusation."""

    code: str
    affected: int
    base: int
    share: float
    province_share: float
    sentence_vi: str
    sentence_en: str


@dataclass(frozen=True)
class SourceFile:
    """Rows of one file that figures of a system rest on; of logs the stream stands for its files."""

    system: str
    stream: str
    file: str
    batch_id: str | None
    rows: int
    exported_at: str | None


@dataclass(frozen=True)
class Inspection:
    """What the inspection of one agency reports. Counts are dossiers."""

    agency_code: str
    agency_name: str
    agency_name_en: str
    start: date
    end: date
    rule_code: str
    received: int
    resolved: int
    early: int
    on_time: int
    late: int
    unexplained: int
    causes: tuple[Cause, ...]
    pending: Pending
    late_dossiers: tuple[LateDossier, ...]
    late_open: tuple[LateDossier, ...]
    figures: tuple[Figure, ...]
    definitions: tuple[Definition, ...]
    survey: Survey | None
    ranking: Ranking | None
    website_posts: int | None
    website_na_reason: str | None
    initiatives: int | None
    initiatives_na_reason: str | None
    signals: tuple[SignalSum, ...]
    sources: tuple[SourceFile, ...]
    as_of: str
