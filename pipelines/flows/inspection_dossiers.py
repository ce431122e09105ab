"""Dossiers of one agency over some months: classes with the remainder, what is open, what is late."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import duckdb

from pipelines.domain.labels import CAUSES
from pipelines.flows.inspection_parts import Cause, LateDossier, Pending
from pipelines.storage.engine import quote_name

_COUNTS = ("received", "resolved", "early", "on_time", "late", "unexplained")
SHOWN_LATE = 50

Months = tuple[date, date]


@dataclass(frozen=True)
class Split:
    """Counts by name (``received`` to ``unexplained``), and the causes of the remainder that occur."""

    counts: dict[str, int]
    causes: tuple[Cause, ...]


def split(connection: duckdb.DuckDBPyConnection, code: str, months: Months, rule: str) -> Split:
    """The resolved dossiers by class under a rule, received ones beside."""
    names = [f"{n}_count" for n in _COUNTS] + [f"unexplained_{n}_count" for n in CAUSES]
    row = connection.execute(
        f"""
        select {", ".join(f"coalesce(sum({n}), 0)::bigint" for n in names)}
        from marts.rpt_dossier_resolution
        where agency_code = $1 and rule_code = $2 and month between $3 and $4
        """,
        [code, rule, *months],
    ).fetchone() or (0,) * len(names)
    counts = dict(zip(_COUNTS, row, strict=False))
    told = zip(CAUSES, row[len(_COUNTS) :], strict=True)
    return Split(counts, tuple(Cause(cause, *CAUSES[cause], count) for cause, count in told if count))


def pending(connection: duckdb.DuckDBPyConnection, code: str, months: Months, rule: str) -> Pending:
    """What was open when the first month began and when the last one ended; the newest month known before it, else."""
    row = connection.execute(
        """
        with told as (
            select *, open_in_due_count + open_late_count + open_no_due_date_count as open_count
            from marts.rpt_dossier_resolution where agency_code = $1 and rule_code = $2 and month <= $4
        )
        select coalesce(min_by(carried_over_count, month) filter (where month >= $3), max_by(open_count, month), 0),
            coalesce(max_by(open_count, month), 0), coalesce(max_by(open_late_count, month), 0),
            coalesce(max_by(open_no_due_date_count, month), 0)
        from told
        """,
        [code, rule, *months],
    ).fetchone()
    return Pending(*(row or (0, 0, 0, 0)))


# $1 the agency, $2 the first day of the last month.
_OPEN = """
d.agency_code = $1 and d.is_received and d.received_at < $2::date + interval 1 month
    and (not d.is_resolved or d.ended_at >= $2::date + interval 1 month)
"""
_LATE_OPEN = "d.due_at::date < ($2::date + interval 1 month - interval 1 day)::date"
_TELLING = """
with late as (select d.*, {days} as days from marts.fct_dossier as d where {condition}),
steps as (
    select s.dossier_code, max_by(s.step_number, s.duration_hours) as longest_step, max(s.duration_hours) as hours
    from marts.fct_dossier_step as s where s.dossier_code in (select dossier_code from late) group by s.dossier_code
)
select late.dossier_code, p.procedure_name, late.received_at::varchar, late.due_at::varchar,
    {ended_at}, late.days, coalesce(late.supplement_count, 0), late.has_apology, steps.longest_step, steps.hours,
    late.source_file, late.row_number
from late
left join marts.dim_procedure as p on p.procedure_code = late.procedure_code
left join steps on steps.dossier_code = late.dossier_code
order by late.days desc, late.dossier_code limit {limit}
"""


def late_resolved(
    connection: duckdb.DuckDBPyConnection, code: str, months: Months, rule: str
) -> tuple[LateDossier, ...]:
    """Dossiers that the rule calls late, the latest first; at most ``SHOWN_LATE``."""
    query = _TELLING.format(
        condition=f"d.agency_code = $1 and d.resolved_month between $2 and $3 "
        f"and d.{quote_name(f'class_{rule.lower()}')} = 'late'",
        days="date_diff('day', d.due_at::date, d.ended_at::date)",
        ended_at="late.ended_at::varchar",
        limit=SHOWN_LATE,
    )
    return tuple(LateDossier(*row) for row in connection.execute(query, [code, *months]).fetchall())


def late_open(connection: duckdb.DuckDBPyConnection, code: str, months: Months) -> tuple[LateDossier, ...]:
    """Open dossiers past their due date when the last month ended; at most ``SHOWN_LATE``."""
    query = _TELLING.format(
        condition=f"{_OPEN} and {_LATE_OPEN}",
        days="date_diff('day', d.due_at::date, ($2::date + interval 1 month - interval 1 day)::date)",
        ended_at="null",
        limit=SHOWN_LATE,
    )
    return tuple(LateDossier(*row) for row in connection.execute(query, [code, months[1]]).fetchall())
