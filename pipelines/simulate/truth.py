"""What was planted where, kept in the scratch database and written as ``truth.json`` at the end."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from pipelines.simulate.literals import make_table

QUARANTINED, FLAGGED, NON_DATA, NORMALISED, FILE = "quarantined", "flagged", "non_data", "normalised", "file"
# A trap that no rule of a row sees, only a comparison of rows, exports or systems.
SIGNAL = "signal"


class Truth:
    """Collects planted rows (file, row number, kind, outcome), files and rows written."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection
        connection.execute(
            "create table if not exists planted (file varchar, row bigint, kind varchar, outcome varchar)"
        )
        self._notes: list[tuple[str, int, str, str]] = []
        self.rows = 0
        self.files = 0

    def plant(self, query: str, outcome: str) -> None:
        """Note what ``query`` gives: rows of (file, row, kind)."""
        self.connection.execute(f"insert into planted select file, row, kind, '{outcome}' from ({query})")

    def note(self, file: str, row: int, kind: str, outcome: str) -> None:
        """Note one row, or a whole file (row 0)."""
        self._notes.append((file, row, kind, outcome))

    def wrote(self, rows: int) -> None:
        """Count a file and its data rows."""
        self.files += 1
        self.rows += rows

    def beside(self, connection: duckdb.DuckDBPyConnection) -> Truth:
        """One for another thread and its connection to the same database; ``take`` it when the thread has ended."""
        return Truth(connection)

    def take(self, other: Truth) -> None:
        """Add what another has counted."""
        self._notes += other._notes
        self.files += other.files
        self.rows += other.rows

    def write(self, path: Path, head: dict[str, Any], personal: Mapping[str, Sequence[str]]) -> None:
        """Write the truth; the planted rows go straight from the database to the file."""
        columns = {"file": "varchar", "row": "bigint", "kind": "varchar", "outcome": "varchar"}
        make_table(self.connection, "noted", columns, self._notes)
        self.connection.execute("insert into planted from noted")
        part = path.with_suffix(".planted")
        self.connection.execute(
            "copy (select file, row, kind, outcome from planted order by all) to "
            f"'{str(part).replace(chr(39), chr(39) * 2)}' (format json, array true)"
        )
        described = {**head, "rows": self.rows, "files": self.files, "personal_values": personal}
        with path.open("w", encoding="utf-8") as out:
            out.write(json.dumps(described, ensure_ascii=False, indent=1)[:-2] + ',\n "planted": ')
            with part.open(encoding="utf-8") as planted:
                shutil.copyfileobj(planted, out)
            out.write("}\n")
        part.unlink()
