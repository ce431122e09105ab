"""Follows a page of the documentation: runs its blocks as a reader would, and compares what they print."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from pipelines.sources.registry import all_contracts
from tests.cli.conftest import Program

DOCS = Path(__file__).resolve().parents[2] / "docs"
_BLOCK = re.compile(r"^( *)```(\w+)([^\n]*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
_HEREDOC = re.compile(r"<<'(\w+)'")
_ANYTHING = "…"


@dataclass(frozen=True)
class Block:
    """A block that is marked to be followed, and what the page says that it prints; None where it says nothing."""

    language: str
    text: str
    printed: str | None


def blocks(page: Path) -> list[Block]:
    """Blocks marked ``walk``, in their order; a block of text right after one is what it prints."""
    source = page.read_text(encoding="utf-8")
    found = list(_BLOCK.finditer(source))
    made = []
    for block, after in zip(found, [*found[1:], None], strict=True):
        if block[3].strip() == "walk":
            printed = after is not None and after[2] == "text" and not source[block.end() : after.start()].strip()
            text = re.sub(rf"^{block[1]}", "", block[4], flags=re.MULTILINE)
            made.append(Block(block[2], text, after[4] if after is not None and printed else None))
    assert made, f"{page.name} has no block that is marked to be followed"
    return made


def prints(expected: str, printed: str) -> bool:
    """Whether that is what was printed, blanks at the ends of lines left out; ``…`` stands for anything."""
    shown, told = (re.sub(r" +$", "", text.strip(), flags=re.MULTILINE) for text in (expected, printed))
    return re.fullmatch(".*?".join(map(re.escape, shown.split(_ANYTHING))), told, re.DOTALL) is not None


def change(folder: Path, diff: str) -> None:
    """Do what a diff says; each of its parts must stand once in the file as it is."""
    _, to, *lines = diff.splitlines(keepends=True)
    path = folder / to.removeprefix("+++ b/").strip()
    text = path.read_text(encoding="utf-8")
    for part in re.split(r"^@@.*\n", "".join(lines), flags=re.MULTILINE):
        told = part.splitlines(keepends=True)
        old, new = ("".join(line[1:] for line in told if line[0] in kept) for kept in (" -", " +"))
        assert text.count(old) == 1, f"{path.name} does not hold once:\n{old}"
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")


@dataclass
class Follower:
    """Somebody who types into one shell, in one folder: what is exported stays."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """The ``cchc`` and ``python`` of the shell are those that run the tests."""
        clean = {k: v for k, v in os.environ.items() if not k.startswith("CCHC_")}
        self.environment = clean | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{clean['PATH']}"}

    def type(self, script: str) -> str:
        """Run it in bash; what was printed."""
        left = self.folder / ".environment"
        ended = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", f"{script}\nenv -0 > {shlex.quote(str(left))}"],
            cwd=self.folder, env=self.environment, capture_output=True, text=True, check=False, timeout=300,
        )  # fmt: skip
        assert ended.returncode == 0, f"{script}\n{ended.stdout}\n{ended.stderr}"
        lines = left.read_text(encoding="utf-8").rstrip("\0").split("\0")
        self.environment = dict(line.split("=", 1) for line in lines)
        return ended.stdout

    def type_within(self, script: str) -> str:
        """The same, but for the program's start-up: each of its commands within this process."""
        out = ""
        for line in _statements(script):
            out += self._command(line) if line.startswith("cchc ") else self.type(line)
        return out

    def _command(self, line: str) -> str:
        ours = {k: v for k, v in self.environment.items() if k.startswith("CCHC_")}
        kept = {k: v for k, v in os.environ.items() if k == "CCHC_PARSING_CACHE"}
        before = Path.cwd()
        all_contracts.cache_clear()
        os.chdir(self.folder)
        try:
            ended = Program(self.folder, key=None)(*shlex.split(line)[1:], **kept, **ours)
        finally:
            os.chdir(before)
            all_contracts.cache_clear()
        assert ended.code == 0, f"{line}: {ended.err}"
        return ended.out


def _statements(script: str) -> list[str]:
    """The lines of a script; what belongs to a here-document or to an open quote stays with its line."""
    made: list[str] = []
    end = None
    for line in script.splitlines():
        if end is not None or (made and made[-1].count('"') % 2):
            made[-1] += f"\n{line}"
            end = None if line == end else end
        else:
            made.append(line)
            here = _HEREDOC.search(line)
            end = here[1] if here else None
    return made
