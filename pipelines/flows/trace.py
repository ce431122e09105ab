"""From a figure back to the files that it came from.

Facts name the file and the batch of every row; which streams can bear an indicator is told by the models themselves.
Of logs there is no telling whose lines a file holds, so all files of the stream that can be meant are named.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches

from pipelines.client import Marts
from pipelines.domain.errors import WrongUse
from pipelines.flows.column_origins import streams_of_indicator
from pipelines.flows.inspection_sources import sources
from pipelines.settings import Settings
from pipelines.storage.home import Home
from pipelines.storage.ledger import Batch, Ledger

_STEPS = """
select s.batch_id, count(*) as rows
from fct_dossier_step as s
inner join fct_dossier as d on s.dossier_code = d.dossier_code
where d.agency_code = $1 and (d.resolved_month between $2 and $3 or d.received_month between $2 and $3)
group by s.batch_id
"""


@dataclass(frozen=True)
class TracedMonth:
    """The figure of one month; of one year where only years have it."""

    month: date
    numerator: int | None
    denominator: int | None
    value: float | None
    na_reason: str | None


@dataclass(frozen=True)
class TracedFile:
    """One file. ``role``: rows (facts name it), log (its lines may be meant) or list (rows were looked up in it).

    ``rows`` are those of the agency and period; none is told of logs and lists.
    """

    role: str
    stream: str
    file: str
    batch_id: str
    sha256: str
    rows: int | None
    rows_in_file: int | None
    exported_at: str


@dataclass(frozen=True)
class Trace:
    """A figure with its definition, and the files behind it."""

    indicator_code: str
    name_vi: str
    name_en: str
    formula_vi: str
    formula_en: str
    agency_code: str
    agency_name: str
    snapshot: str
    as_of: str
    months: tuple[TracedMonth, ...]
    streams: tuple[str, ...]
    files: tuple[TracedFile, ...]


def trace(settings: Settings, *, indicator: str, agency: str, start: date, end: date) -> Trace:
    """The figure of one indicator and agency in some months, with every file behind it.

    Args:
        settings: the installation.
        indicator: its code, see ``dim_indicator``.
        agency: its code, of either generation.
        start: first day of the first month.
        end: first day of the last month.

    Raises:
        WrongUse: there is no such indicator or agency, or nothing is published.
    """
    if end < start:
        raise WrongUse(
            f"The period ends ({end:%Y-%m}) before it starts ({start:%Y-%m}).",
            next_step="Give the earlier month to --from.",
        )
    home = Home(settings.home)
    with Marts(settings.home) as marts:
        named = _indicator(marts, indicator.upper())
        code, name = _agency(marts, agency)
        streams = streams_of_indicator(named[0])
        counted = _rows(marts, code, (start, end))
        known = Ledger(home.ledger).select(states=["loaded"])
        batches = [b for b in known if f"{b.source}.{b.stream}" in streams and b.exported_at <= str(marts.as_of)]
        return Trace(
            *named,
            agency_code=code,
            agency_name=name,
            snapshot=marts.snapshot,
            as_of=str(marts.as_of),
            months=_months(marts, named[0], code, (start, end)),
            streams=streams,
            files=_files(batches, counted, start),
        )


def _indicator(marts: Marts, code: str) -> tuple[str, str, str, str, str]:
    known = marts.sql("select indicator_code, name_vi, name_en, formula_vi, formula_en from dim_indicator").fetchall()
    for found in known:
        if found[0] == code:
            return found
    near = get_close_matches(code, [row[0] for row in known], n=3)
    raise WrongUse(
        f"There is no indicator {code}.",
        next_step=f"Did you mean {' or '.join(near)}?" if near else "Codes are in the table marts.dim_indicator.",
    )


def _agency(marts: Marts, agency: str) -> tuple[str, str]:
    found = marts.sql(
        "select agency_code, agency_name from dim_agency where agency_code = $1 or legacy_code = $1", [agency]
    ).fetchone()
    if found is None:
        raise WrongUse(f"There is no agency {agency}.", next_step="Codes are in the table marts.dim_agency.")
    return found[0], found[1]


def _months(marts: Marts, indicator: str, agency: str, months: tuple[date, date]) -> tuple[TracedMonth, ...]:
    found = marts.sql(
        """
        select period_start, numerator, denominator, value, na_reason
        from rpt_indicator
        where indicator_code = $1 and agency_code = $2 and period_start <= $4 and period_end >= $3
        qualify period_type = min(period_type) over ()  -- months, else years
        order by period_start
        """,
        [indicator, agency, *months],
    )
    return tuple(TracedMonth(*row) for row in found.fetchall())


def _rows(marts: Marts, agency: str, months: tuple[date, date]) -> dict[str, int]:
    """Rows of facts of the agency and period by batch."""
    counted = {found.batch_id: found.rows for found in sources(marts.connection, agency, months) if found.batch_id}
    return counted | dict(marts.sql(_STEPS, [agency, *months]).fetchall())


def _files(batches: list[Batch], counted: dict[str, int], start: date) -> tuple[TracedFile, ...]:
    newest = {(b.source, b.stream): b.batch_id for b in sorted(batches, key=lambda b: b.exported_at)}
    with_rows = {(b.source, b.stream) for b in batches if b.batch_id in counted}
    found = []
    for batch in batches:
        stream = (batch.source, batch.stream)
        if batch.batch_id in counted:
            role = "rows"
        elif batch.source == "mail" and batch.exported_at >= f"{start:%Y-%m-%d}":
            role = "log"
        elif batch.source == "reference" and stream not in with_rows and newest[stream] == batch.batch_id:
            role = "list"
        else:
            continue
        found.append(_file(batch, role, counted.get(batch.batch_id)))
    order = ("rows", "log", "list")
    return tuple(sorted(found, key=lambda f: (order.index(f.role), f.stream, f.exported_at, f.file)))


def _file(batch: Batch, role: str, rows: int | None) -> TracedFile:
    return TracedFile(
        role=role,
        stream=f"{batch.source}.{batch.stream}",
        file=batch.file_name,
        batch_id=batch.batch_id,
        sha256=batch.sha256,
        rows=rows,
        rows_in_file=batch.rows_in_file,
        exported_at=batch.exported_at,
    )
