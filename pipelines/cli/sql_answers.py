"""Answers of ``cchc sql`` as a terminal, a pipe or a file takes them. Values are as DuckDB writes them, unrounded."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

import typer

from pipelines.cli.shell import out, say, table
from pipelines.domain.errors import WrongUse
from pipelines.storage.engine import quote_name

if TYPE_CHECKING:
    import duckdb

_BATCH = 10_000
_NARROWEST = 9  # characters of a terminal for each column; with less, one below the other is easier to read
_NUMBERS = ("INT", "DOUBLE", "FLOAT", "DECIMAL")

Row = tuple[str | None, ...]


@dataclass(frozen=True)
class Shown:
    """How answers are shown: the form, and how many rows on a terminal (0: all)."""

    form: str
    rows: int


def show(answer: duckdb.DuckDBPyRelation, how: Shown) -> None:
    """Write an answer to stdout."""
    if how.form in ("table", "line"):
        _for_reading(answer, how)
    else:
        _WRITERS[how.form](answer, typer.get_text_stream("stdout"))


def write(answer: duckdb.DuckDBPyRelation, form: str, path: Path) -> None:
    """Write an answer to a file, whole or not at all."""
    from pipelines.storage.atomic import whole_file

    with whole_file(path) as draft:
        if form == "parquet":
            answer.write_parquet(str(draft))
            return
        with draft.open("w", encoding="utf-8", newline="") as stream:
            _WRITERS[form](answer, stream)


def records(answer: duckdb.DuckDBPyRelation) -> Iterator[str]:
    """Each row as a JSON object; JSON knows no infinity, it becomes null."""
    parts = ", ".join(_finite(name, str(kind)) for name, kind in zip(answer.columns, answer.types, strict=True))
    objects = answer.project(parts).query("answer", "select to_json(answer)::varchar from answer")
    return (str(text) for batch in _batches(objects) for (text,) in batch)


def _finite(name: str, kind: str) -> str:
    quoted = quote_name(name)
    return f"case when isfinite({quoted}) then {quoted} end as {quoted}" if kind in ("DOUBLE", "FLOAT") else quoted


def form_of(form: str | None, output: Path | None) -> str:
    """The form asked for, else that of the file's name, else what suits who reads: a table on a terminal, else CSV.

    Raises:
        WrongUse: there is no such form, or it is not for a terminal.
    """
    named = {".csv": "csv", ".json": "json", ".md": "markdown", ".parquet": "parquet"}
    found = form or (named.get(output.suffix, "csv") if output else "table" if out().is_terminal else "csv")
    if found not in FORMS:
        raise WrongUse(f"There is no format {found}.", next_step=f"There are {', '.join(FORMS)}.")
    if found == "parquet" and output is None:
        raise WrongUse("Parquet is no text for a terminal.", next_step="Name a file with --output.")
    if found in ("table", "line") and output is not None:
        raise WrongUse(f"A {found} is for a terminal.", next_step="Write csv, json, markdown or parquet to a file.")
    return found


def _batches(answer: duckdb.DuckDBPyRelation) -> Iterator[list[Row]]:
    while batch := answer.fetchmany(_BATCH):
        yield batch


def _as_text(answer: duckdb.DuckDBPyRelation) -> duckdb.DuckDBPyRelation:
    return answer.project("cast(columns(*) as varchar)")


def _for_reading(answer: duckdb.DuckDBPyRelation, how: Shown) -> None:
    names = answer.columns
    text = _as_text(answer)
    rows = [tuple("NULL" if cell is None else cell for cell in row) for row in text.limit(how.rows or 2**62).fetchall()]
    if how.form == "line" or len(names) * _NARROWEST > out().width:
        _one_below_the_other(names, rows)
    else:
        numbers = {n for n, kind in enumerate(answer.types) if str(kind).removeprefix("U").startswith(_NUMBERS)}
        table("", names, rows, right=numbers)
    if how.rows and len(rows) == how.rows:
        (total,) = answer.aggregate("count(*)").fetchall()[0]
        if total > len(rows):
            say(f"{total - len(rows)} more of {total} rows; --rows 0 (or .rows 0) shows all.")


def _one_below_the_other(names: list[str], rows: list[Row]) -> None:
    width = max(map(len, names))
    for row in rows:
        say("\n".join(f"{name:>{width}} = {cell}" for name, cell in zip(names, row, strict=True)) + "\n")


def _csv(answer: duckdb.DuckDBPyRelation, stream: IO[str]) -> None:
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(answer.columns)
    for batch in _batches(_as_text(answer)):
        writer.writerows(batch)


def _json(answer: duckdb.DuckDBPyRelation, stream: IO[str]) -> None:
    before = "["
    for record in records(answer):
        stream.write(f"{before}\n{record}")
        before = ","
    stream.write("\n]\n" if before == "," else "[]\n")


def _markdown(answer: duckdb.DuckDBPyRelation, stream: IO[str]) -> None:
    stream.write(f"| {' | '.join(answer.columns)} |\n|{'---|' * len(answer.columns)}\n")
    for batch in _batches(_as_text(answer)):
        stream.writelines(f"| {' | '.join(_cell(c) for c in row)} |\n" for row in batch)


def _cell(text: str | None) -> str:
    return "" if text is None else text.replace("|", "\\|").replace("\n", " ")


_WRITERS: dict[str, Callable[[duckdb.DuckDBPyRelation, IO[str]], None]] = {
    "csv": _csv,
    "json": _json,
    "markdown": _markdown,
}
FORMS = ("table", "line", *_WRITERS, "parquet")
