"""The documentation holds together: links lead somewhere, and what it names exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer.main

from pipelines.cli.app import app
from pipelines.settings import Settings
from pipelines.sources.registry import all_contracts

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"\[[^\]]*\]\((?!https?://|#)([^)#]+)(#[^)]*)?\)")


def _text(page: Path) -> str:
    return page.read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    broken = [target for target, _ in LINK.findall(_text(page)) if not (page.parent / target).exists()]
    assert broken == []


def test_there_are_pages_for_every_reader() -> None:
    assert {p.name for p in PAGES} >= {"README.md", "data-engineer.md", "analyst.md", "leader.md", "data-owner.md"}
    assert len(PAGES) > 15


def test_commands_that_the_docs_name_exist() -> None:
    known = set(typer.main.get_command(app).commands)  # type: ignore[attr-defined]
    named = {name for page in PAGES for name in re.findall(r"`(?:\.venv/bin/)?cchc ([a-z]+)", _text(page))}
    assert named
    assert named - known == set()


def test_settings_that_the_docs_name_exist() -> None:
    known = {f"CCHC_{name.upper()}" for name in Settings.model_fields} | {"CCHC_SECRETS_DIR"}
    named = {
        name
        for page in [ROOT / "README.md", ROOT / "docs" / "data-engineer.md"]
        for name in re.findall(r"\bCCHC_[A-Z_]+\b", _text(page))
    }
    assert named
    assert named - known == set()


def test_the_guide_lists_every_stream() -> None:
    guide = _text(ROOT / "docs" / "data-engineer.md")
    assert [c.name for c in all_contracts() if f"`{c.stream}`" not in guide or f"`{c.source}`" not in guide] == []
