"""``cchc sql``: a read-only shell on the published marts."""

from __future__ import annotations

import json as json_module
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.cli import completions
from pipelines.cli.shell import Debug, Json, begin, emit, nobody_reads, say
from pipelines.domain.errors import WrongUse

if TYPE_CHECKING:
    import duckdb

    from pipelines.cli.sql_answers import Shown
    from pipelines.client import Marts

_ROWS = 50


def add_to(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command(epilog='Example: `cchc sql "select * from rpt_signals where share > 2 * province_share"`')(sql)


def sql(
    query: Annotated[str | None, typer.Argument(help="What to ask. Default: a prompt, or what stdin holds.")] = None,
    file: Annotated[Path | None, typer.Option("--file", "-f", help="Take the queries from this file.")] = None,
    form: Annotated[
        str | None,
        typer.Option(
            "--format",
            help="table, line, csv, json, markdown or parquet. Default: table; piped, csv.",
            autocompletion=completions.answers,
        ),
    ] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write the answer to this file.")] = None,
    rows: Annotated[int, typer.Option(min=0, help="Rows that table and line show; 0 for all.")] = _ROWS,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Ask the published marts: one query, a file of them, or a prompt with history and completion.

    Nothing can be changed. Tables need no schema before them; a file of your own may be read with `read_csv`.
    """
    from pipelines.cli.sql_answers import Shown, form_of
    from pipelines.client import Marts
    from pipelines.storage.home import Home

    settings = begin(as_json=json, debug=debug)
    text = _text(query, file)
    with Marts(settings.home) as marts:
        if text is not None:
            chosen = "json" if json and output is None else form_of(form, output)
            _answer(marts, text, Shown(chosen, rows), output)
            return
        if output is not None or json:
            raise _no_query()
        from pipelines.cli.sql_prompt import prompt

        prompt(marts, Shown(form_of(form, None), rows), history=Home(settings.home).build / "sql_history")


def _text(query: str | None, file: Path | None) -> str | None:
    """The queries given; None for a prompt."""
    if query is not None and file is not None:
        raise WrongUse("There are a query and a file.", next_step="Give one of them.")
    if file is not None:
        try:
            return file.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise WrongUse(f"{file} cannot be read: {error}.", next_step="Name a text file in UTF-8.") from error
    return query if query is not None or sys.stdin.isatty() else sys.stdin.read()


def _no_query() -> WrongUse:
    return WrongUse("There is no query.", next_step='Give one: cchc sql "select …".')


def _answer(marts: Marts, text: str, how: Shown, output: Path | None) -> None:
    """Every query in turn; what a program reads, and what a file holds, is one answer."""
    from pipelines.client.statements import answers, errors_told, readings, stoppable

    statements = readings(text)
    count = sum(bool(s.query) or s.type.name != "CREATE" for s in statements)
    if count == 0:
        raise _no_query()
    if count > 1 and (output is not None or how.form not in ("table", "line", "markdown")):
        raise WrongUse(f"There are {count} queries.", next_step="Give one; several are shown as a table.")

    def answer_all() -> None:
        try:
            for answer in answers(marts.connection, statements):
                _tell(marts, answer, how, output)
            sys.stdout.flush()
        except BrokenPipeError:
            nobody_reads()

    with errors_told():
        stoppable(marts.connection, answer_all)


def _tell(marts: Marts, answer: duckdb.DuckDBPyRelation, how: Shown, output: Path | None) -> None:
    from pipelines.cli.shell import shell
    from pipelines.cli.sql_answers import show, write

    if output is not None:
        write(answer, how.form, output)
        if not emit({"written": output}):
            say(f"Written: {output}")
    elif shell.json:
        emit(_as_object(marts, answer))
    else:
        show(answer, how)


def _as_object(marts: Marts, answer: duckdb.DuckDBPyRelation) -> dict[str, object]:
    from pipelines.cli.sql_answers import records

    columns = [{"name": n, "type": str(t)} for n, t in zip(answer.columns, answer.types, strict=True)]
    rows = [json_module.loads(record) for record in records(answer)]
    return {"snapshot": marts.snapshot, "as_of": marts.as_of, "columns": columns, "rows": rows}
