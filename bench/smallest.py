"""The smallest inbox there is: one small file of each stream."""

from __future__ import annotations

import shutil
from pathlib import Path

from bench.processes import cchc


def smallest_inbox(work: Path) -> Path:
    """Simulate a tiny province under ``work`` and take the smallest export of each stream."""
    province, inbox = work / "province", work / "inbox"
    cchc(work, "simulate", str(province), "--scale", "0.01", "--months", "1")
    for stream in sorted(p for p in province.glob("*/*") if p.is_dir()):
        first = min(stream.iterdir(), key=lambda p: p.stat().st_size)
        target = inbox / first.relative_to(province)
        target.parent.mkdir(parents=True)
        shutil.copy2(first, target)
    return inbox
