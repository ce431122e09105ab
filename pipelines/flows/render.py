"""Inspections as text for people and programs: HTML, Markdown, Word, CSV and JSON."""

from __future__ import annotations

import dataclasses
import json
from functools import cache
from typing import Any, Literal, get_args

from jinja2 import Environment, PackageLoader, select_autoescape

from pipelines.domain.errors import WrongUse
from pipelines.domain.numbers import vi_count, vi_percent
from pipelines.flows.inspection_csv import as_csv
from pipelines.flows.inspection_parts import Inspection
from pipelines.flows.inspection_prose import paragraphs
from pipelines.flows.inspection_tables import definition_anchor, source_anchor, split_rows, tables
from pipelines.flows.inspection_words import Words, words_of

Format = Literal["html", "md", "docx", "csv", "json"]
_CARDS = ("resolved", "early", "on_time", "late", "unexplained")


def render(inspection: Inspection, form: str, language: str = "vi") -> str:
    """An inspection as text: ``html, md, csv`` or ``json``. CSV and JSON hold both languages.

    Raises:
        WrongUse: there is no such format of text, or no such language.
    """
    words = words_of(language)
    if form in ("html", "md"):
        return page(f"inspection.{form}.j2", **_shown(inspection, words))
    if form == "csv":
        return as_csv(inspection)
    if form == "json":
        return json.dumps(dataclasses.asdict(inspection), ensure_ascii=False, indent=2, default=str)
    raise WrongUse(f"There is no text of the format {form}.", next_step=f"Formats are {', '.join(get_args(Format))}.")


def render_bytes(inspection: Inspection, form: str, language: str = "vi") -> bytes:
    """The same as the bytes of a file, ``docx`` among them.

    Raises:
        WrongUse: there is no such format, or no such language.
    """
    if form != "docx":
        return render(inspection, form, language).encode("utf-8")
    from pipelines.flows.render_docx import Document, document_bytes

    words = words_of(language)
    shown = _shown(inspection, words)
    return document_bytes(Document(shown["name"], shown["meta"], shown["paragraphs"], shown["tables"]), words)


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
    environment.filters["cell"] = _markdown_cell
    return environment


def _markdown_cell(text: str) -> str:
    """A text that stays in its cell and is no markup."""
    for sign in "\\|<>[]*_`":
        text = text.replace(sign, f"&#{ord(sign)};" if sign in "<>|" else f"\\{sign}")
    return text.replace("\n", " ")


def _shown(found: Inspection, words: Words) -> dict[str, Any]:
    months = f"{found.start:%m/%Y} – {found.end:%m/%Y}"
    code, as_of, rule = found.agency_code, words.moment(found.as_of), found.rule_code
    told = words(
        f"Kỳ {months} · mã {code} · số liệu tính đến {as_of} · quy tắc {rule}",
        f"{months} · code {code} · as of {as_of} · rule {rule}",
    )
    return {
        "words": words,
        "name": words(found.agency_name, found.agency_name_en),
        "meta": told,
        "cards": [(label, n, share) for code, label, n, share in split_rows(found, words) if code in _CARDS],
        "paragraphs": paragraphs(found, words),
        "tables": tables(found, words),
        "definition": definition_anchor,
        "source": source_anchor,
        "command": f"cchc inspection --agency {found.agency_code} --from {found.start:%Y-%m} --to {found.end:%Y-%m}",
    }
