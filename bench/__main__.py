"""``python -m bench``: simulate, take the floor, run every step, write ``docs/performance.md``.

This machine and yours are noisy: what counts is the ratio to the floor of the same run.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from bench.floor import read_everything
from bench.page import write_page

STEPS = ("collect", "prepare", "validate", "load", "build", "gate", "publish", "report")


@dataclass
class Measured:
    """One scale: seconds of simulation, floor and each step; rows; peak memory in MB."""

    scale: float
    rows: int
    megabytes: float
    simulate: float
    floor: float
    start_up: float = 0.0
    steps: dict[str, float] = field(default_factory=dict)
    peak_mb: dict[str, float] = field(default_factory=dict)

    @property
    def whole(self) -> float:
        """The whole way, start-up included."""
        return sum(self.steps.values())

    @property
    def ratio(self) -> float:
        """The whole way without the fixed start-up, over the floor."""
        return (self.whole - self.start_up) / self.floor


def main() -> None:
    """Measure each scale in a scratch folder and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scales", type=float, nargs="+", default=[0.1, 1.0])
    parser.add_argument("--months", type=int, default=16)
    parser.add_argument("--folder", type=Path, help="where to work; needs about 8 GB per 1.0 of scale")
    parser.add_argument("--page", type=Path, default=Path("docs/performance.md"))
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="cchc-bench-", dir=options.folder))
    try:
        start_up = _measure(folder, 0.01, 1).whole
        found = [_measure(folder, scale, options.months, start_up) for scale in options.scales]
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    write_page(options.page, found, STEPS)
    sys.stdout.write(options.page.read_text(encoding="utf-8"))


def _measure(folder: Path, scale: float, months: int, start_up: float = 0.0) -> Measured:
    work = folder / f"scale-{scale}"
    work.mkdir()
    inbox = work / "province"
    told, simulate, _ = _cchc(
        work, "simulate", str(inbox), "--scale", str(scale), "--months", str(months), "--dirt", "0.02"
    )
    size = sum(p.stat().st_size for p in inbox.rglob("*") if p.is_file() and p.name != "truth.json")
    floor = sum(read_everything(inbox, work / "floor.duckdb").values())
    (work / "floor.duckdb").unlink()
    measured = Measured(scale, int(told.get("rows", 0)), size / 1e6, simulate, floor, start_up)
    for step in STEPS:
        extra = ("--inbox", str(inbox)) if step == "collect" else ()
        _, measured.steps[step], measured.peak_mb[step] = _cchc(work, step, *extra)
    shutil.rmtree(work)
    return measured


def _cchc(work: Path, *arguments: str) -> tuple[dict[str, object], float, float]:
    """One command as a process of its own: its JSON, seconds, peak memory (children included) in MB."""
    key = work / "key"
    if not key.exists():
        key.write_text(secrets.token_hex(32), encoding="utf-8")
    environment = {
        **os.environ,
        "CCHC_HOME": str(work / "home"),
        "CCHC_PSEUDONYM_KEY_FILE": str(key),
        "CCHC_SETTLE_SECONDS": "0",
    }
    command = [str(Path(sys.executable).with_name("cchc")), *arguments, "--json"]
    with tempfile.TemporaryFile() as output:
        started = time.perf_counter()
        process = subprocess.Popen(command, stdout=output, env=environment)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        text = output.read().decode()
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}: {text[-2000:]}")
    return json.loads(text or "{}"), seconds, usage.ru_maxrss / 1024


if __name__ == "__main__":
    main()
