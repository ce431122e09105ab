"""``docs/analyst.md`` is followed: every block of it runs."""

from __future__ import annotations

import contextlib
import re
import shlex
from pathlib import Path

import pytest

from pipelines.client import Marts
from tests.cli.conftest import Program
from tests.end_to_end.provinces import province

ROOT = Path(__file__).resolve().parents[2]
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", (ROOT / "docs" / "analyst.md").read_text(encoding="utf-8"), re.M | re.S)


def _blocks(language: str) -> list[str]:
    found = [text for name, text in BLOCKS if name == language]
    assert found
    return found


@pytest.fixture(scope="module")
def program() -> Program:
    """On a home of three months."""
    return Program(province(1, 0.02).settings.home)


def test_there_are_no_blocks_that_nobody_runs() -> None:
    assert {name for name, _ in BLOCKS} == {"sh", "python", "sql"}


@pytest.mark.parametrize("text", _blocks("sql"))
def test_queries(program: Program, text: str) -> None:
    with Marts(program.home) as marts:
        assert marts.sql(text).fetchall()


@pytest.mark.parametrize("text", _blocks("python"))
def test_python(program: Program, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CCHC_HOME", str(program.home))
    exec(text, {})


@pytest.mark.parametrize("line", [line for text in _blocks("sh") for line in text.splitlines()])
def test_commands(program: Program, line: str, tmp_path: Path) -> None:
    (tmp_path / "docs").symlink_to(ROOT / "docs")
    with contextlib.chdir(tmp_path):
        name, *arguments = shlex.split(line)
        ended = program(*arguments)
    assert (name, ended.code, ended.err) == ("cchc", 0, "")
    assert ended.out
