"""The program on a home, within this process or as users start it, and one small home to look at."""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from pipelines.cli import app
from tests.cli.terminal import run_on, terminal
from tests.conftest import TEST_KEY

CCHC = str(Path(sys.executable).with_name("cchc"))


@dataclass(frozen=True)
class Ended:
    """How a call ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Stdout as the one object that it must be."""
        return json.loads(self.out)


@dataclass(frozen=True)
class Program:
    """``cchc`` on one home."""

    home: Path
    key: str | None = TEST_KEY

    def environment(self, **more: str) -> dict[str, str]:
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("CCHC_") or k == "CCHC_PARSING_CACHE"}
        key = {"CCHC_PSEUDONYM_KEY": self.key} if self.key else {}
        return inherited | {"CCHC_HOME": str(self.home), "CCHC_SETTLE_SECONDS": "0"} | key | more

    def __call__(self, *arguments: str, **more: str) -> Ended:
        """Within this process: the same code as the program's, without its start-up."""
        out, err = io.StringIO(), io.StringIO()
        with (
            mock.patch.dict(os.environ, self.environment(**more), clear=True),
            mock.patch.object(sys, "argv", ["cchc", *arguments]),
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
            pytest.raises(SystemExit) as ended,
        ):
            app.main()
        code = ended.value.code
        assert isinstance(code, int)
        return Ended(code, out.getvalue(), err.getvalue())

    def as_process(self, *arguments: str, **more: str) -> Ended:
        """As users start it."""
        told = subprocess.run(
            [CCHC, *arguments], capture_output=True, text=True, check=False, env=self.environment(**more), timeout=200
        )
        return Ended(told.returncode, told.stdout, told.stderr)


@pytest.fixture
def fresh(tmp_path: Path) -> Program:
    """The program on a home where nothing is."""
    return Program(tmp_path / "home")


@dataclass(frozen=True)
class Filled:
    """A home that a run filled while somebody looked on, and what they saw."""

    program: Program
    written: str
    text: str


@pytest.fixture(scope="session")
def filled(filled_on_terminal: Filled) -> Program:
    """The program on a home with a few simulated nights, published. Tests must leave it as it is."""
    return filled_on_terminal.program


@pytest.fixture(scope="session")
def filled_on_terminal(tmp_path_factory: pytest.TempPathFactory) -> Filled:
    """The same, with its first run as it was seen on a terminal of 80 columns."""
    folder = tmp_path_factory.mktemp("cli")
    program = Program(folder / "home")
    exports = program.home / "inbox"
    made = program("simulate", str(exports), "--months", "1", "--scale", "0.01", "--json")
    assert made.code == 0, made.err
    for stream in exports.glob("*/*"):
        for night in sorted(stream.iterdir())[3:]:
            night.unlink()
    relative = program.environment(CCHC_HOME="home")  # a home is often named from where one stands, as `./data` is
    with terminal(80) as screen:
        assert run_on(screen, [CCHC, "run"], environment=relative, folder=folder).wait(timeout=200) == 0, screen.text
        screen.wait_for("Page: ")
        return Filled(program, screen.written, screen.text)
