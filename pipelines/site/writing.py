"""Writes the pages of a snapshot into a folder."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
from jinja2 import Environment, PackageLoader, StrictUndefined

from pipelines.domain.labels import Text
from pipelines.site.agency_page import agency_page
from pipelines.site.figures.agencies import agency_figures
from pipelines.site.figures.heat import heat_by_month, heat_by_period
from pipelines.site.figures.levels import level_figures, on_time_rates
from pipelines.site.figures.overview import overview_figures
from pipelines.site.figures.province import Province, province
from pipelines.site.heat_page import heat_page, shown_codes
from pipelines.site.indicator_page import indicator_page
from pipelines.site.markup import both, number
from pipelines.site.overview_page import overview_page
from pipelines.site.tables import as_html, csv_link
from pipelines.site.words import LEVELS, NO_ACCUSATION, RULES

FIRST_PAGE = "index.html"


def write_site(connection: duckdb.DuckDBPyConnection, folder: Path, *, rule: str, charts: str) -> list[str]:
    """Write every page; the same marts give the same bytes.

    Args:
        connection: a database with the schema ``marts``.
        folder: where to write; it exists.
        rule: the definition of "on time" of the splits.
        charts: the packed script that draws charts, see ``script``.

    Returns:
        The names of the pages besides the first, in order.
    """
    told = province(connection, rule)
    pages = _pages(connection, told, charts) if told else iter([(FIRST_PAGE, _render("empty.html.j2", charts=""))])
    names = []
    for name, text in pages:
        (folder / name).write_text(text, encoding="utf-8")
        names.append(name)
    return sorted(n for n in names if n != FIRST_PAGE)


def _pages(connection: duckdb.DuckDBPyConnection, told: Province, charts: str) -> Iterator[tuple[str, str]]:
    levels = level_figures(connection, told)
    shared: dict[str, Any] = {"province": told, "charts": charts}
    first = overview_page(told, levels, overview_figures(connection, told))
    yield FIRST_PAGE, _render("overview.html.j2", page=first, **shared)
    yield "heat.html", _render("heat.html.j2", heat=_heat(connection, told), **shared)
    yield "about.html", _render("about.html.j2", **shared)
    by_month = heat_by_month(connection, told)
    rates = on_time_rates(connection, told)
    for indicator in told.indicators:
        page = indicator_page(indicator, told, levels, rates, by_month.pop(indicator.code, []))
        yield indicator.page, _render("indicator.html.j2", page=page, **shared)
    figures = agency_figures(connection, told)
    for agency in told.agencies:
        if agency.page:
            yield agency.page, _render("agency.html.j2", page=agency_page(agency, told, figures), **shared)


def _heat(connection: duckdb.DuckDBPyConnection, told: Province) -> Any:
    return heat_page(told, heat_by_period(connection, told, shown_codes(told)))


def _render(template: str, **values: Any) -> str:
    return _environment().get_template(template).render(**values)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("pipelines.site"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.filters |= {"both": both, "number": number, "table": as_html, "csv": csv_link}
    environment.globals |= {
        "T": Text,
        "LEVELS": LEVELS,
        "NO_ACCUSATION": NO_ACCUSATION,
        "RULES": RULES,
        "style": _asset("style.css"),
        "dark": _asset("dark.css"),
        "script": _asset("site.js"),
    }
    return environment


def _asset(name: str) -> str:
    return (Path(__file__).parent / "assets" / name).read_text(encoding="utf-8")
