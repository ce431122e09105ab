"""What every command shares: settings, output for people or programs, logs, errors and exit codes."""

from __future__ import annotations

import dataclasses
import json
import os
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipelines.domain.errors import WrongUse

if TYPE_CHECKING:
    from rich.console import Console

    from pipelines.settings import Settings

Json = Annotated[bool, typer.Option("--json", help="One JSON object on stdout; logs on stderr.")]
Debug = Annotated[bool, typer.Option("--debug", help="Show logs, and the traceback of a fault of ours.")]
Inbox = Annotated[
    str | None, typer.Option("--inbox", help="Another inbox: a folder or an address like sftp://user@host/path.")
]

INTERRUPTED = 130
_PIPE_WIDTH = 160


@dataclasses.dataclass
class Shell:
    """How this call talks: set by ``begin``."""

    json: bool = False
    debug: bool = False
    interrupted: bool = False
    settings: Settings | None = None


shell = Shell()


def begin(*, as_json: bool = False, debug: bool = False, **changes: Any) -> Settings:
    """Take in the settings, set up the logs, and remember how to talk.

    Args:
        as_json: one JSON object on stdout.
        debug: logs and tracebacks.
        changes: settings that the command line overrides; None leaves them.

    Raises:
        WrongUse: a setting is not valid; the message names it.
    """
    from pydantic import ValidationError

    from pipelines.cli.logs import set_up_logs
    from pipelines.settings import Settings

    shell.json, shell.debug = as_json, debug
    try:
        settings = Settings(**{k: v for k, v in changes.items() if v is not None})
    except ValidationError as error:
        told = "; ".join(f"CCHC_{str(e['loc'][0]).upper()}: {e['msg']}" for e in error.errors() if e["loc"])
        raise WrongUse(f"A setting is not valid: {told}.", next_step="`cchc config` shows the settings.") from error
    shell.settings = settings
    set_up_logs(settings, debug=debug)
    return settings


@cache
def out() -> Console:
    """Stdout for people."""
    from rich.console import Console

    return Console(highlight=False, width=None if sys.stdout.isatty() else _PIPE_WIDTH)


@cache
def err() -> Console:
    """Stderr, where progress, logs and errors go."""
    from rich.console import Console

    return Console(stderr=True, highlight=False)


def emit(result: Any) -> bool:
    """With ``--json`` write the result as one object; whether that was so."""
    if shell.json:
        sys.stdout.write(json.dumps(as_data(result), ensure_ascii=False, indent=1) + "\n")
    return shell.json


def as_data(value: Any) -> Any:
    """Dataclasses, dates and paths as plain data; properties of results are theirs alone."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: as_data(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(k): as_data(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [as_data(v) for v in value]
    if isinstance(value, (Path, date)):
        return str(value)
    return value


def nobody_reads() -> None:
    """Whoever read us has seen enough: what is still to be written goes nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def say(text: str) -> None:
    """A line for people on stdout; markup is not read, so any name may stand in it."""
    out().print(text, markup=False, soft_wrap=True)


def say_paragraph(text: str) -> None:
    """Sentences for people on stdout; a terminal gets them broken between words."""
    out().print(text, markup=False, soft_wrap=not sys.stdout.isatty())


def table(
    title: str,
    head: list[str],
    rows: list[tuple[Any, ...]],
    *,
    right: Collection[int] = (),
    less: Sequence[int] = (),
) -> None:
    """A table for people on stdout; ``right`` are columns of numbers, ``less`` those that a narrow terminal lacks."""
    from pipelines.cli.tables import drawn

    console = out()
    console.print()
    if title:
        console.print(title, markup=False, soft_wrap=True, style="bold")
    cells = [tuple("" if cell is None else str(cell) for cell in row) for row in rows]
    console.print(drawn(head, cells, right=right, less=less, room=console.width))
    console.print()


def count(number: int | None) -> str:
    """A count as Vietnamese readers write it: 1.887."""
    from pipelines.domain.numbers import vi_count

    return "" if number is None else vi_count(number)


@contextmanager
def alone(settings: Settings) -> Iterator[None]:
    """One command that works on a home at a time; another one waits and says so."""
    from pipelines.storage.home import Home
    from pipelines.storage.lock import single_run

    home = Home(settings.home)
    with single_run(home, on_wait=say_waiting):
        yield


def say_waiting() -> None:
    """Say that another run holds the home."""
    err().print("Another run is at work in this home; waiting for it to end …")


def month_of(text: str) -> date:
    """``YYYY-MM`` as the first day of the month.

    Raises:
        WrongUse: it is no month.
    """
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError as error:
        raise WrongUse(f"{text} is no month.", next_step="Write it as YYYY-MM.") from error


def day_of(text: str | None) -> date | None:
    """``YYYY-MM-DD`` as a date; None stays None.

    Raises:
        WrongUse: it is no day.
    """
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError as error:
        raise WrongUse(f"{text} is no day.", next_step="Write it as YYYY-MM-DD.") from error
