"""Fewer nights of simulated exports: a file costs more than its rows."""

from __future__ import annotations

import re
from pathlib import Path

_NIGHTLY = re.compile(r"_\d{8}_\d{8}T\d{6}\.")


def keep_every_third_night(exports: Path) -> None:
    """Take the others away; monthly files and reference lists stay."""
    for stream in exports.glob("*/*/"):
        nightly = sorted(path for path in stream.iterdir() if _NIGHTLY.search(path.name))
        for number, path in enumerate(nightly):
            if number % 3:
                path.unlink()
