"""The documentation as a site: built as `make docs` builds it, it is whole and asks nobody for anything."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
_ASKED_FOR = re.compile(
    r"<(?:script|img|iframe|link)\b[^>]*\b(?:src|href)=\"((?:https?:)?//[^\"]+)\"|url\((https?:[^)]+)\)"
)


def _built(source: Path, target: Path) -> subprocess.CompletedProcess[str]:
    """By the command that stands in the Makefile."""
    make = (ROOT / "Makefile").read_text(encoding="utf-8")
    how = re.search(r"^SPHINX := \$\(BIN\)/python (.*)$", make, re.MULTILINE)
    build = re.search(r"^\t\$\(SPHINX\) (.*) \. build/docs$", make, re.MULTILINE)
    assert how, make
    assert build, make
    arguments = f"{how[1]} {build[1]}".replace("build/doctrees", str(target / "doctrees")).split()
    return subprocess.run(
        [sys.executable, *arguments, ".", str(target / "html")],
        cwd=source, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("site")
    ended = _built(ROOT, target)
    assert ended.returncode == 0, ended.stderr
    return target / "html"


def test_every_page_is_in_it(site: Path) -> None:
    pages = [
        *(ROOT / "docs").rglob("*.md"),
        *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")),
    ]
    lacking = [p.name for p in pages if not (site / p.relative_to(ROOT)).with_suffix(".html").is_file()]
    assert lacking == []


def test_flowcharts_are_drawn(site: Path) -> None:
    source = (ROOT / "docs" / "lineage.md").read_text(encoding="utf-8")
    page = (site / "docs" / "lineage.html").read_text(encoding="utf-8")
    assert page.count('<svg class="flowchart"') == source.count("```mermaid\n") > 0
    labels = re.findall(r'^ +\w+\W+"([^"]+)"', source, re.MULTILINE)
    assert {label for label in labels if f">{label}</text>" not in page} == set()
    edges = re.findall(r"^ +\w+ --> \w+$", source, re.MULTILINE)
    assert page.count("<path d=") >= len(edges) > 0


def test_it_asks_nobody_for_anything(site: Path) -> None:
    asked = {
        found.group(0)
        for path in [*site.rglob("*.html"), *site.rglob("*.css")]
        for found in _ASKED_FOR.finditer(path.read_text(encoding="utf-8"))
    }
    assert asked == set()


def test_links_that_lead_nowhere_end_the_build(tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    docs.mkdir()
    for part in (ROOT / "docs").glob("*.py"):
        shutil.copy(part, docs)
    (docs / "index.rst").write_text("Title\n=====\n\n.. toctree::\n\n   page\n   other\n", encoding="utf-8")
    (docs / "other.md").write_text("# Other\n\n## A part\n\nText.\n", encoding="utf-8")
    page = docs / "page.md"
    page.write_text("# Page\n\n[well](other.md#a-part), [well](#page) and [well](conf.py)\n", encoding="utf-8")
    assert _built(tmp_path, tmp_path).returncode == 0
    targets = ("gone.md", "other.md#nowhere", "#nobody", "../pipelines/gone.py")
    page.write_text("# Page\n\n" + "\n\n".join(f"[here]({t})" for t in targets) + "\n", encoding="utf-8")
    ended = _built(tmp_path, tmp_path)
    assert ended.returncode != 0
    assert [t for t in ("gone.md", "nowhere", "nobody", "gone.py") if t not in ended.stderr] == []
