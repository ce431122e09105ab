"""Completion as one has it: installed into a bash that somebody types into."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipelines.cli import completions
from pipelines.sources.registry import all_contracts
from tests.cli.conftest import CCHC, Program
from tests.cli.terminal import Terminal, run_on, terminal

PROMPT = "ready> "


@pytest.fixture
def bash(filled: Program, tmp_path: Path) -> Iterator[Terminal]:
    """An interactive bash that has our program in its path and a home of its own."""
    (tmp_path / ".bashrc").write_text(f"PS1='{PROMPT}'; PATH={Path(CCHC).parent}:$PATH\n", encoding="utf-8")
    environment = filled.environment(HOME=str(tmp_path), BASH_SILENCE_DEPRECATION_WARNING="1")
    with terminal(200) as screen:
        process = run_on(screen, ["bash", "-i"], environment=environment, folder=tmp_path)
        screen.wait_for(PROMPT)
        yield screen
        process.kill()
        process.wait()


def _typed(screen: Terminal, keys: str, *, expect: str) -> None:
    before = len(screen.written)
    screen.type(keys)
    screen.wait_for(expect, since=before)


def test_bash_completes_once_it_is_installed(bash: Terminal, tmp_path: Path) -> None:
    _typed(bash, "cchc --install-completion\n", expect="Completion will take effect")
    _typed(bash, "source ~/.bashrc; echo so''urced\n", expect="sourced")
    _typed(bash, "cchc rollb\t", expect="cchc rollback ")
    _typed(bash, "--to mar\t", expect="--to marts_")
    _typed(bash, "\x15cchc inspection --agency H15.0\t\t", expect="H15.09")
    _typed(bash, "7 --for\t", expect="--format ")
    _typed(bash, "\x15cchc quarantine list --source mail --stream zimbra_\t\t", expect="zimbra_mailbox")


def test_codes_come_from_what_is_published(filled: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CCHC_HOME", str(filled.home))
    assert ("H15.07", "Sở Giáo dục và Đào tạo") in completions.agencies("H15.0")
    assert ("000.00.07.H15", "Sở Giáo dục và Đào tạo") in completions.agencies("000.00.07")
    assert not [code for code, _ in completions.agencies("") if code.startswith("000.")], "one code for each"
    assert [name for name, _ in completions.snapshots("")] == [p.stem for p in filled.home.glob("published/m*.duckdb")]


def test_where_nothing_is_there_is_nothing_to_offer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CCHC_HOME", str(tmp_path))
    assert completions.agencies("") == completions.snapshots("") == []
    (tmp_path / "published").mkdir()
    (tmp_path / "published" / "current.duckdb").write_bytes(b"no database")
    assert completions.agencies("") == []


def test_contracts_are_those_that_load(own_contracts: Path) -> None:
    assert [name for name, _ in completions.contracts("")] == [c.name for c in all_contracts()]
    (own_contracts / "local").mkdir()
    (own_contracts / "local" / "fees.yml").touch()
    assert ("local", "") in completions.sources("")
    assert completions.contracts("local.") == [("local.fees", "")]


def test_scripts_for_the_other_shells_are_written(fresh: Program) -> None:
    for shell, sign in (("zsh", "#compdef cchc"), ("fish", "complete --command cchc")):
        told = fresh.as_process(_CCHC_COMPLETE=f"source_{shell}")
        assert told.code == 0
        assert re.search(sign, told.out), told.out
