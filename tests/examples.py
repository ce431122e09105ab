"""On how many examples a property is tried: few on every run, ten times as many where one asks for it."""

from __future__ import annotations

import os

_TIMES = 10 if os.environ.get("HYPOTHESIS_PROFILE") == "thorough" else 1


def examples(usual: int) -> int:
    """As many as are tried usually, or by ``HYPOTHESIS_PROFILE=thorough``."""
    return usual * _TIMES
