"""``python -m bench.format_prepare HOW INBOX``: land and prepare what is there; answers with the seconds of preparing.

``whole``: under the contract of the stream. ``reading``: under the same contract without types, lists and privacy,
so that all is done but putting values in form and hashing them.
"""

from __future__ import annotations

import json
import sys
import time

from pipelines.cli.logs import set_up_logs
from pipelines.domain.contracts import ColumnType, Contract, Privacy
from pipelines.flows import prepare as flow
from pipelines.flows.collect import collect
from pipelines.settings import Settings
from pipelines.sources.registry import contract_for

_PLAIN = {"type": ColumnType.TEXT, "privacy": Privacy.NONE, "formats": (), "enum": None, "children": (), "trim": ""}


def _of_text(source: str, stream: str) -> Contract:
    """A stream's contract with every column as plain text."""
    contract = contract_for(source, stream)
    return contract.model_copy(update={"columns": tuple(c.model_copy(update=_PLAIN) for c in contract.columns)})


def main(how: str, inbox: str) -> dict[str, float]:
    """Seconds and records of every file together."""
    settings = Settings()
    set_up_logs(settings, debug=False)
    collect(settings, inbox=inbox)
    if how == "reading":
        flow.contract_for = _of_text
    started = time.perf_counter()
    results = flow.prepare(settings)
    seconds = time.perf_counter() - started
    refused = [r.refusal for r in results if r.refusal]
    if refused:
        raise SystemExit(refused[0])
    return {"seconds": seconds, "rows_in_file": sum(r.rows_in_file for r in results)}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(*sys.argv[1:])))
