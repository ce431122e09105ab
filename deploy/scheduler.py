"""Airflow's scheduler, with what tasks need imported before it forks them.

``python -m deploy.scheduler`` takes the arguments of ``airflow scheduler``. Great Expectations alone takes seconds to
import, which a task for every file would spend again; here they are spent once.
"""

from __future__ import annotations

import sys
from importlib import import_module

# None of them opens a file, a connection or a thread when it is imported.
_NEEDED_BY_TASKS = (
    "expectations.runner",
    *(f"pipelines.flows.{step}" for step in ("collect", "prepare", "validate", "load", "build", "gate", "publish")),
    *("pipelines.flows.report", "pipelines.flows.run"),
)


def main() -> None:
    """Import, then be the scheduler."""
    from airflow.__main__ import main as airflow

    for name in _NEEDED_BY_TASKS:
        import_module(name)
    sys.argv = ["airflow", "scheduler", *sys.argv[1:]]
    airflow()


if __name__ == "__main__":
    main()
