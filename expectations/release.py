"""What the marts must fulfil before they are published.

Keys, relationships and the logic of models are dbt's to test; this guards the data that would go
out: nothing missing or gone, shares that are shares, classes that add up, rows accounted for, and
no text that looks like a person's number, phone or mail address (``domain.md`` §1.6).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import great_expectations as gx
from great_expectations.core import ExpectationSuite
from great_expectations.expectations.core.expect_column_values_to_be_between import ExpectColumnValuesToBeBetween
from great_expectations.expectations.core.expect_column_values_to_not_be_null import ExpectColumnValuesToNotBeNull
from great_expectations.expectations.core.expect_column_values_to_not_match_regex import (
    ExpectColumnValuesToNotMatchRegex,
)
from great_expectations.expectations.core.expect_table_row_count_to_be_between import ExpectTableRowCountToBeBetween
from great_expectations.expectations.expectation import Expectation

from expectations.faulty_rows import ExpectKeyToStandOnce, ExpectNoFaultyRows

# Nine or twelve digits, a phone number, or anything with an at sign. Word boundaries: a keyed hash
# holds runs of digits between its letters.
PERSONAL = r"@|\b(\d{12}|\d{9})\b|\b0[35789]\d{8}\b|\+84[\s.-]?\d{2,3}[\s.-]?\d{3}"
# Codes have patterns of their own in the contracts; a batch id ends in a digest that may be all digits.
_CODES = ("_code", "_id", "_symbol", "_hash")
_CLASSES = "early_count + on_time_count + late_count + unexplained_count"
_CAUSES = (
    "unexplained_no_due_date_count + unexplained_withdrawn_count + unexplained_stopped_count"
    " + unexplained_not_returned_count + unexplained_no_limit_count + unexplained_no_calendar_count"
)
_OPEN = "open_in_due_count + open_late_count + open_no_due_date_count"
_LEAST_SHARE_OF_BEFORE = 0.5


@dataclass(frozen=True)
class Mart:
    """A table to be released.

    ``fed_by``: contract names; once one of them has brought rows the table must have some.
    ``always``: it must have rows in any case. ``newest``: it holds only the newest months, so that it may lose any
    share of its rows when time goes on. ``shares``: columns within 0 and 1, or null.
    ``faults``: predicates that no row may fulfil, with what they mean to a reader.
    """

    name: str
    schema: str = "marts"
    key: tuple[str, ...] = ()
    fed_by: tuple[str, ...] = ()
    always: bool = False
    newest: bool = False
    shares: tuple[str, ...] = ()
    faults: dict[str, tuple[tuple[str, ...], str]] = field(default_factory=dict)

    @property
    def required(self) -> tuple[str, ...]:
        """Columns that the expectations name."""
        named = [*self.key, *self.shares, *(c for columns, _ in self.faults.values() for c in columns)]
        return tuple(dict.fromkeys([*named, "as_of"] if self.schema == "marts" else named))


_MONTHLY, _YEARLY = ("agency_code", "month"), ("agency_code", "year")
_DOSSIERS, _STEPS = "igate.dossiers", "igate.steps"
_INDICATOR_FAULTS: dict[str, tuple[tuple[str, ...], str]] = {
    "a share is not within 0 and 1": (("value", "unit"), "unit = 'share' and value not between 0 and 1"),
    "a value is missing without a reason": (("value", "na_reason"), "value is null and na_reason is null"),
    "a part is larger than the whole": (("numerator", "denominator"), "numerator > denominator"),
    "a figure stands beside the reason why there is none": (
        ("value", "na_reason"),
        "value is not null and na_reason is not null",
    ),
}
MARTS = (
    Mart("dim_agency", fed_by=("reference.agencies",)),
    Mart("dim_procedure", fed_by=("reference.procedures",)),
    Mart("dim_date", always=True),
    Mart("dim_indicator", key=("indicator_code",), always=True),
    Mart("fct_dossier", key=("dossier_code",), fed_by=(_DOSSIERS,)),
    Mart("fct_dossier_step", key=("dossier_code", "step_number"), fed_by=(_STEPS,)),
    Mart("fct_document", fed_by=("idesk.incoming", "idesk.outgoing")),
    Mart("fct_work_file", key=("agency_code", "work_file_code"), fed_by=("idesk.work_files",)),
    Mart("fct_mailbox_month", key=_MONTHLY),
    Mart(
        "rpt_dossier_resolution",
        key=(*_MONTHLY, "rule_code"),
        fed_by=(_DOSSIERS,),
        faults={
            "the classes do not add up to the resolved dossiers": (
                ("resolved_count", "early_count", "on_time_count", "late_count", "unexplained_count"),
                f"resolved_count is distinct from {_CLASSES}",
            ),
            "the causes do not add up to the remainder": (
                tuple(_CAUSES.split(" + ")),
                f"unexplained_count is distinct from {_CAUSES}",
            ),
            "what came in is neither resolved nor open": (
                ("received_count", "carried_over_count", *_OPEN.split(" + ")),
                f"received_count + carried_over_count is distinct from resolved_count + {_OPEN}",
            ),
            "a count is negative": (
                ("received_count",),
                "least(received_count, resolved_count, early_count, on_time_count, late_count, unexplained_count, "
                "carried_over_count, open_in_due_count, open_late_count, open_no_due_date_count) < 0",
            ),
        },
    ),
    Mart(
        "rpt_on_time_rate",
        key=(*_MONTHLY, "rule_code", "denominator_code"),
        fed_by=(_DOSSIERS,),
        faults={
            "a value is missing without a reason": (("value", "na_reason"), "value is null and na_reason is null"),
            "more is on time than there is": (
                ("numerator", "denominator"),
                "denominator_code <> 'RECEIVED' and numerator > denominator",
            ),
        },
    ),
    Mart(
        "rpt_indicator",
        key=("indicator_code", "agency_code", "period_type", "period_start"),
        fed_by=(_DOSSIERS,),
        faults=_INDICATOR_FAULTS,
    ),
    Mart("dim_agency_succession", key=("from_code", "to_code", "valid_on")),
    Mart(
        "bridge_agency_geography",
        key=("geography_date", "agency_code", "changed_on", "successor_code"),
        shares=("weight",),
    ),
    Mart(
        "rpt_indicator_constant",
        key=("indicator_code", "agency_code", "period_type", "period_start"),
        fed_by=(_DOSSIERS,),
        faults=_INDICATOR_FAULTS,
    ),
    Mart("rpt_indicator_wide", key=("agency_code", "period_type", "period_start"), fed_by=(_DOSSIERS,)),
    Mart("rpt_target_progress"),
    Mart("rpt_official_activity", key=("indicator_code", "level", "month"), shares=("value",)),
    Mart(
        "rpt_score_766",
        key=("agency_code", "period_type", "period_start", "line"),
        faults={
            "points are not within 0 and the line's maximum": (
                ("points", "max_points"),
                "points not between 0 and max_points + 1e-9",
            ),
            "points are missing without a reason": (("points", "na_reason"), "points is null and na_reason is null"),
        },
    ),
    Mart("rpt_reconciliation", key=("compared_with", "agency_code", "measure", "period_start", "period_end")),
    Mart("rpt_form06_check", key=("identity_code", "unit_name", "period_from", "period_to")),
    Mart("rpt_published_check", key=("check_code",), always=True),
    Mart("rpt_published_figure", key=("figure_code", "rule_code"), always=True),
    Mart("rpt_survey", key=_YEARLY, fed_by=("reference.survey",), shares=("satisfaction", "threshold")),
    Mart("rpt_par_index", key=_YEARLY, fed_by=("reference.par_index",)),
    Mart("rpt_website_posts", key=_MONTHLY, fed_by=("reference.website_posts",)),
    Mart("rpt_initiative", key=("agency_code", "initiative_code"), fed_by=("reference.initiatives",)),
    Mart("rpt_signals", shares=("share", "province_share")),
    Mart("rpt_signal_evidence", newest=True),
    Mart("rpt_source_freshness", key=("source", "stream"), always=True),
    Mart("rpt_quality", always=True),
    Mart(
        "batches",
        schema="audit",
        key=("batch_id",),
        faults={
            "rows of a file are not accounted for": (
                ("state", "rows_in_file", "rows_loaded", "rows_quarantined", "rows_non_data"),
                "state = 'loaded' and rows_in_file is distinct from coalesce(rows_loaded, 0)"
                " + coalesce(rows_quarantined, 0) + coalesce(rows_non_data, 0)",
            )
        },
    ),
)


def release_suite(
    mart: Mart, *, text_columns: Iterable[str] = (), fed: bool = False, rows_before: int = 0
) -> ExpectationSuite:
    """The suite of one table.

    Args:
        mart: the table; all of ``mart.required`` must exist.
        text_columns: its text columns, which must hold nothing that looks personal.
        fed: whether a source of it has brought rows.
        rows_before: rows in the published snapshot; fewer than half of them is a collapse.
    """
    expectations: list[Expectation] = []
    rows_to_keep = 0 if mart.newest else int(rows_before * _LEAST_SHARE_OF_BEFORE)
    at_least = max(rows_to_keep, 1 if mart.always or fed else 0)
    if at_least:
        why = f"fewer than half of the {rows_before} rows published before" if rows_before > 1 else "it has no rows"
        expectations.append(ExpectTableRowCountToBeBetween(min_value=at_least, **_told(mart, why, "")))
    if mart.key:
        why = "a key stands more than once"
        expectations.append(ExpectKeyToStandOnce(columns=list(mart.key), **_told(mart, why, ", ".join(mart.key))))
    expectations += [
        ExpectColumnValuesToNotBeNull(column=column, **_told(mart, "a value is missing", column))
        for column in (*mart.key, *(("as_of",) if mart.schema == "marts" else ()))
    ]
    for column in mart.shares:
        told = _told(mart, "a share is not within 0 and 1", column)
        expectations.append(ExpectColumnValuesToBeBetween(column=column, min_value=0, max_value=1, **told))
    for why, (columns, fault) in mart.faults.items():
        told = _told(mart, why, ", ".join(columns))
        expectations.append(ExpectNoFaultyRows(column=columns[0], fault=fault, **told))
    for column in text_columns:
        if mart.schema == "marts" and not column.startswith("_") and not column.endswith(_CODES):
            told = _told(mart, "a text looks like personal data", column)
            expectations.append(ExpectColumnValuesToNotMatchRegex(column=column, regex=PERSONAL, **told))
    return gx.ExpectationSuite(name=f"{mart.schema}.{mart.name}", expectations=expectations)


def _told(mart: Mart, why: str, column: str) -> dict[str, Any]:
    where = f"{mart.schema}.{mart.name}" + (f" ({column})" if column else "")
    return {
        "meta": {"rule": why, "column": column, "severity": "fail"},
        "severity": "critical",
        "description": f"{where}: {why}",
    }
