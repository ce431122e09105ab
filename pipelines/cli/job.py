"""The main job and how it stands: ``run``, ``plan``, ``status``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.cli import figures, progress
from pipelines.cli.shell import Debug, Inbox, Json, begin, count, emit, err, say, say_paragraph, shell, table

if TYPE_CHECKING:
    from pipelines.flows.plan import PlanResult
    from pipelines.flows.run import RunResult
    from pipelines.flows.status import StatusResult

_MOST_TOLD = 20


def add_to(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command(epilog="Example: `cchc run --inbox sftp://drop.example/exports`")(run)
    app.command(epilog="Example: `cchc plan --json | jq .to_load`")(plan)
    app.command(epilog="Example: `cchc status --files`")(status)


def run(inbox: Inbox = None, json: Json = False, debug: Debug = False) -> int:
    """Do the whole way: inbox to published marts and pages.

    What is done already is not done again; what a killed run left half done is taken up. A file that
    cannot be taken in is named and does not hold up the others (exit code 0); one that breaks a step
    of ours gives exit code 1; a red release gate 3; an inbox that cannot be reached 4.
    """
    from pipelines.flows.run import run as run_flow

    settings = begin(as_json=json, debug=debug)
    with progress.of_run() as tell:
        result = run_flow(settings, inbox=inbox, on_progress=tell)
    if not emit(result):
        show_run(result)
        if result.snapshot is not None and not result.nothing_new:
            figures.show_headline(settings)
            say(f"Page: {result.page}")
    return 1 if result.faults else 0


def show_run(result: RunResult) -> None:
    """What a run did, in a few lines."""
    waiting = result.collected.waiting
    seconds, published = sum(s.seconds for s in result.steps), result.snapshot or "nothing yet"
    if result.nothing_new:
        known = f"{count(result.collected.known)} files are known already" if result.collected.known else "no files"
        say(f"Nothing new ({known}, looked in {seconds:.1f} s). Published: {published}.")
    else:
        say_paragraph(
            f"Done in {seconds:.1f} s: {count(result.rows_in_file)} rows in {count(len(result.collected.landed))} new "
            f"files, {count(result.rows_loaded)} loaded, {count(result.rows_quarantined)} held back. "
            f"Published: {published}."
        )
    _name_each("still being uploaded, taken by a later run", [(label, "") for label in waiting])
    _name_each("not taken in", result.refused)
    _name_each("broke a step of ours and is tried again by the next run", result.faults)
    if result.rows_quarantined:
        say("`cchc quarantine list` shows what is held back and why.")


def _name_each(what: str, files: list[tuple[str, str]] | tuple[tuple[str, str], ...]) -> None:
    for label, reason in files[:_MOST_TOLD]:
        err().print(f"{label}: {what}" + (f": {reason}" if reason else "."), markup=False, soft_wrap=True)
    if len(files) > _MOST_TOLD:
        err().print(f"… and {count(len(files) - _MOST_TOLD)} more: {what}.", markup=False)


def plan(inbox: Inbox = None, json: Json = False, debug: Debug = False) -> None:
    """Say what a run would take in and rebuild. Changes nothing."""
    from pipelines.flows.plan import plan as plan_flow

    result = plan_flow(begin(as_json=json, debug=debug), inbox=inbox)
    if not emit(result):
        _show_plan(result)


def _show_plan(result: PlanResult) -> None:
    if result.nothing_new:
        say(f"Nothing to do: {count(result.inbox.known)} files of the inbox are known already.")
    else:
        rows = [
            (step, count(sum(streams.values())), _by_stream(streams))
            for step, streams in (
                ("prepare", result.to_prepare),
                ("validate", result.to_validate),
                ("load", result.to_load),
                ("build", result.to_build),
            )
            if streams
        ]
        table("A run would", ["step", "files", "of which"], rows, right={1})
        if result.full_build:
            say("The build database is not there: everything loaded would be built anew.")
        say(f"Publish: {'yes, if the gate is green' if result.to_publish else 'no'}.")
    _name_each("still being uploaded", [(label, "") for label in result.inbox.waiting])
    _name_each("would not be taken", result.inbox.refused)


def _by_stream(streams: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count(n)}" for name, n in sorted(streams.items()))


def status(
    files: Annotated[bool, typer.Option("--files", help="Every file with its row accounting.")] = False,
    json: Json = False,
    debug: Debug = False,
) -> int:
    """Show sources with their age, row accounting, last gates and the published snapshot.

    Exit code 1 when the rows of some file do not add up.
    """
    from pipelines.flows.status import status as status_flow

    result = status_flow(begin(as_json=json, debug=debug))
    if not emit(result):
        _show_status(result, files=files)
    return 0 if result.accounting_closes else 1


def _show_status(result: StatusResult, *, files: bool) -> None:
    if not result.streams:
        say("Nothing was ever taken in. `cchc run` does the whole way.")
        return
    table(
        "Sources",
        ["stream", "files", "rows", "loaded", "held back", "no data", "closes", "last export", "age, days"],
        [
            (
                f"{s.source}.{s.stream}",
                _files(s.files, s.open_files, s.refused_files),
                count(s.rows_in_file),
                count(s.rows_loaded),
                count(s.rows_quarantined),
                count(s.rows_non_data),
                "yes" if s.accounting_closes else "NO",
                s.last_exported_at,
                f"{s.age_days:.1f}{' (stale)' if s.stale else ''}" if s.age_days is not None else "",
            )
            for s in result.streams
        ],
        right={2, 3, 4, 5, 8},
        less=(7, 5),
    )
    if files:
        _show_files(result)
    _show_gates(result)
    loaded = sum(f.state == "loaded" for f in result.files)
    told = "closes" if result.accounting_closes else "does NOT close"
    say_paragraph(
        f"Row accounting {told} for {count(loaded)} loaded files: rows in file = loaded + held back + no data."
    )
    left = [(f.file, ", ".join(f.sheets_left_over)) for f in result.files if f.sheets_left_over]
    for file, names in left[-_MOST_TOLD:]:
        say_paragraph(f"Sheets left over in {file}: {names}.")
    if len(left) > _MOST_TOLD:
        say(f"… and in {count(len(left) - _MOST_TOLD)} older files; `cchc status --json` names them all.")
    _show_ended(result)
    if result.publication is None:
        say("Published: nothing yet.")
    else:
        p = result.publication
        say_paragraph(
            f"Published: {p.snapshot}, known up to {p.as_of}, {count(p.tables)} tables, {count(p.rows)} rows"
            f"{'; something newer is loaded and not published' if p.behind else ''}."
        )


def _show_ended(result: StatusResult) -> None:
    ended = result.ended_agencies
    for agency in ended[:_MOST_TOLD]:
        say_paragraph(
            f"{agency.agency_name} ({agency.agency_code}) ended on {agency.valid_to}, and no row says who took its "
            "figures over."
        )
    if len(ended) > _MOST_TOLD:
        say(f"… and {count(len(ended) - _MOST_TOLD)} more; `cchc status --json` names them all.")
    if ended:
        say("Add rows to warehouse/seeds/agency_successions.csv, as docs/agencies.md says.")


def _files(all_: int, open_: int, refused: int) -> str:
    parts = [f"{count(open_)} open" if open_ else "", f"{count(refused)} refused" if refused else ""]
    told = ", ".join(p for p in parts if p)
    return f"{count(all_)} ({told})" if told else count(all_)


def _show_files(result: StatusResult) -> None:
    table(
        "Files",
        ["file", "state", "rows", "loaded", "held back", "no data", "closes", "why refused"],
        [
            (
                f.file,
                f.state,
                count(f.rows_in_file),
                count(f.rows_loaded),
                count(f.rows_quarantined),
                count(f.rows_non_data),
                {True: "yes", False: "NO", None: ""}[f.closes],
                f.refusal,
            )
            for f in result.files
        ],
        right={2, 3, 4, 5},
    )


def _show_gates(result: StatusResult) -> None:
    red = [g for g in result.gates if not g.passed]
    release = next((g for g in result.gates if g.kind == "release"), None)
    if release is not None:
        colour = "green" if release.passed else "RED"
        say(f"Release gate: {colour}, {count(release.evaluated)} expectations, {count(release.failed)} unmet.")
    for gate in red:
        if gate.kind == "incoming":
            say(f"Incoming gate of {gate.subject}: some files were refused on {gate.at}.")
    if shell.debug:
        table("Gates", ["kind", "subject", "at", "passed"], [(g.kind, g.subject, g.at, g.passed) for g in result.gates])
