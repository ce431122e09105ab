"""The installation itself: ``inspect``, ``rollback``, ``doctor``, ``config``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.cli import completions
from pipelines.cli.shell import Debug, Json, alone, begin, emit, say, table

if TYPE_CHECKING:
    from pipelines.flows.inspect_file import FileInspected


_SHOWN_ROWS, _SHOWN_COLUMNS = 10, 12


def add_to(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command(epilog="Example: `cchc inspect 'Sổ theo dõi.xlsx' --stream igate.dossiers`")(inspect)
    app.command(epilog="Example: `cchc rollback`")(rollback)
    app.command(epilog="Example: `cchc doctor --create-key /run/secrets/cchc.key`")(doctor)
    app.command(epilog="Example: `cchc config --json`")(config)


def inspect(
    path: Annotated[Path, typer.Argument(help="The file.")],
    stream: Annotated[
        str | None,
        typer.Option(
            help="Hold it to this contract, as source.stream. Default: the one it fits best.",
            autocompletion=completions.contracts,
        ),
    ] = None,
    rows: Annotated[int, typer.Option(min=0, help="Rows of each sheet in --json; 0 for all.")] = 1000,
    draft: Annotated[
        Path | None,
        typer.Option(help="Write a contract that loads the file: a .yml file, or the folder of CCHC_CONTRACTS_DIR."),
    ] = None,
    sheet: Annotated[str | None, typer.Option(help="Look for a header on this sheet only; a draft names it.")] = None,
    json: Json = False,
    debug: Debug = False,
) -> int:
    """Say what a file is: format, encoding, header, rows as understood, which column is what and what is left over.

    With --draft it writes a contract, which loads the file once CCHC_CONTRACTS_DIR names its folder.
    Exit code 3 when the file is refused: it cannot be read, or the contract given by --stream does not take it in.
    A file that is understood and fits no contract is told so, with exit code 0.
    """
    from dataclasses import replace

    from pipelines.flows.inspect_file import UNREAD, inspect_file
    from pipelines.flows.unpacking import plain_file

    settings = begin(as_json=json, debug=debug)
    with plain_file(settings, path) as plain:
        found = replace(inspect_file(plain, stream=stream, rows=rows, draft=draft, sheet=sheet), file_name=path.name)
    if not emit(found):
        _show_file(found)
    refused = found.stream is None and found.draft is None and (stream is not None or found.format == UNREAD)
    return 3 if refused else 0


def _show_file(found: FileInspected) -> None:
    say(f"{found.file_name}: {found.format}, {found.described}")
    _show_sheets(found)
    where = f"; header in row {found.header_row}" if found.header_row else ""
    if found.stream is None:
        say(f"No contract takes it in: {found.refusal}{where}")
    else:
        say(f"Fits the contract {found.stream}{where}.")
    if found.nearest:
        say(f"Most like the contract {found.nearest}.")
    if found.columns:
        rows = [(c.position, c.label, c.column, c.how, f"{c.score:.0f}") for c in found.columns]
        table("Columns", ["no.", "header", "column", "matched by", "score"], rows, right={0, 4})
    if found.left_over:
        say(f"In no column of the contract: {', '.join(found.left_over)}")
    if found.missing:
        say(f"Not in the file: {', '.join(found.missing)}")
    if found.draft:
        stream = f"{found.draft.parent.name}/{found.draft.stem}"
        say(
            f"Draft written: {found.draft}. Look it over, set CCHC_CONTRACTS_DIR to {found.draft.parent.parent}, "
            f"and put the file into inbox/{stream}/."
        )


def _show_sheets(found: FileInspected) -> None:
    for sheet in found.sheets:
        told = ", ".join(f"{name}: {count} cells" for name, count in sheet.encodings.items())
        say(f"{sheet.name}: {sheet.height} rows, {sheet.width} columns" + (f" ({told})" if told else ""))
        if sheet.undecided:
            say(f"  left as written, {sheet.evidence}: {'; '.join(sheet.undecided)}")
        if sheet.rows:
            head = [str(n) for n in range(1, min(sheet.width, _SHOWN_COLUMNS) + 1)]
            table("", head, [tuple(row[:_SHOWN_COLUMNS]) for row in sheet.rows[:_SHOWN_ROWS]])
    if found.sheets_left_over:
        say(f"Sheets left over: {', '.join(found.sheets_left_over)}")


def rollback(
    to: Annotated[
        str | None,
        typer.Option("--to", help="Name of a snapshot. Default: the one before.", autocompletion=completions.snapshots),
    ] = None,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Move the pointer back to a snapshot that was published before, with its pages."""
    from pipelines.flows.rollback import rollback as rollback_flow

    settings = begin(as_json=json, debug=debug)
    with alone(settings):
        result = rollback_flow(settings, to=to)
    if not emit(result):
        say(f"Published now: {result.now}, known up to {result.as_of}. Before: {result.before}.")


def doctor(
    create_key: Annotated[
        Path | None, typer.Option("--create-key", help="Write a new pseudonym key to this file first.")
    ] = None,
    json: Json = False,
    debug: Debug = False,
) -> int:
    """Check the installation: versions, libraries, key, home, disk. Exit code 2 when something is not well."""
    from pipelines.flows import doctor as flow

    settings = begin(as_json=json, debug=debug)
    if create_key is not None:
        flow.create_key(create_key)
        settings = begin(as_json=json, debug=debug, pseudonym_key_file=create_key)
    checks = flow.doctor(settings)
    well = all(c.well for c in checks)
    if not emit({"well": well, "checks": checks}):
        table("", ["", "check", "found"], [("ok" if c.well else "NOT", c.name, c.found) for c in checks])
        for check in checks:
            if not check.well:
                say(f"{check.name}: {check.next_step}")
        if create_key is not None:
            say(f"Key written: {create_key}. Set CCHC_PSEUDONYM_KEY_FILE to it, and keep a copy in a safe place.")
    return 0 if well else 2


def config(json: Json = False, debug: Debug = False) -> None:
    """Show the settings, secrets hidden, and the variable that sets each."""
    settings = begin(as_json=json, debug=debug)
    described = settings.described()
    if not emit({d.name: d.value for d in described}):
        table("Settings", ["variable", "value", "meaning"], [(d.variable, d.value, d.meaning) for d in described])
