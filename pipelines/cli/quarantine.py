"""Rows held back: ``quarantine list``, ``export`` and ``redrive``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.cli import completions
from pipelines.cli.shell import Debug, Inbox, Json, alone, begin, count, emit, say, table

if TYPE_CHECKING:
    from pipelines.flows.quarantine import HeldBack

Source = Annotated[str | None, typer.Option(help="Only of this source.", autocompletion=completions.sources)]
Stream = Annotated[str | None, typer.Option(help="Only of this stream.", autocompletion=completions.streams)]
File = Annotated[str | None, typer.Option(help="Only of this file: its name, source/stream/name, or its batch id.")]
Agency = Annotated[
    str | None,
    typer.Option(help="Only rows of this agency, code of either generation.", autocompletion=completions.agencies),
]

_ROWS_SHOWN = 8


def add_to(app: typer.Typer) -> None:
    """Add this module's commands."""
    group = typer.Typer(no_args_is_help=True, help="Rows held back, with reasons, and their way back in.")
    group.command("list", epilog="Example: `cchc quarantine list --source igate --rule bad_date`")(list_)
    group.command(epilog="Example: `cchc quarantine export --agency H15.07 --output for-the-owner/`")(export)
    group.command(epilog="Example: `cchc quarantine redrive igate.dossiers.csv && cchc run`")(redrive)
    app.add_typer(group, name="quarantine")


def list_(
    source: Source = None,
    stream: Stream = None,
    rule: Annotated[
        str | None, typer.Option(help="Only rows that break this rule.", autocompletion=completions.rules)
    ] = None,
    file: File = None,
    agency: Agency = None,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """List what is held back: file, rule, column, row numbers."""
    from pipelines.flows.quarantine import quarantine_list

    settings = begin(as_json=json, debug=debug)
    found = quarantine_list(settings, source=source, stream=stream, rule=rule, file=file, agency=agency)
    if emit({"held_back": found}):
        return
    if not found:
        say("Nothing is held back.")
        return
    table(
        "Held back",
        ["file", "rule", "column", "rows", "row numbers"],
        [(f"{h.source}/{h.stream}/{h.file_name}", _meaning(h), h.column, count(h.rows), _numbers(h)) for h in found],
        right={3},
    )
    say("`cchc quarantine export --output FOLDER` writes the rows as CSV for their owner.")


def _meaning(held: HeldBack) -> str:
    from pipelines.domain.rule_messages import message_of
    from pipelines.sources.registry import contract_for

    return f"{held.rule}: {message_of(contract_for(held.source, held.stream), held.rule).vi}"


def _numbers(held: HeldBack) -> str:
    shown = ", ".join(held.places[:_ROWS_SHOWN] or map(str, held.row_numbers[:_ROWS_SHOWN]))
    return shown + (" …" if held.rows > _ROWS_SHOWN else "")


def export(
    output: Annotated[Path, typer.Option("--output", "-o", help="A folder, or a .csv when one file fits.")],
    source: Source = None,
    stream: Stream = None,
    file: File = None,
    agency: Agency = None,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Write the rows held back as CSV for their owner, with what is wrong in the last column.

    The files hold the records as they came, personal data included: give them to the owner of the data only.
    """
    from pipelines.flows.quarantine_export import quarantine_export

    settings = begin(as_json=json, debug=debug)
    with alone(settings):
        written = quarantine_export(settings, output=output, file=file, source=source, stream=stream, agency=agency)
    if not emit({"written": written}):
        for one in written:
            say(f"{one.path}: {count(one.rows)} rows of {one.file}")
        say("They hold personal data: for the owner only." if written else "Nothing is held back.")


def redrive(
    path: Annotated[Path, typer.Argument(help="The corrected CSV or sheet.")],
    inbox: Inbox = None,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Drop corrected rows into the inbox as a new export of their stream; the next run takes them in."""
    from pipelines.flows.quarantine_export import redrive as redrive_flow

    settings = begin(as_json=json, debug=debug)
    with alone(settings):
        result = redrive_flow(settings, path, inbox=inbox)
    if not emit(result):
        say(f"{count(result.rows)} rows wait as {result.file}; `cchc run` takes them in.")
