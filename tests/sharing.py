"""Which tests go to one worker, and in which order.

What is dear to make (a province, a home, a scheduler that runs) is made once: the tests that look at it stay
together. The marks of ``--dist loadgroup`` are not heeded with pytest 9.2, so the scheduler is told directly.
"""

from __future__ import annotations

from typing import Any

# Longest first.
_SHARED = (
    "tests/crash/",
    "tests/end_to_end/",
    "tests/dags/",
    "tests/warehouse/",
    "tests/cli/",
    "tests/flows/test_eight_ways.py",
    "tests/site/",
    "tests/docs/test_sources_walkthrough.py",
    "tests/flows/test_gate.py",
    "tests/docs/test_contributing.py",
    "tests/simulate/",
    "tests/flows/test_quarantine.py",
    "tests/property/test_json_ways.py",
    "tests/property/test_every_way_back.py",
    "tests/property/test_any_bytes.py",
)
_TOGETHER = {
    "tests/flows/test_run.py": "tests/crash/",  # homes at the same stages
    "tests/site/test_in_browser.py": "tests/end_to_end/",  # the pages of its province
}


def group(node_id: str) -> str:
    """What a test shares things with: a folder, or else its file."""
    path = node_id.split("::", 1)[0]
    return _TOGETHER.get(path) or next((s for s in _SHARED if path.startswith(s)), path)


def turn(node_id: str) -> int:
    """When a test's group has its turn."""
    found = group(node_id)
    return _SHARED.index(found) if found in _SHARED else len(_SHARED)


def scheduler(config: Any, log: Any) -> Any:
    """One that hands out whole groups, in their order."""
    from xdist.scheduler import LoadScopeScheduling

    class ByGroup(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return group(nodeid)

    config.option.loadscopereorder = False
    return ByGroup(config, log)
