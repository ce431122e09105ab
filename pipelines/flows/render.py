"""Inspections as text for people and programs: HTML, Markdown, CSV, JSON, and a terminal's table."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
from functools import cache
from typing import Any, Literal

from jinja2 import Environment, PackageLoader, select_autoescape

from pipelines.domain.errors import WrongUse
from pipelines.domain.numbers import vi_count, vi_percent
from pipelines.flows.inspection import Inspection

Format = Literal["html", "md", "csv", "json"]


def render(inspection: Inspection, form: str) -> str:
    """An inspection in one of ``html, md, csv, json``.

    Raises:
        WrongUse: there is no such format.
    """
    if form in ("html", "md"):
        return page(f"inspection.{form}.j2", inspection=inspection)
    if form == "csv":
        return _as_csv(inspection)
    if form == "json":
        return json.dumps(dataclasses.asdict(inspection), ensure_ascii=False, indent=2, default=str)
    raise WrongUse(f"There is no format {form}.", next_step="Use html, md, csv or json.")


def page(template: str, **values: Any) -> str:
    """A template of ours, filled in."""
    return _environment().get_template(template).render(**values)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("pipelines.flows"),
        autoescape=select_autoescape(("html.j2", "html")),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["count"] = vi_count
    environment.filters["percent"] = vi_percent
    return environment


def split_rows(inspection: Inspection) -> list[tuple[str, str, int, float | None]]:
    """Rows of the split: code, Vietnamese label, count, share of the resolved."""
    counts = (
        ("resolved", "Đã giải quyết", inspection.resolved),
        ("early", "Trước hạn", inspection.early),
        ("on_time", "Đúng hạn", inspection.on_time),
        ("late", "Quá hạn", inspection.late),
        ("unexplained", "Chưa giải thích được", inspection.unexplained),
    )
    whole = inspection.resolved
    causes = [(f"unexplained_{c.code}", f"– {c.name_vi}", c.count) for c in inspection.causes]
    return [(code, label, n, n / whole if whole else None) for code, label, n in (*counts, *causes)]


def _as_csv(inspection: Inspection) -> str:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["code", "name_vi", "numerator", "denominator", "value", "na_reason"])
    for code, label, count, share in split_rows(inspection):
        writer.writerow([code, label, count, inspection.resolved, share, ""])
    for f in inspection.figures:
        writer.writerow([f.code, f.name_vi, f.numerator, f.denominator, f.value, f.na_reason or ""])
    return text.getvalue()
