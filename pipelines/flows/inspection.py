"""The figures of an administrative-reform inspection of one agency (đoàn kiểm tra CCHC).

Everything is read from the published marts (or, with ``as_of``, from a build of what was known on
that day), so that a figure in a report and a figure in a dashboard cannot differ.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import duckdb

from pipelines.domain.errors import WrongUse
from pipelines.settings import Settings
from pipelines.storage.home import Home
from pipelines.storage.snapshots import open_current

_CAUSES = {
    "no_due_date": ("không có ngày hẹn trả", "no due date"),
    "withdrawn": ("công dân rút hồ sơ", "withdrawn by the citizen"),
    "stopped": ("dừng xử lý", "stopped"),
    "not_returned": ("chưa trả kết quả", "result not handed over"),
    "no_limit": ("thủ tục không có thời hạn trong danh mục", "no limit in the list of procedures"),
    "no_calendar": ("năm chưa có lịch làm việc đã ký", "a year without a signed calendar"),
}


@dataclass(frozen=True)
class Figure:
    """One indicator over the period. ``value`` is a share, 0 to 1; None has a ``na_reason``."""

    code: str
    system: str
    name_vi: str
    name_en: str
    numerator: int | None
    denominator: int | None
    value: float | None
    na_reason: str | None


@dataclass(frozen=True)
class Cause:
    """Why some resolved dossiers are in no class."""

    code: str
    name_vi: str
    name_en: str
    count: int


@dataclass(frozen=True)
class Inspection:
    """What the inspection of one agency reports. Counts are dossiers."""

    agency_code: str
    agency_name: str
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
    figures: tuple[Figure, ...]
    as_of: str


def inspection(settings: Settings, *, agency: str, start: date, end: date, as_of: date | None = None) -> Inspection:
    """The figures of one agency for the months from ``start`` to ``end``, both included.

    Args:
        settings: the installation.
        agency: code of the agency, of either generation (``H15.07`` or ``000.00.07.H15``).
        start: any day of the first month.
        end: any day of the last month.
        as_of: only what had been exported by then; the published snapshot when None.

    Raises:
        WrongUse: there is no such agency, or the period is upside down.
    """
    if end < start:
        raise WrongUse(f"The period ends ({end:%Y-%m}) before it starts ({start:%Y-%m}).")
    connection = _marts(settings, as_of)
    try:
        return inspect_marts(connection, agency, (start.replace(day=1), end.replace(day=1)), settings.default_rule)
    finally:
        connection.close()


def inspect_marts(
    connection: duckdb.DuckDBPyConnection, agency: str, months: tuple[date, date], rule: str
) -> Inspection:
    """The same from an open database; ``months`` are first days.

    Raises:
        WrongUse: there is no such agency.
    """
    return _collect(connection, *_agency(connection, agency), months, rule)


def _marts(settings: Settings, as_of: date | None) -> duckdb.DuckDBPyConnection:
    home = Home(settings.home)
    if as_of is None:
        return open_current(home)
    from pipelines.flows.build import build

    database = build(settings, as_of=as_of).database
    return duckdb.connect(str(database), read_only=True)


def _agency(connection: duckdb.DuckDBPyConnection, agency: str) -> tuple[str, str]:
    found = connection.execute(
        "select agency_code, agency_name from marts.dim_agency where agency_code = $1 or legacy_code = $1",
        [agency],
    ).fetchone()
    if found is None:
        raise WrongUse(f"There is no agency {agency}.", next_step="Codes are in the table marts.dim_agency.")
    return found[0], found[1]


def _collect(
    connection: duckdb.DuckDBPyConnection, code: str, name: str, months: tuple[date, date], rule: str
) -> Inspection:
    row = connection.execute(
        """
        select coalesce(sum(received_count), 0), coalesce(sum(resolved_count), 0), coalesce(sum(early_count), 0),
               coalesce(sum(on_time_count), 0), coalesce(sum(late_count), 0), coalesce(sum(unexplained_count), 0),
               coalesce(sum(unexplained_no_due_date_count), 0), coalesce(sum(unexplained_withdrawn_count), 0),
               coalesce(sum(unexplained_stopped_count), 0), coalesce(sum(unexplained_not_returned_count), 0),
               coalesce(sum(unexplained_no_limit_count), 0), coalesce(sum(unexplained_no_calendar_count), 0)
        from marts.rpt_dossier_resolution
        where agency_code = $1 and rule_code = $2 and month between $3 and $4
        """,
        [code, rule, *months],
    ).fetchone()
    received, resolved, early, on_time, late, unexplained, *counts = (int(v) for v in row or (0,) * 12)
    causes = tuple(Cause(cause, *_CAUSES[cause], count) for cause, count in zip(_CAUSES, counts, strict=True) if count)
    as_of = connection.execute("select max(as_of)::varchar from marts.rpt_dossier_resolution").fetchone()
    return Inspection(
        agency_code=code,
        agency_name=name,
        start=months[0],
        end=months[1],
        rule_code=rule,
        received=received,
        resolved=resolved,
        early=early,
        on_time=on_time,
        late=late,
        unexplained=unexplained,
        causes=causes,
        figures=_figures(connection, code, months),
        as_of=as_of[0] if as_of and as_of[0] else "",
    )


def _figures(connection: duckdb.DuckDBPyConnection, code: str, months: tuple[date, date]) -> tuple[Figure, ...]:
    """Indicators that add up over months; those of classes are in the split already."""
    rows = connection.execute(
        """
        with months as (
            select indicator_code, sum(numerator) as numerator, sum(denominator) as denominator,
                   max(na_reason) as na_reason
            from marts.rpt_indicator
            where agency_code = $1 and period_type = 'month' and period_start between $2 and $3
            group by indicator_code
        )
        select i.indicator_code, i.system, i.name_vi, i.name_en, m.numerator, m.denominator,
               case when m.denominator > 0 then m.numerator / m.denominator end as value,
               case when coalesce(m.denominator, 0) = 0 then coalesce(m.na_reason, 'no_denominator') end as na_reason
        from marts.dim_indicator as i
        inner join months as m on m.indicator_code = i.indicator_code
        where i.unit = 'share' and i.over_time = 'sum'
            and i.indicator_code not in ('DOSSIER_EARLY', 'DOSSIER_ON_TIME', 'DOSSIER_LATE', 'DOSSIER_UNEXPLAINED')
        order by i.system, i.indicator_code
        """,
        [code, *months],
    ).fetchall()
    return tuple(
        Figure(c, s, vi, en, _whole(n), _whole(d), None if v is None else float(v), reason)
        for c, s, vi, en, n, d, v, reason in rows
    )


def _whole(value: object) -> int | None:
    return None if value is None else int(float(str(value)))
