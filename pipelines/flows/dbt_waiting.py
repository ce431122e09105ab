"""``python -m pipelines.flows.dbt_waiting FLAG …``: import dbt, parse the project, wait for one command, do it.

What Python models import is imported before the wait too: beside other steps it costs nobody time.

The command is a JSON list on standard input. Nothing there means that it is not wanted any more.
"""

from __future__ import annotations

import json
import sys


def main(flags: list[str]) -> int:
    """0 when the command went well or none came."""
    from dbt.cli.main import dbtRunner
    from dbt.contracts.graph.manifest import Manifest

    from pipelines.flows import trend

    parsed = dbtRunner().invoke(["--quiet", "parse", *flags])
    trend.load_libraries()
    command = sys.stdin.read()
    if not command:
        return 0
    # What was parsed need not be parsed again; a project that cannot be parsed says so once more.
    manifest = parsed.result if isinstance(parsed.result, Manifest) else None
    ended = dbtRunner(manifest=manifest).invoke(["--quiet", *json.loads(command), *flags])
    if ended.exception is not None:
        sys.stderr.write(f"{ended.exception}\n")
    return 0 if ended.success else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
