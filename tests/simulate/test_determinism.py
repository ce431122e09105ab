"""The same values give the same bytes, others give others."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pyarrow as pa
import pytest

from pipelines.domain.errors import InternalFault, WrongUse
from pipelines.simulate.config import SimulationConfig
from pipelines.simulate.in_order import in_order
from tests.simulate.provinces import Made, made


def _digests(made_: Made) -> dict[str, str]:
    return {
        str(p.relative_to(made_.directory)): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(made_.directory.rglob("*"))
        if p.is_file()
    }


def test_same_seed_same_bytes_whatever_the_number_of_threads() -> None:
    one, many = (_digests(made(scale=0.03, dirt=0.05, months=2, threads=n)) for n in (1, 4))
    assert len(one) > 100
    assert one == many


def test_same_bytes_when_a_table_is_large_enough_to_be_shared_out_among_threads() -> None:
    one, many = (_digests(made(scale=0.15, dirt=0.02, months=4, threads=n)) for n in (1, 4))
    assert one == many


def test_runs_of_rows_wait_for_their_turn() -> None:
    def batch(*places: int) -> pa.RecordBatch:
        return pa.record_batch({"place": pa.array(places, pa.int64()), "line": [f"row {p}" for p in places]})

    lines = [
        line.as_py()
        for run in in_order([batch(4, 5, 0), batch(), batch(2, 1), batch(6, 3)])
        for line in run.column("line")
    ]
    assert lines == [f"row {n}" for n in range(7)]
    with pytest.raises(InternalFault, match="Row 1 "):
        list(in_order([batch(0, 2)]))


def test_another_seed_gives_other_rows_in_the_same_files() -> None:
    first, second = (_digests(made(scale=0.01, dirt=0.02, months=1, seed=n)) for n in (1, 2))
    assert {Path(p).name for p in first} & {Path(p).name for p in second}
    differing = {p for p in first if second.get(p) != first[p]}
    assert {"igate/dossiers", "igate/steps", "idesk/incoming", "mail/postfix"} <= {
        str(Path(p).parent) for p in differing
    }


def test_a_second_run_into_the_same_folder_leaves_nothing_of_the_first(tmp_path: Path) -> None:
    from pipelines.simulate.province import simulate

    simulate(SimulationConfig(directory=tmp_path, months=2, scale=0.01, dirt=0.0))
    (tmp_path / "mine.txt").write_text("kept")
    simulate(SimulationConfig(directory=tmp_path, months=1, scale=0.01, dirt=0.0))
    assert not list(tmp_path.rglob("*_202002_*"))
    assert {p.name for p in tmp_path.iterdir()} == {"igate", "idesk", "mail", "reference", "truth.json", "mine.txt"}


@pytest.mark.parametrize("scale", [0.0, 101.0])
def test_a_scale_out_of_bounds_is_refused(tmp_path: Path, scale: float) -> None:
    with pytest.raises(WrongUse, match="--scale"):
        SimulationConfig(directory=tmp_path, scale=scale)


@pytest.mark.parametrize("months", [0, 61])
def test_months_out_of_bounds_are_refused(tmp_path: Path, months: int) -> None:
    with pytest.raises(WrongUse, match="months"):
        SimulationConfig(directory=tmp_path, months=months)
