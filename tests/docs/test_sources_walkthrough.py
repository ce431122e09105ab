"""``docs/sources.md`` is followed: its own commands, in a fresh folder, with files that no contract knew."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from pipelines.flows.inspect_file import inspect_file
from pipelines.sources.registry import all_contracts
from tests.cli.conftest import Program

PAGE = Path(__file__).resolve().parents[2] / "docs" / "sources.md"
FIXTURES = Path(__file__).resolve().parents[3] / "shared" / "fixtures"
_BLOCK = re.compile(r"^```(\w+) walk\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def _blocks(language: str) -> list[str]:
    found = [text for name, text in _BLOCK.findall(PAGE.read_text(encoding="utf-8")) if name == language]
    assert found, f"the page has no {language} block that is marked to be followed"
    return found


@dataclass(frozen=True)
class Followed:
    """What following the page left behind."""

    folder: Path
    stream: str
    out: str

    def program(self, *arguments: str) -> str:
        return _run(self.folder, f"cchc {' '.join(arguments)}")

    @property
    def rows(self) -> list[dict[str, object]]:
        lake = self.folder / "data" / "lake" / "local" / self.stream / "*.parquet"
        return duckdb.sql(f"from read_parquet('{lake}') order by _row_number").to_arrow_table().to_pylist()


def _run(folder: Path, script: str) -> str:
    """In a shell whose ``cchc`` and ``python`` are those of this environment."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("CCHC_")}
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
    setup = _blocks("sh")[0].splitlines()[0]
    ended = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", f"{setup}\n{script}"],
        cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert ended.returncode == 0, f"{ended.stdout}\n{ended.stderr}"
    return ended.stdout


def _follow(folder: Path, name: str, data: bytes) -> Followed:
    stream = Path(name).stem
    (folder / name).write_bytes(data)
    script = "\n".join(_blocks("sh")).replace("fees", stream)
    return Followed(folder, stream, _run(folder, script))


def _follow_within(folder: Path, name: str, data: bytes) -> Followed:
    """The same, but for the program's start-up: each of its commands within this process."""
    stream = Path(name).stem
    (folder / name).write_bytes(data)
    program = Program(folder / "data", key=None)
    places = {"CCHC_CONTRACTS_DIR": str(folder / "contracts"), "CCHC_PSEUDONYM_KEY_FILE": str(folder / "cchc.key")}
    out = ""
    with contextlib.chdir(folder):
        for line in "\n".join(_blocks("sh")).replace("fees", stream).splitlines():
            if line.startswith("cchc "):
                all_contracts.cache_clear()
                ended = program(*shlex.split(line)[1:], **places)
                assert ended.code == 0, f"{line}: {ended.err}"
                out += ended.out
            else:
                out += _run(folder, line)
    all_contracts.cache_clear()
    return Followed(folder, stream, out)


@pytest.fixture(scope="module")
def fees(tmp_path_factory: pytest.TempPathFactory) -> Followed:
    (csv,) = _blocks("csv")
    return _follow(tmp_path_factory.mktemp("walk"), "fees.csv", csv.encode())


def test_the_page_leads_from_a_strange_file_to_rows_in_the_lake(fees: Followed) -> None:
    rows = fees.rows
    assert [r["so_bien_lai"] for r in rows] == [f"BL{n:04d}" for n in range(1, 11) if n != 7]
    assert [r["so_tien"] for r in rows[:3]] == ["30000", "1250000", "500000"]
    assert rows[0]["ngay_nop"] == "2021-01-04"


def test_what_it_says_of_the_row_held_back_is_so(fees: Followed) -> None:
    (held,) = json.loads(fees.program("quarantine", "list", "--json"))["held_back"]
    assert (held["rule"], held["column"], held["row_numbers"]) == ("bad_number", "so_tien", [8])
    assert "1 of 10 values are no numbers" in fees.out


def test_the_accounting_closes(fees: Followed) -> None:
    (told,) = json.loads(fees.program("status", "--json"))["streams"]
    assert told["accounting_closes"] is True
    assert (told["rows_in_file"], told["rows_loaded"], told["rows_quarantined"], told["rows_non_data"]) == (11, 9, 1, 1)


def test_persons_of_the_draft_are_not_in_the_lake(fees: Followed) -> None:
    assert all(str(r["nguoi_nop"]).startswith("p_") and str(r["dien_thoai"]).startswith("p_") for r in fees.rows)
    assert fees.rows[2]["ghi_chu"] == "gọi lại [điện thoại]"
    everything = b"".join(p.read_bytes() for p in (fees.folder / "data" / "lake").rglob("*") if p.is_file())
    assert "Nguyễn Văn An".encode() not in everything


@pytest.mark.parametrize(("name", "rows"), [("idesk_attachments_2020-09-08.csv", 63)])
def test_a_real_file_that_no_contract_knew_goes_the_same_way(tmp_path: Path, name: str, rows: int) -> None:
    path = FIXTURES / name
    assert path.is_file(), f"{path} is missing: this test needs the shared folder of real files beside the checkout"
    assert inspect_file(path).stream is None, "a contract knows it by now: choose another"
    followed = _follow_within(tmp_path, "export.csv", path.read_bytes())
    assert len(followed.rows) == rows, "as many as the manifest of the fixtures says"
    (told,) = json.loads(followed.program("status", "--json"))["streams"]
    assert (told["accounting_closes"], told["rows_in_file"], told["rows_loaded"]) == (True, rows + 1, rows)
