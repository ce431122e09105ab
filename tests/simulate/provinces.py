"""Small simulated provinces, made once and shared by the tests of this folder."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from python_calamine import CalamineWorkbook

from pipelines.simulate.config import SimulationConfig
from pipelines.simulate.province import SimulationResult, simulate
from pipelines.sources.registry import contract_for


@dataclass(frozen=True)
class Made:
    directory: Path
    result: SimulationResult

    @property
    def truth(self) -> dict[str, Any]:
        return dict(json.loads((self.directory / "truth.json").read_text(encoding="utf-8")))

    def files(self, stream: str) -> list[Path]:
        return sorted((self.directory / stream).iterdir())


@cache
def made(
    *, scale: float, dirt: float, seed: int = 1, start: date = date(2020, 1, 1), months: int = 16, threads: int = 2
) -> Made:
    directory = Path(mkdtemp(prefix="cchc-simulated-"))
    config = SimulationConfig(directory=directory, start=start, months=months, scale=scale, seed=seed, dirt=dirt)
    return Made(directory, simulate(config, threads=threads))


@cache
def clean() -> Made:
    return made(scale=0.05, dirt=0.0)


@cache
def dirty() -> Made:
    return made(scale=0.01, dirt=0.03)


def records(path: Path) -> list[list[str]]:
    """Every record of a file as cells, whatever its form; a log's line is one cell. The first has number 1."""
    if path.suffix == ".xlsx":
        return [
            [str(c) for c in row] for row in CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).iter_rows()
        ]
    data = path.read_bytes()
    text = data.decode("utf-16" if data.startswith(b"\xff\xfe") else "utf-8-sig")
    if path.suffix in (".log", ".txt"):
        return [[line] for line in text.removesuffix("\n").split("\n")]
    separator = ";" if text.startswith("sep=;") else ","
    return list(csv.reader(text.splitlines(), delimiter=separator))


def columns(path: Path) -> list[str]:
    """The columns of an export; who hands a dossier in is only told by records of an adapter."""
    contract = contract_for(path.parent.parent.name, path.parent.name)
    return [c.name for c in contract.flat_columns if not c.name.startswith("submitter_")]
