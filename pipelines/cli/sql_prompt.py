"""The prompt of ``cchc sql``: queries until a semicolon, commands that begin with a dot."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from prompt_toolkit import PromptSession
from prompt_toolkit.application import get_app
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.filters import Condition
from prompt_toolkit.history import FileHistory, History, InMemoryHistory
from prompt_toolkit.lexers import PygmentsLexer
from pygments.lexers.sql import SqlLexer

from pipelines.cli.shell import err, say, table
from pipelines.cli.sql_answers import FORMS, Shown, show
from pipelines.client.statements import answers, errors_told, is_whole, readings, stoppable
from pipelines.domain.errors import WrongUse

if TYPE_CHECKING:
    from pathlib import Path

    from pipelines.client import Marts

_COMMANDS = {
    ".tables": "the tables, with their meaning; .tables TEXT: those with it in their name",
    ".schema": "the columns of a table, with their meaning: .schema rpt_indicator",
    ".mode": "how answers look: .mode table, line, csv, json or markdown",
    ".rows": "how many rows table and line show: .rows 50; 0 for all",
    ".help": "this list",
    ".quit": "leave (also Ctrl-D)",
}
_WORDS = (
    *("select", "from", "where", "group by", "order by", "having", "limit", "join", "left join", "using", "with"),
    *("count(*)", "sum(", "avg(", "min(", "max(", "median(", "round(", "filter (where ", "over (partition by "),
    *("case when", "between", "distinct", "desc", "is null", "is not null", "describe", "summarize", "pivot"),
)


def prompt(marts: Marts, how: Shown, *, history: Path) -> None:
    """Ask and answer until the reader leaves. A new snapshot is opened, and said, before the next query.

    Args:
        marts: what is asked.
        how: how answers are shown at first.
        history: file of what was typed; kept for this call alone where it cannot be written.
    """
    session: PromptSession[str] = PromptSession(
        history=_history(history),
        completer=Names(marts),
        complete_while_typing=False,
        lexer=PygmentsLexer(SqlLexer),
        multiline=Condition(lambda: not is_whole(get_app().current_buffer.text)),
        prompt_continuation="   … ",
    )
    say(f"{marts.snapshot}, known up to {marts.as_of}. Read-only; queries end with a semicolon; .help says more.")
    while True:
        try:
            text = session.prompt("cchc> ").strip()
        except KeyboardInterrupt:
            continue
        except EOFError:
            return
        if text.rstrip(";") in (".quit", ".exit", "quit", "exit"):
            return
        how = _done(marts, how, text)


def _history(path: Path) -> History:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        return FileHistory(str(path))
    except OSError:
        return InMemoryHistory()


def _done(marts: Marts, how: Shown, text: str) -> Shown:
    """One command or query; how answers are shown from now on."""
    try:
        if marts.refresh():
            say(f"A newer snapshot is published: {marts.snapshot}, known up to {marts.as_of}.")
        if text.startswith("."):
            return _command(marts, how, text)
        with errors_told():
            stoppable(marts.connection, lambda: _show_all(marts, how, text))
    except WrongUse as error:
        err().print(str(error), markup=False, style="red", soft_wrap=True)
    except KeyboardInterrupt:
        err().print("Stopped.")
    return how


def _show_all(marts: Marts, how: Shown, text: str) -> None:
    for answer in answers(marts.connection, readings(text)):
        show(answer, how)


def _command(marts: Marts, how: Shown, text: str) -> Shown:
    name, *words = text.rstrip(";").split()
    word = words[0] if words else ""
    if name == ".mode" and word in FORMS[:-1]:
        return replace(how, form=word)
    if name == ".rows" and word.isdecimal():
        return replace(how, rows=int(word))
    if name == ".tables":
        found = marts.sql(
            "select table_name, comment from duckdb_tables() where schema_name = 'marts' and contains(table_name, $1) "
            "order by table_name",
            [word],
        )
        table("", ["table", "meaning"], found.fetchall())
    elif name == ".schema" and word:
        table("", ["column", "type", "meaning"], marts.describe(word).fetchall())
    elif name == ".help":
        table("", ["command", "does"], list(_COMMANDS.items()))
    else:
        raise WrongUse(f"{text} is no command.", next_step=".help lists them.")
    return how


class Names(Completer):
    """Tables after FROM and JOIN, columns of the tables that are named, then everything else."""

    def __init__(self, marts: Marts) -> None:
        self._columns: dict[str, list[str]] = defaultdict(list)
        for name, column in marts.sql(
            "select table_name, column_name from duckdb_columns() where schema_name = 'marts' order by all"
        ).fetchall():
            self._columns[name].append(column)

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:  # noqa: ARG002
        """What the word before the cursor can become."""
        typed = document.text_before_cursor
        found = re.search(r"(?:^\s*\.)?\w*$", typed)
        word = found[0].lower() if found else ""
        before = typed[: len(typed) - len(word)]
        seen = set()
        for name in self._candidates(before, document.text):
            if name.startswith(word) and name not in seen:
                seen.add(name)
                yield Completion(name, start_position=-len(word))

    def _candidates(self, before: str, text: str) -> Iterator[str]:
        said = before.split()
        if not said:
            yield from _COMMANDS
        elif said[0] == ".mode":
            yield from FORMS[:-1]
            return
        if said and said[-1].lower() in ("from", "join", ".schema", "describe", "summarize"):
            yield from self._columns
            return
        for name in re.findall(r"\w+", text):
            yield from self._columns.get(name.lower(), ())
        yield from (*_WORDS, *self._columns)
