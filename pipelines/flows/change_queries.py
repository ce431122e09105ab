"""The queries behind ``changes``: two states of the marts, ``known`` and ``later``, over the table ``asked``.

A dossier belongs to the period when it was resolved in it (or received in it), in either state. What merely went on
after the period, an open dossier that ended later, is no change of it.
"""

from __future__ import annotations

_CODES = """
select dossier_code from {database}.marts.fct_dossier, asked
where (is_resolved and resolved_month between first_month and last_month)
    or (is_received and received_month between first_month and last_month)
"""
_STATE = """
select d.*, {{class_column}} as class,
    coalesce(is_resolved and resolved_month between first_month and last_month, false) as is_resolved_in,
    coalesce(is_received and received_month between first_month and last_month, false) as is_received_in
from {database}.marts.fct_dossier as d, asked
where dossier_code in (from codes)
"""
# kind, condition, value then, value now; over the states w (then) and n (now).
_RESOLVED_IN = "w.dossier_code is not null and n.dossier_code is not null and (w.is_resolved_in or n.is_resolved_in)"
_DOSSIER_KINDS = (
    ("added", "w.dossier_code is null", "null", "n.ended_at::varchar"),
    ("removed", "n.dossier_code is null", "w.ended_at::varchar", "null"),
    (
        "end_moved",
        f"{_RESOLVED_IN} and w.ended_at is distinct from n.ended_at",
        "w.ended_at::varchar",
        "n.ended_at::varchar",
    ),
    ("due_moved", f"{_RESOLVED_IN} and w.due_at is distinct from n.due_at", "w.due_at::varchar", "n.due_at::varchar"),
    ("class_changed", f"{_RESOLVED_IN} and w.class <> n.class", "w.class", "n.class"),
    ("reception_moved", "w.received_at <> n.received_at", "w.received_at::varchar", "n.received_at::varchar"),
    ("agency_changed", "w.agency_code <> n.agency_code", "w.agency_code", "n.agency_code"),
)


def _changed(subject: str, code: str, kinds: tuple[tuple[str, str, str, str], ...]) -> str:
    """One row for each kind of change that a pair of states shows; each kind is asked of each pair once."""
    return " union all ".join(
        f"""
        select coalesce(n.agency_code, w.agency_code) as agency_code, '{subject}' as subject, {code} as code,
            '{kind}' as kind, {then} as known_value, {now} as now_value,
            coalesce(n.as_of, w.as_of) as exported_at, coalesce(n.source_file, w.source_file) as source_file,
            coalesce(n.row_number, w.row_number) as row_number
        from pairs where {condition}
        """
        for kind, condition, then, now in kinds
    )


DOSSIERS = f"""
(with codes as ({_CODES.format(database="known")} union {_CODES.format(database="later")}),
w as ({_STATE.format(database="known")}),
n as ({_STATE.format(database="later")}),
pairs as (select w, n from w full outer join n on w.dossier_code = n.dossier_code)
{_changed("dossier", "coalesce(n.dossier_code, w.dossier_code)", _DOSSIER_KINDS)})
"""

_DOCUMENT_KEY = ("direction", "source_agency_code", "book_year", "document_number")
_REGISTERED = """
select d.* from {database}.marts.fct_document as d, asked
where not is_secret and date_trunc('month', registered_on) between first_month and last_month
"""
_DOCUMENT_KINDS = (
    ("added", "w.document_number is null", "null", "n.registered_on::varchar"),
    ("removed", "n.document_number is null", "w.registered_on::varchar", "null"),
    # A document that was open and has been closed since went on as it should; one closed in the period did not.
    (
        "end_moved",
        "w.document_number is not null and n.document_number is not null and w.closed_at is distinct from n.closed_at"
        " and (w.closed_at is not null or n.closed_at < (select last_month + interval 1 month from asked))",
        "w.closed_at::varchar",
        "n.closed_at::varchar",
    ),
    (
        "due_moved",
        "w.document_number is not null and n.document_number is not null and w.due_on is distinct from n.due_on",
        "w.due_on::varchar",
        "n.due_on::varchar",
    ),
    (
        "class_changed",
        "w.is_fully_electronic <> n.is_fully_electronic",
        "case when w.is_fully_electronic then 'fully_electronic' else 'not_fully_electronic' end",
        "case when n.is_fully_electronic then 'fully_electronic' else 'not_fully_electronic' end",
    ),
)
DOCUMENTS = f"""
(with w as ({_REGISTERED.format(database="known")}),
n as ({_REGISTERED.format(database="later")}),
pairs as (select w, n from w full outer join n on {" and ".join(f"w.{c} = n.{c}" for c in _DOCUMENT_KEY)})
{
    _changed(
        "document",
        "concat_ws(' ', coalesce(n.direction, w.direction), coalesce(n.book_year, w.book_year), "
        "coalesce(n.document_number, w.document_number))",
        _DOCUMENT_KINDS,
    )
})
"""

_MEASURES = ("received", "resolved", "early", "on_time", "late", "unexplained")
_SPLIT = """
select agency_code, unnest([{names}]) as code, unnest([{sums}]) as n, unnest(range({count})) as place
from {database}.marts.rpt_dossier_resolution, asked
where rule_code = asked_rule and month between first_month and last_month
group by agency_code
"""


def _split(database: str) -> str:
    names = ", ".join(f"'{m}'" for m in _MEASURES)
    sums = ", ".join(f"sum({m}_count)::bigint" for m in _MEASURES)
    return _SPLIT.format(names=names, sums=sums, count=len(_MEASURES), database=database)


RESOLUTION = f"""
(select coalesce(n.agency_code, w.agency_code) as agency_code, coalesce(n.place, w.place) as place,
    coalesce(n.code, w.code) as code, 'count' as part, coalesce(w.n, 0) as known, coalesce(n.n, 0) as now
from ({_split("known")}) as w full outer join ({_split("later")}) as n
    on w.agency_code = n.agency_code and w.code = n.code)
"""

_INDICATOR = """
select agency_code, indicator_code as code, unnest(['numerator', 'denominator']) as part,
    unnest([sum(numerator)::bigint, sum(denominator)::bigint]) as n
from {database}.marts.rpt_indicator, asked
where period_type = 'month' and period_start between first_month and last_month
group by agency_code, indicator_code
"""
INDICATORS = f"""
(select coalesce(n.agency_code, w.agency_code) as agency_code, {len(_MEASURES)} as place,
    coalesce(n.code, w.code) as code, coalesce(n.part, w.part) as part, w.n as known, n.n as now
from ({_INDICATOR.format(database="known")}) as w full outer join ({_INDICATOR.format(database="later")}) as n
    on w.agency_code = n.agency_code and w.code = n.code and w.part = n.part)
"""
