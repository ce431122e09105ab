"""On a terminal: progress, colours only where wanted, tables that fit. Piped: nothing of it."""

from __future__ import annotations

import contextlib
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import pytest
from rich.console import Console
from rich.progress import Task

from pipelines.cli import shell
from pipelines.cli.step_bars import Bars, Pace
from pipelines.flows.run import Progress
from tests.cli.conftest import Filled, Program
from tests.cli.terminal import Terminal, plain, terminal

RED = "\x1b[31m"


@pytest.fixture(autouse=True)
def _fresh_consoles() -> Iterator[None]:
    shell.out.cache_clear()
    shell.err.cache_clear()
    yield
    shell.out.cache_clear()
    shell.err.cache_clear()


def _on(screen: Terminal, program: Program, *arguments: str, columns: int = 80, **more: str) -> str:
    """What a command, within this process, writes to a terminal."""
    before = len(screen.written)
    with os.fdopen(os.dup(screen.theirs), "w", encoding="utf-8") as theirs:
        environment = {"COLUMNS": str(columns), "TERM": "xterm-256color", **more}
        with (
            mock.patch.dict(os.environ, program.environment(**environment), clear=True),
            mock.patch.object(sys, "argv", ["cchc", *arguments]),
            contextlib.redirect_stdout(theirs),
            contextlib.redirect_stderr(theirs),
            contextlib.suppress(SystemExit),
        ):
            from pipelines.cli import app

            app.main()
        theirs.write("<END>")
    screen.wait_for("<END>", since=before)
    return screen.written[before:].replace("<END>", "")


def test_a_run_shows_steps_files_and_speed_and_ends_with_the_remainder(filled_on_terminal: Filled) -> None:
    written, text = filled_on_terminal.written, filled_on_terminal.text
    for step in ("collect", "prepare", "validate", "load", "build", "gate", "publish", "report"):
        assert re.search(rf"^{step} +\d+\.\d s", text, re.MULTILINE), step
    assert re.search(r"prepare +[\d.]+/[\d.]+ files", text)
    assert re.search(r"prepare .* rows/s$", text, re.MULTILINE)
    end = text[text.index("Done in") :]
    assert "chưa giải thích được" in " ".join(end.split())
    assert re.search(r"^ +Toàn tỉnh( +\d[\d.]*){5}$", end, re.MULTILINE)
    assert end.rstrip().splitlines()[-1].startswith("Page: ")
    assert written.count("\x1b[?25l") == written.count("\x1b[?25h") == 1, "the cursor is back"


def test_colours_come_on_a_terminal_only_and_not_where_they_are_not_wanted(fresh: Program, tmp_path: Path) -> None:
    nowhere = ("run", "--inbox", str(tmp_path / "nowhere"))
    with terminal() as screen:
        assert RED in _on(screen, fresh, *nowhere)
        shell.err.cache_clear()
        assert RED not in _on(screen, fresh, *nowhere, NO_COLOR="1")
        shell.err.cache_clear()
        assert "\x1b" not in _on(screen, fresh, *nowhere, TERM="dumb")
    shell.err.cache_clear()
    assert "\x1b" not in fresh(*nowhere).err
    shell.err.cache_clear()
    forced = fresh(*nowhere, FORCE_COLOR="1")
    assert forced.err.startswith(f"{RED}Error: "), "colours may be forced on a pipe, progress may not"


def test_asked_for_json_a_terminal_gets_one_object(filled: Program) -> None:
    with terminal() as screen:
        written = _on(screen, filled, "run", "--json")
    assert written.startswith("{\n")
    assert written.endswith("}\n")
    assert "\x1b" not in written


@pytest.mark.parametrize("columns", [60, 80, 160])
def test_nothing_is_wider_than_the_terminal_and_no_code_is_broken(filled: Program, columns: int) -> None:
    inspection = ("inspection", "--agency", "H15.07", "--from", "2020-01", "--to", "2020-01")
    with terminal(columns) as screen:
        for arguments in (("status",), ("quarantine", "list"), inspection):
            shell.out.cache_clear()
            for line in plain(_on(screen, filled, *arguments, columns=columns)).splitlines():
                assert len(line) <= columns or line.startswith("`cchc "), (arguments, line)
    files = {h["file_name"] for h in filled("quarantine", "list", "--json").json["held_back"]}
    assert files
    assert [f for f in files if f not in screen.text] == []


def _event(done: int, rows: int = 0) -> Progress:
    return Progress("prepare", done=f"mail/postfix/{done}.log", size_bytes=9 * 2**20, rows=rows)


def test_what_is_left_is_told_when_it_is_known_and_not_before() -> None:
    now = 100.0
    bars = Bars(Console(width=80, force_terminal=True, file=open(os.devnull, "w")), clock=lambda: now)  # noqa: SIM115, PTH123
    bars.begin(Progress("prepare", total=10, size_bytes=90 * 2**20))

    def line() -> str:
        (task,) = bars.tasks
        return " ".join(str(c.render(Task(**_fields(task)))) for c in bars.columns[2:])  # type: ignore[union-attr]

    assert "left" not in line()
    now += 20  # a start-up
    bars.file(_event(1, 1000))
    assert "left" not in line(), "one file says nothing of the speed"
    now += 2
    bars.file(_event(2, 1000))
    assert "2/10 files" in line()
    assert "91 rows/s" in line(), "of the step's whole time"
    assert "0:16 left" in line(), "2 s a file, start-up left out"
    now += 6
    assert "0:10 left" in line()
    now += 11
    assert "left" not in line(), "the time that was told is over: nobody knows"


def _fields(task: Task) -> dict[str, object]:
    return {k: getattr(task, k) for k in ("id", "description", "total", "completed", "_get_time", "fields")}


def test_a_pace_counts_from_the_first_file() -> None:
    pace = Pace(whole=100)
    pace.tell(50, 10)
    assert pace.left(50) is None
    pace.tell(60, 10)
    assert pace.left(60) == 80
    pace.tell(140, 80)
    assert pace.left(140) is None, "nothing is left"
