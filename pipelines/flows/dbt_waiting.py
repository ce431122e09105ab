"""``python -m pipelines.flows.dbt_waiting FLAG …``: import dbt, parse the project, wait for one command, do it.

The command is a JSON list on standard input. Nothing there means that it is not wanted any more.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest


def main(flags: list[str]) -> int:
    """0 when the command went well or none came."""
    manifest = parse(flags)
    command = sys.stdin.read()
    return do(json.loads(command), flags, manifest) if command else 0


def parse(flags: Sequence[str]) -> Manifest | None:
    """The project as dbt parses it; nothing where it cannot be parsed, which the command says once more."""
    from dbt.cli.main import dbtRunner
    from dbt.contracts.graph.manifest import Manifest

    # The command that is waited for writes its artifacts; this one need not.
    parsed = dbtRunner().invoke(["--quiet", "--no-write-json", "parse", *flags])
    return parsed.result if isinstance(parsed.result, Manifest) else None


def do(command: Sequence[str], flags: Sequence[str], manifest: Manifest | None) -> int:
    """One command on what was parsed; 0 when it went well. Of a build only ``run_results.json`` is written."""
    from dbt.artifacts.schemas.run import RunExecutionResult
    from dbt.cli.main import dbtRunner

    # To write the manifest anew each night takes a second, and nobody reads it.
    only_results = ["--no-write-json"] if command[0] == "build" else []
    ended = dbtRunner(manifest=manifest).invoke(["--quiet", *only_results, *command, *flags])
    if only_results and isinstance(ended.result, RunExecutionResult):
        ended.result.write(str(Path(flags[flags.index("--target-path") + 1]) / "run_results.json"))
    if ended.exception is not None:
        sys.stderr.write(f"{ended.exception}\n")
    return 0 if ended.success else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
