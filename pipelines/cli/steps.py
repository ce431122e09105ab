"""One step of the main job at a time, for those who schedule or mend."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, TypeVar

import typer

from pipelines.cli import completions
from pipelines.cli.progress import counting
from pipelines.cli.shell import Debug, Inbox, Json, alone, begin, count, day_of, emit, err, say

Result = TypeVar("Result")
Batches = Annotated[
    list[str] | None, typer.Option("--batch", help="Only this batch; may be given several times. Default: all due.")
]


def add_to(app: typer.Typer) -> None:
    """Add this module's commands."""
    for step, example in (
        (collect, "cchc collect --source igate --export-date 2021-04-30"),
        (prepare, "cchc prepare --json"),
        (validate, "cchc validate"),
        (load, "cchc load"),
        (build, "cchc build --full-refresh"),
        (gate, "cchc gate"),
        (publish, "cchc publish"),
        (report, "cchc report"),
    ):
        app.command(epilog=f"Example: `{example}`", rich_help_panel="Steps of the main job")(step)


def collect(
    inbox: Inbox = None,
    source: Annotated[
        list[str] | None,
        typer.Option(help="Only this source; may be given several times.", autocompletion=completions.sources),
    ] = None,
    export_date: Annotated[
        str | None, typer.Option("--export-date", help="Only files exported on this day, YYYY-MM-DD.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be taken.")] = False,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Take new exports from the inbox into landing. Half-uploaded files are left for later."""
    from pipelines.flows.collect import collect as collect_flow
    from pipelines.flows.run import check_key

    settings, day = begin(as_json=json, debug=debug), day_of(export_date)
    if dry_run:
        result = collect_flow(settings, inbox=inbox, sources=source, export_date=day, dry_run=True)
    else:
        check_key(settings)
        with alone(settings):
            result = collect_flow(settings, inbox=inbox, sources=source, export_date=day)
    if not emit(result):
        did = "would be taken" if dry_run else "landed"
        say(f"{count(len(result.landed))} files {did}, {count(result.known)} known already.")
        for label in result.waiting:
            say(f"{label}: still being uploaded, taken later.")
        _name_refused(result.refused)


def prepare(batch: Batches = None, json: Json = False, debug: Debug = False) -> int:
    """Make packages of landed files: text in one form, personal values hashed. Exit code 3 if a file is refused."""
    from pipelines.flows.prepare import prepare as prepare_flow
    from pipelines.flows.run import check_key, send_back_lost_packages
    from pipelines.storage.home import Home
    from pipelines.storage.ledger import Ledger

    settings = begin(as_json=json, debug=debug)
    check_key(settings)
    with alone(settings), counting("preparing") as tell:
        home = Home(settings.home)
        send_back_lost_packages(home, Ledger(home.ledger))
        results = prepare_flow(settings, batch_ids=batch, on_progress=tell)
    if not emit({"files": results}):
        rows, rejected, non_data = (sum(getattr(r, n) for r in results) for n in ("rows", "rejected", "non_data"))
        say(
            f"{count(len(results))} files prepared: {count(rows)} rows, {count(rejected)} records rejected, "
            f"{count(non_data)} that are no data."
        )
        for result in results:
            if result.sheets_left_over:
                say(f"{result.file_name}: sheets left over, {', '.join(result.sheets_left_over)}")
        _name_refused([(r.file_name, r.refusal) for r in results if r.refusal])
    return 3 if any(r.refusal for r in results) else 0


def validate(batch: Batches = None, json: Json = False, debug: Debug = False) -> int:
    """Hold packages to their contracts with Great Expectations. Exit code 3 if a file is refused."""
    from pipelines.flows.validate import validate as validate_flow

    settings = begin(as_json=json, debug=debug)
    with alone(settings), counting("validating") as tell:
        results = validate_flow(settings, batch_ids=batch, on_progress=tell)
    if not emit({"files": results}):
        rows, failed, flagged = (sum(getattr(r, n) for r in results) for n in ("rows", "failed_rows", "flagged_rows"))
        say(
            f"{count(len(results))} files validated: {count(rows)} rows, {count(failed)} held back, "
            f"{count(flagged)} with a warning."
        )
        _name_refused([(r.batch_id, r.refusal) for r in results if r.refusal])
    return 3 if any(r.refusal for r in results) else 0


def load(batch: Batches = None, json: Json = False, debug: Debug = False) -> None:
    """Bring validated packages into the lake: one commit for each file."""
    from pipelines.flows.load import load as load_flow

    settings = begin(as_json=json, debug=debug)
    with alone(settings), counting("loading") as tell:
        result = load_flow(settings, batch_ids=batch, on_progress=tell)
    if not emit(result):
        say(
            f"{count(len(result.batches))} files loaded: {count(result.rows_loaded)} of {count(result.rows_in_file)} "
            f"rows, {count(result.rows_quarantined)} held back, {count(result.rows_non_data)} that are no data."
        )


def build(
    full_refresh: Annotated[bool, typer.Option("--full-refresh", help="Build everything anew from the lake.")] = False,
    as_of: Annotated[
        str | None, typer.Option("--as-of", help="In a database of its own, as known on that day, YYYY-MM-DD.")
    ] = None,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Build staging, intermediate and marts with dbt, in the private build database."""
    from pipelines.flows.build import build as build_flow

    settings, day = begin(as_json=json, debug=debug), day_of(as_of)
    with alone(settings):
        result = _with_status("building", lambda: build_flow(settings, full_refresh=full_refresh, as_of=day))
    if not emit(result):
        say(
            "Nothing new to build."
            if result.skipped
            else f"{count(len(result.batches))} files built into {result.database} in {result.seconds:.1f} s."
        )


def gate(json: Json = False, debug: Debug = False) -> None:
    """Hold the marts to the release suites and write the Data Docs. Exit code 3 when red."""
    from pipelines.flows.gate import gate as gate_flow

    settings = begin(as_json=json, debug=debug)
    with alone(settings):
        result = _with_status("checking", lambda: gate_flow(settings))
    if not emit(result):
        say(f"Green: {count(result.evaluated)} expectations, none unmet.")


def publish(json: Json = False, debug: Debug = False) -> None:
    """Write a new snapshot with Parquet beside it and move the pointer. The gate must be green."""
    from pipelines.flows.publish import publish as publish_flow

    settings = begin(as_json=json, debug=debug)
    with alone(settings):
        result = _with_status("publishing", lambda: publish_flow(settings))
    if not emit(result):
        say(f"Published: {result.snapshot}{'' if result.moved else ' (the same content as before)'}.")


def report(json: Json = False, debug: Debug = False) -> None:
    """Write the pages of the published snapshot."""
    from pipelines.flows.report import report as report_flow

    settings = begin(as_json=json, debug=debug)
    with alone(settings):
        result = _with_status("writing pages", lambda: report_flow(settings))
    if not emit({"index": result.index, "pages": result.pages}):
        say(f"{count(len(result.pages) + 1)} pages; the first is {result.index}")


def _with_status(label: str, work: Callable[[], Result]) -> Result:
    with counting(label):
        return work()


def _name_refused(files: list[tuple[str, str]] | tuple[tuple[str, str], ...]) -> None:
    for label, reason in files:
        err().print(f"{label}: not taken in: {reason}", markup=False, soft_wrap=True)
