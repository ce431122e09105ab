"""Rules of the house that a tool does not check."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BLOCKED = """
import importlib, pkgutil, sys
class Block:
    def find_spec(self, name, path=None, target=None):
        if name == "airflow" or name.startswith("airflow."):
            raise ImportError("airflow is blocked")
sys.meta_path.insert(0, Block())
import pipelines, expectations
count = 0
for package in (pipelines, expectations):
    for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        importlib.import_module(module.name)
        count += 1
print(count)
"""


def _tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True).stdout
    return [ROOT / name for name in listed.split("\0") if name]


def test_nothing_below_the_dags_imports_airflow() -> None:
    told = subprocess.run([sys.executable, "-c", BLOCKED], capture_output=True, text=True, check=False, cwd=ROOT)
    assert told.returncode == 0, told.stderr[-2000:]
    assert int(told.stdout) > 20


@pytest.mark.parametrize(
    ("package", "low", "high"),
    [
        ("duckdb", (1, 5, 5), (2,)),
        ("dbt-core", (1, 11), (1, 12)),
        ("great-expectations", (1, 24), (1, 25)),
        ("apache-airflow", (3, 3), (3, 4)),
    ],
)
def test_versions_that_once_drifted_silently(package: str, low: tuple[int, ...], high: tuple[int, ...]) -> None:
    found = tuple(int(p) for p in re.findall(r"\d+", version(package))[:3])
    assert low <= found < high


def test_the_lock_names_no_index_host() -> None:
    hosts = set(re.findall(r"https?://([^/\"]+)", (ROOT / "uv.lock").read_text(encoding="utf-8")))
    assert hosts == {"index.invalid"}


def test_no_file_is_a_drawer_for_everything() -> None:
    python = [p for p in _tracked() if p.suffix == ".py"]
    assert len(python) > 50
    assert [p.name for p in python if p.name in ("utils.py", "helpers.py", "common.py", "misc.py")] == []


def test_help_comes_at_once() -> None:
    code = "import sys, time; t = time.perf_counter(); import pipelines.cli.app; print(sorted(sys.modules))"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT).stdout
    for heavy in ("great_expectations", "pandas", "airflow", "dbt"):
        assert f"'{heavy}'" not in told, f"{heavy} is imported at start"


def test_an_error_that_people_meet_has_a_next_step() -> None:
    """A fault of ours has the usual one: report it."""
    lacking = []
    for path in [*(ROOT / "pipelines").rglob("*.py"), *(ROOT / "expectations").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and isinstance(node.exc.func, ast.Name):
                told = {k.arg for k in node.exc.keywords}
                if node.exc.func.id in {"WrongUse", "DataRefused", "SourceUnavailable"} and "next_step" not in told:
                    lacking.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert lacking == []
