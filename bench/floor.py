"""The floor: bare DuckDB reading the same files into tables, nothing else.

``python -m bench.floor INBOX DATABASE`` answers with the seconds of each stream.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import duckdb
from python_calamine import CalamineWorkbook

_UTF16 = (b"\xff\xfe", b"\xfe\xff")


# A file as one column of lines.
LINES = (
    "read_csv($1, columns = {'line': 'VARCHAR'}, header = false, delim = '\x01', quote = '', escape = '', "
    "auto_detect = false, ignore_errors = true)"
)


def read_sheet(path: Path) -> object:
    """The first sheet of a workbook, by calamine alone."""
    return CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()


def read_everything(inbox: Path, database: Path, *, memory_limit: str = "1500MB") -> dict[str, float]:
    """Seconds per stream that DuckDB needs to bring its files into one table of text each.

    Delimited files are read as text columns, logs as lines, sheets through calamine alone.
    """
    connection = duckdb.connect(str(database))
    connection.execute(f"set memory_limit = '{memory_limit}'; set preserve_insertion_order = false")
    seconds: dict[str, float] = {}
    for folder in sorted(p for p in inbox.glob("*/*") if p.is_dir()):
        name = f"{folder.parent.name}.{folder.name}"
        started = time.perf_counter()
        for number, path in enumerate(sorted(folder.iterdir())):
            _read(connection, path, f'"{name}_{number}"')
        seconds[name] = time.perf_counter() - started
    connection.close()
    return seconds


def _read(connection: duckdb.DuckDBPyConnection, path: Path, table: str) -> None:
    if path.suffix in (".xlsx", ".xls", ".ods"):
        read_sheet(path)
    elif path.suffix == ".csv":
        with path.open("rb") as stream:
            encoding = "utf-16" if stream.read(2) in _UTF16 else "utf-8"
        connection.execute(
            f"create table {table} as from read_csv($1, all_varchar = true, header = true, encoding = $2, "
            "null_padding = true, strict_mode = false, ignore_errors = true)",
            [str(path), encoding],
        )
    else:
        connection.execute(
            f"create table {table} as from {LINES}",
            [str(path)],
        )


if __name__ == "__main__":
    sys.stdout.write(json.dumps(read_everything(Path(sys.argv[1]), Path(sys.argv[2]))))
