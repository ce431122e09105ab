"""``docs/sources.md`` is followed: its own commands, in a fresh folder, with files that no contract knew."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from pipelines.flows.inspect_file import inspect_file
from tests.docs.following import DOCS, Follower, blocks

FIXTURES = Path(__file__).resolve().parents[3] / "shared" / "fixtures"
BLOCKS = blocks(DOCS / "sources.md")
SCRIPT = "\n".join(b.text for b in BLOCKS if b.language == "sh")


@dataclass(frozen=True)
class Followed:
    """What following the page left behind."""

    follower: Follower
    stream: str
    out: str

    @property
    def folder(self) -> Path:
        return self.follower.folder

    def program(self, *arguments: str) -> str:
        return self.follower.type_within(f"cchc {' '.join(arguments)}")

    @property
    def rows(self) -> list[dict[str, object]]:
        lake = self.folder / "data" / "lake" / "local" / self.stream / "*.parquet"
        return duckdb.sql(f"from read_parquet('{lake}') order by _row_number").to_arrow_table().to_pylist()


def _follow(folder: Path, name: str, data: bytes, *, within: bool = False) -> Followed:
    """The page's commands with a file of one's own; ``within`` this process, where start-up is not looked at."""
    stream = Path(name).stem
    (folder / name).write_bytes(data)
    follower = Follower(folder)
    script = SCRIPT.replace("fees", stream)
    return Followed(follower, stream, follower.type_within(script) if within else follower.type(script))


@pytest.fixture(scope="module")
def fees(tmp_path_factory: pytest.TempPathFactory) -> Followed:
    (csv,) = (b.text for b in BLOCKS if b.language == "csv")
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
    followed = _follow(tmp_path, "export.csv", path.read_bytes(), within=True)
    assert len(followed.rows) == rows, "as many as the manifest of the fixtures says"
    (told,) = json.loads(followed.program("status", "--json"))["streams"]
    assert (told["accounting_closes"], told["rows_in_file"], told["rows_loaded"]) == (True, rows + 1, rows)
