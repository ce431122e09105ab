"""The image's recipe: from the lock file, not as root, and with everything that a service's command needs."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
RECIPE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
FINAL = RECIPE[RECIPE.rindex("FROM ") :]


def test_it_is_built_from_the_lock_with_the_makefiles_uv() -> None:
    (of_makefile,) = re.findall(r"^UV_VERSION := (\S+)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M)
    assert f"ARG UV_VERSION={of_makefile}" in RECIPE
    assert "uv export --quiet --frozen --no-dev --no-emit-project" in RECIPE
    assert "--require-hashes -r requirements.txt" in RECIPE
    assert "pip install" not in FINAL


def test_it_ends_as_an_ordinary_user() -> None:
    assert re.findall(r"^USER (\S+)$", RECIPE, re.M) == ["50000:50000"]
    assert RECIPE.rindex("USER ") > RECIPE.rindex("RUN ")


def test_it_holds_what_it_needs_and_nothing_that_is_private() -> None:
    copied = set(re.findall(r"^COPY (\S+) \S+$", FINAL, re.M))
    assert copied == {"pipelines", "expectations", "warehouse", "dags", "deploy"}
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    let_in = {line[1:] for line in ignored if line.startswith("!")}
    assert "*" in ignored
    assert let_in == copied | {"pyproject.toml", "uv.lock"}


def test_no_line_sets_a_secret() -> None:
    assert re.findall(r"(?i)(password|secret|pseudonym_key)\s*=", RECIPE) == []


@pytest.mark.parametrize("name", ["init", "drop", "api-server", "scheduler", "dag-processor", "triggerer"])
def test_every_module_that_a_command_or_a_check_runs_is_there(name: str) -> None:
    service = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))["services"][name]
    calls = [service["command"], service["healthcheck"].get("test", ["CMD", "python", "-m", "deploy.healthcheck"])[1:]]
    for call in calls:
        assert call[:2] == ["python", "-m"]
        assert importlib.util.find_spec(call[2]) is not None
