"""The province in a few lines: each system's progress, and its dossiers by class."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import duckdb

_SHOWN = (
    "DOSSIER_ONLINE",
    "DOSSIER_POSTAL",
    "DOC_OUTGOING_ELECTRONIC",
    "WORK_FILE_A",
    "WORK_FILE_B",
    "WORK_FILE_C",
    "MAIL_ACTIVE",
)


@dataclass(frozen=True)
class Line:
    """One indicator of the whole province over the period: counts, share (0 to 1), newest target."""

    system: str
    code: str
    name_vi: str
    name_en: str
    numerator: int
    denominator: int
    value: float | None
    target: float | None


@dataclass(frozen=True)
class AgencySplit:
    """Resolved dossiers of one agency by class, with the remainder that no class takes."""

    agency_code: str
    agency_name: str
    level: str
    received: int
    resolved: int
    early: int
    on_time: int
    late: int
    unexplained: int


@dataclass(frozen=True)
class Freshness:
    """How old a stream's last good data are, in days before ``as_of``."""

    source: str
    stream: str
    last_exported_at: str
    age_days: int


@dataclass(frozen=True)
class Headline:
    """What the first page and the end of a run show."""

    first_month: date
    last_month: date
    as_of: str
    rule_code: str
    lines: tuple[Line, ...]
    agencies: tuple[AgencySplit, ...]
    freshness: tuple[Freshness, ...]


def headline(connection: duckdb.DuckDBPyConnection, *, rule: str) -> Headline | None:
    """The headline of the marts behind ``connection``; None when they hold no resolved dossier.

    Args:
        connection: a database with the schema ``marts``.
        rule: the definition of "on time" (``domain.md`` §2.7) of the splits.
    """
    span = connection.execute(
        "select min(month), max(month), max(as_of)::varchar from marts.rpt_dossier_resolution where resolved_count > 0"
    ).fetchone()
    if span is None or span[0] is None:
        return None
    return Headline(
        first_month=span[0],
        last_month=span[1],
        as_of=span[2],
        rule_code=rule,
        lines=_lines(connection),
        agencies=_agencies(connection, rule),
        freshness=_freshness(connection),
    )


def _lines(connection: duckdb.DuckDBPyConnection) -> tuple[Line, ...]:
    rows = connection.execute(
        """
        with shown as (select unnest($1::varchar[]) as indicator_code, unnest(range(len($1::varchar[]))) as place),
        -- The sum of what agencies show of officials would leave their small groups out.
        months as (
            select indicator_code, numerator, denominator, target from marts.rpt_indicator
            where period_type = 'month'
                and indicator_code not in (select indicator_code from marts.rpt_official_activity)
            union all
            select indicator_code, numerator, denominator, null from marts.rpt_official_activity where level = 'all'
        ),
        sums as (
            select indicator_code, sum(numerator)::bigint as numerator, sum(denominator)::bigint as denominator,
                   max(target) as target
            from months
            group by indicator_code
        )
        select i.system, i.indicator_code, i.name_vi, i.name_en, coalesce(s.numerator, 0),
               coalesce(s.denominator, 0), case when s.denominator > 0 then s.numerator / s.denominator end, s.target
        from shown
        inner join marts.dim_indicator as i on i.indicator_code = shown.indicator_code
        left join sums as s on s.indicator_code = shown.indicator_code
        order by shown.place
        """,
        [list(_SHOWN)],
    ).fetchall()
    return tuple(Line(*row) for row in rows)


def _agencies(connection: duckdb.DuckDBPyConnection, rule: str) -> tuple[AgencySplit, ...]:
    rows = connection.execute(
        """
        select r.agency_code, any_value(r.agency_name), coalesce(any_value(a.level), '?'),
               sum(r.received_count)::bigint, sum(r.resolved_count)::bigint, sum(r.early_count)::bigint,
               sum(r.on_time_count)::bigint, sum(r.late_count)::bigint, sum(r.unexplained_count)::bigint
        from marts.rpt_dossier_resolution as r
        left join marts.dim_agency as a on a.agency_code = r.agency_code
        where r.rule_code = $1
        group by r.agency_code
        order by case any_value(a.level) when 'province' then 1 when 'district' then 2 else 3 end, r.agency_code
        """,
        [rule],
    ).fetchall()
    return tuple(AgencySplit(*row) for row in rows)


def _freshness(connection: duckdb.DuckDBPyConnection) -> tuple[Freshness, ...]:
    rows = connection.execute(
        "select source, stream, last_exported_at::varchar, age_days::bigint "
        "from marts.rpt_source_freshness order by source, stream"
    ).fetchall()
    return tuple(Freshness(*row) for row in rows)
