"""On how many examples a property is tried: few on every run, ten times as many by ``HYPOTHESIS_PROFILE=thorough``."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

_PROFILE = os.environ.get("HYPOTHESIS_PROFILE", "usual")


def choose_profile() -> None:
    """Let hypothesis try as thoroughly as is asked for; that a machine is busy is no fault of a property."""
    settings.register_profile("usual", deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.register_profile("thorough", settings.get_profile("usual"), max_examples=examples(100))
    settings.load_profile(_PROFILE)


def examples(usual: int) -> int:
    """As many as are tried usually, or ten times as many."""
    return usual * (10 if _PROFILE == "thorough" else 1)
