"""One server process for each worker of the tests: it has imported and parsed what takes seconds, and forks."""

from __future__ import annotations

import multiprocessing

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(
    [
        "tests.crash.stages",
        "pipelines.flows.load",
        "pipelines.flows.publish",
        "pipelines.flows.report",
        "tests.parsed_project",
    ]
)
