"""``python -m bench.format_floor HOW STREAM FILE …``: the barest reading of some files; answers with its seconds.

``csv`` and ``ndjson``: bare DuckDB into Parquet. ``xlsx``: calamine alone. ``log-prefix``: one ``regexp_extract``
of the log's prefix from every line; ``log-fields``: one of every field that its contract reads, and one more of each
field that Zimbra keeps in a line's context.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import duckdb

from bench.floor import LINES, read_sheet
from bench.format_files import CSV_AS_TEXT
from pipelines.domain.contracts import Contract
from pipelines.formats.log import CONTEXT
from pipelines.sources.registry import contract_for

_OPTIONS = {"csv": f"read_csv($1, {CSV_AS_TEXT})", "ndjson": "read_json($1, format = 'nd')"}


def main(how: str, stream: str, files: list[str]) -> float:
    """Seconds of reading them one after the other, with both cores where DuckDB can use them."""
    with tempfile.TemporaryDirectory() as folder:
        read = _reader(how, contract_for(*stream.split(".")), Path(folder) / "read.parquet")
        started = time.perf_counter()
        for file in files:
            read(Path(file))
        return time.perf_counter() - started


def _reader(how: str, contract: Contract, target: Path) -> Callable[[Path], object]:
    if how == "xlsx":
        return read_sheet
    connection = duckdb.connect(config={"threads": 2, "memory_limit": "1500MB"})
    query = f"from {_OPTIONS[how]}" if how in _OPTIONS else _one_expression(contract, every_field=how == "log-fields")
    return lambda file: connection.execute(f"copy ({query}) to '{target}' (format parquet)", [str(file)])


def _one_expression(contract: Contract, *, every_field: bool) -> str:
    assert contract.log is not None
    pattern = contract.log.prefix
    if every_field:
        shapes = [
            re.sub(r"\(\?P<(\w+)>", rf"(?P<\1_{n}>", shape.pattern.removeprefix("^"))
            for n, shape in enumerate(contract.log.shapes)
            if shape.data
        ]
        pattern = pattern.replace("(?P<rest>.*)$", f"(?:{'|'.join(shapes)})")
    groups = re.findall(r"\(\?P<(\w+)>", pattern)
    names = ", ".join(f"'{n}'" for n in groups)
    quoted = pattern.replace("'", "''")
    within = [CONTEXT[c.name][1] for c in contract.columns if c.name in CONTEXT]
    more = [f", regexp_extract(g.context, '{p}', 1)" for p in within if every_field and "context" in groups]
    return f"select g.*{''.join(more)} from (select regexp_extract(line, '{quoted}', [{names}]) as g from {LINES})"


if __name__ == "__main__":
    sys.stdout.write(json.dumps({"seconds": main(sys.argv[1], sys.argv[2], sys.argv[3:])}))
