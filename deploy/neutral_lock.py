"""Renew ``uv.lock`` from whichever index is configured, without naming its host.

Versions and hashes are what a lock promises; the host is a matter of the machine (a province's
closed network has its own mirror). uv can only write full addresses, so they are replaced by
``index.invalid``; ``make install`` exports the lock to hashed requirements and installs those
through the configured index. Usage: ``python deploy/neutral_lock.py PATH_OF_UV [uv lock options]``.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

LOCK = Path(__file__).resolve().parents[1] / "uv.lock"
NEUTRAL = "https://index.invalid"


def main(uv: str, *options: str) -> None:
    """Let uv lock (it keeps the versions already pinned), then take the hosts out."""
    subprocess.run([uv, "lock", *options], cwd=LOCK.parent, check=True)
    text = LOCK.read_text(encoding="utf-8")
    text = re.sub(r'registry = "https?://[^"]*"', f'registry = "{NEUTRAL}/simple"', text)
    LOCK.write_text(re.sub(r'url = "https?://[^/"]+/', f'url = "{NEUTRAL}/', text), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
