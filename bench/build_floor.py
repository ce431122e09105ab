"""The floor of a build: DuckDB reads the lake once.

``python -m bench.build_floor LAKE DATABASE`` answers with the seconds of each stream.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import duckdb


def read_lake(lake: Path, database: Path, *, memory_limit: str = "1500MB") -> dict[str, float]:
    """Seconds per stream to bring every column of its Parquet files into a table."""
    seconds: dict[str, float] = {}
    with duckdb.connect(str(database)) as connection:
        connection.execute(f"set memory_limit = '{memory_limit}'; set preserve_insertion_order = false")
        for folder in sorted(p for p in lake.glob("[a-z]*/*") if p.is_dir()):  # quarantine and findings begin with _
            name, started = f"{folder.parent.name}.{folder.name}", time.perf_counter()
            connection.execute(
                f"create table \"{name}\" as from read_parquet('{folder}/*.parquet', union_by_name = true)"
            )
            seconds[name] = time.perf_counter() - started
    return seconds


if __name__ == "__main__":
    sys.stdout.write(json.dumps(read_lake(Path(sys.argv[1]), Path(sys.argv[2]))))
