"""``python -m bench.format_prepare INBOX``: land and prepare what is there; answers with the seconds of preparing."""

from __future__ import annotations

import json
import sys
import time

from pipelines.cli.logs import set_up_logs
from pipelines.flows.collect import collect
from pipelines.flows.prepare import prepare
from pipelines.settings import Settings


def main(inbox: str) -> dict[str, float]:
    """Seconds and records of every file together."""
    settings = Settings()
    set_up_logs(settings, debug=False)
    collect(settings, inbox=inbox)
    started = time.perf_counter()
    results = prepare(settings)
    seconds = time.perf_counter() - started
    refused = [r.refusal for r in results if r.refusal]
    if refused:
        raise SystemExit(refused[0])
    return {"seconds": seconds, "rows_in_file": sum(r.rows_in_file for r in results)}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(sys.argv[1])))
