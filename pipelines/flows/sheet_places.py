"""Where a record of a workbook stands: rows are numbered on from sheet to sheet, people look for sheet and row."""

from __future__ import annotations

import json
from dataclasses import dataclass

from pipelines.storage.engine import quote_text
from pipelines.storage.home import Home
from pipelines.storage.ledger import Batch


@dataclass(frozen=True)
class SheetPlaces:
    """The sheets of one file, each with how many records come before it; none unless several sheets were read."""

    sheets: tuple[tuple[str, int], ...] = ()

    def place(self, number: int) -> str | None:
        """``Tháng 4!12`` for a record's number; None where the number is the row."""
        found = [(name, before) for name, before in self.sheets if before < number]
        return f"{found[-1][0]}!{number - found[-1][1]}" if found else None

    def place_sql(self, number: str) -> str:
        """The same as an SQL expression, with a colon and a blank after it; empty where the number is the row."""
        cases = " ".join(
            f"when {number} > {before} then {quote_text(name)} || '!' || ({number} - {before}) || ': '"
            for name, before in reversed(self.sheets)
        )
        return f"case {cases} end" if cases else "''"


def sheet_places(home: Home, batch: Batch) -> SheetPlaces:
    """What ``prepare`` noted of a batch's sheets."""
    try:
        package = home.package_of(batch.source, batch.stream, batch.batch_id)
        told = json.loads((package / "package.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return SheetPlaces()
    sheets = tuple((s["name"], s["rows_before"]) for s in told.get("sheets") or ())
    return SheetPlaces(sheets if len(sheets) > 1 else ())
