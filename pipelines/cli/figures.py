"""Figures on a terminal: the headline of the province and the inspection of one agency."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.cli import completions
from pipelines.cli.shell import Debug, Json, begin, count, day_of, month_of, say, say_paragraph, table
from pipelines.domain.errors import WrongUse

if TYPE_CHECKING:
    from pipelines.flows.headline import AgencySplit, Headline
    from pipelines.flows.inspection_parts import Inspection
    from pipelines.flows.inspection_words import Words
    from pipelines.settings import Settings

_AGENCIES_SHOWN = 8


def add_to(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command(epilog="Example: `cchc inspection --agency H15.07 --from 2020-01 --to 2021-04 --format md`")(inspection)


def inspection(
    agency: Annotated[
        str, typer.Option(help="Code of the agency, of either generation.", autocompletion=completions.agencies)
    ],
    first: Annotated[str, typer.Option("--from", help="First month, YYYY-MM.")],
    last: Annotated[str, typer.Option("--to", help="Last month, YYYY-MM.")],
    as_of: Annotated[
        str | None, typer.Option("--as-of", help="Only what had been exported by that day, YYYY-MM-DD.")
    ] = None,
    form: Annotated[
        str, typer.Option("--format", help="table, html, md, docx, csv or json.", autocompletion=completions.forms)
    ] = "table",
    language: Annotated[
        str, typer.Option(help="vi or en, of table, html, md and docx.", autocompletion=completions.languages)
    ] = "vi",
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write there instead of stdout.")] = None,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Show the figures of a CCHC inspection of one agency, with the remainder that no class takes."""
    from pipelines.flows.inspection import inspection as inspection_flow
    from pipelines.flows.inspection_words import words_of
    from pipelines.flows.render import render, render_bytes
    from pipelines.storage.atomic import whole_file

    settings = begin(as_json=json, debug=debug)
    start, end, day, words = month_of(first), month_of(last), day_of(as_of), words_of(language)
    if form == "docx" and output is None and not json:
        raise WrongUse("A Word document is no text for a terminal.", next_step="Name a file with --output.")
    found = inspection_flow(settings, agency=agency, start=start, end=end, as_of=day)
    form = "json" if json else form
    if form == "table" and output is None:
        show_inspection(found, words)
        return
    form = "md" if form == "table" else form
    if output is None:
        text = render(found, form, language)
        typer.echo(text, nl=not text.endswith("\n"))
        return
    with whole_file(output) as draft:
        draft.write_bytes(render_bytes(found, form, language))
    if not json:
        say(f"Written: {output}")


def show_headline(settings: Settings) -> None:
    """Each system's progress over the whole period, from the published snapshot."""
    from pipelines.flows.headline import headline
    from pipelines.storage.home import Home
    from pipelines.storage.snapshots import open_current

    connection = open_current(Home(settings.home))
    try:
        found = headline(connection, rule=settings.default_rule)
    finally:
        connection.close()
    if found is None:
        say("The marts hold no resolved dossier yet.")
        return
    _show_lines(found)
    _show_remainders(found)


def _show_lines(found: Headline) -> None:
    from pipelines.domain.labels import SYSTEMS, text_of
    from pipelines.domain.numbers import vi_percent

    table(
        f"Tỉnh, {found.first_month:%m/%Y} – {found.last_month:%m/%Y}, số liệu tính đến {found.as_of}",
        ["hệ thống", "chỉ số", "tử số", "mẫu số", "tỷ lệ", "chỉ tiêu"],
        [
            (
                text_of(SYSTEMS, line.system).vi,
                line.name_vi,
                count(line.numerator),
                count(line.denominator),
                vi_percent(line.value),
                vi_percent(line.target),
            )
            for line in found.lines
        ],
        right={2, 3, 4, 5},
    )


def _show_remainders(found: Headline) -> None:
    """Agencies by the dossiers that no class takes, the largest remainder first; the last line is the province."""
    by_remainder = sorted(found.agencies, key=lambda a: (-a.unexplained, a.agency_code))
    with_one = [a for a in by_remainder if a.unexplained]
    shown, others = with_one[:_AGENCIES_SHOWN], by_remainder[len(with_one[:_AGENCIES_SHOWN]) :]
    rows = [(a.agency_code, a.agency_name, *_split(a)) for a in shown]
    if others:
        rows.append(("", f"{count(len(others))} cơ quan khác", *_split(*others)))
    rows.append(("", "Toàn tỉnh", *_split(*found.agencies)))
    table(
        f"Hồ sơ đã giải quyết và phần chưa giải thích được, quy tắc {found.rule_code}",
        ["mã", "cơ quan", "đã giải quyết", "trước hạn", "đúng hạn", "quá hạn", "chưa giải thích được"],
        rows,
        right={2, 3, 4, 5, 6},
    )


def _split(*agencies: AgencySplit) -> tuple[str, ...]:
    """Resolved dossiers by class, added up."""
    parts = ((a.resolved, a.early, a.on_time, a.late, a.unexplained) for a in agencies)
    return tuple(count(sum(numbers)) for numbers in zip(*parts, strict=True))


def show_inspection(found: Inspection, words: Words) -> None:
    """An inspection in sentences, then as tables; definitions and files are left to the other formats."""
    from pipelines.flows.inspection_prose import paragraphs
    from pipelines.flows.inspection_tables import tables

    name, as_of = words(found.agency_name, found.agency_name_en), words.moment(found.as_of)
    say_paragraph(f"{name} ({found.agency_code}), {found.rule_code}, {words('số liệu tính đến', 'as of')} {as_of}")
    for paragraph in paragraphs(found, words):
        say(f"\n{paragraph.title}")
        say_paragraph(paragraph.text)
    for shown in tables(found, words):
        if any(row.anchor for row in shown.rows):
            continue
        numbers = {place for place, cell in enumerate(shown.rows[0].cells) if cell.is_number}
        table(shown.title, list(shown.heads), [tuple(c.text for c in row.cells) for row in shown.rows], right=numbers)
