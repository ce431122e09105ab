"""Heat tables of agencies, from cells that the database wrote."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from markupsafe import Markup, escape

from pipelines.domain.formulas import guarded
from pipelines.domain.labels import Text
from pipelines.site.figures.heat import HeatRow
from pipelines.site.figures.province import Province
from pipelines.site.markup import both
from pipelines.site.tables import csv_address


class HeatColumn(NamedTuple):
    """``group`` is what the choice of columns calls it: a year or a period."""

    label: Text
    group: str


class HeatTable(NamedTuple):
    """The table of a page, its CSV, and the groups of columns that can be chosen; the first is shown."""

    html: Markup
    csv: str
    groups: list[tuple[str, Text]]


def heat_table(
    caption: Text,
    columns: Sequence[HeatColumn],
    rows: Sequence[HeatRow],
    told: Province,
    groups: list[tuple[str, Text]],
) -> HeatTable:
    """All columns stand in the page; those outside the first group are hidden until they are chosen."""
    chosen = groups[0][0]
    shown = [c.group == chosen for c in columns]
    head = "".join(
        f'<th scope="col" class="n" data-group="{c.group}"{"" if on else " hidden"}>'
        f'<button type="button" class="sort">{both(c.label)}</button></th>'
        for c, on in zip(columns, shown, strict=True)
    )
    body = "".join(_row(row, told, shown) for row in rows)
    agency = both(Text("Cơ quan", "Agency"))
    html = Markup(
        '<div class="scroll tall" tabindex="0" role="group" aria-labelledby="of-heat">'
        f'<table id="heat" class="heat sortable"><caption id="of-heat">{both(caption)}</caption><thead><tr>'
        f'<th scope="col"><button type="button" class="sort">{agency}</button></th>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )
    return HeatTable(html, _csv(columns, rows, told), groups)


def _row(row: HeatRow, told: Province, shown: Sequence[bool]) -> str:
    agency = told.by_code[row.agency_code]
    name = both(agency.name)
    link = f'<a href="{escape(agency.page)}">{name}</a>' if agency.page else name
    parent = f' data-parent="{escape(agency.parent_code)}"' if agency.level == "commune" and agency.parent_code else ""
    cells = row.cells
    if not all(shown):
        parts = cells.split("<td")[1:]
        cells = "".join(f"<td{'' if on else ' hidden'}{part}" for part, on in zip(parts, shown, strict=True))
    return f'<tr data-level="{agency.level}"{parent}><th scope="row">{link}</th>{cells}</tr>'


def _csv(columns: Sequence[HeatColumn], rows: Sequence[HeatRow], told: Province) -> str:
    """Bare values with a point; a reason by its code where there is none."""
    head = ",".join(f'"{c.group} {c.label.vi}"' if c.label.vi != c.label.en else c.label.vi for c in columns)
    lines = [f"agency_code,agency_name,{head}"]
    for row in rows:
        name = guarded(told.by_code[row.agency_code].name.vi).replace('"', '""')
        lines.append(f'{guarded(row.agency_code)},"{name}",{row.line}')
    return csv_address("\r\n".join([*lines, ""]))
