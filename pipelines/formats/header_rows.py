"""Headers of one to three rows, as sheets for people have them: where they stand and what each column is called."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pipelines.domain.text import canonical_key, clean

DEEPEST = 3
_NUMBER = re.compile(r"[-+(]?\d[\d.,\s]*\)?\s*%?")
_YEAR = re.compile(r"(19|20)\d\d")
_RUNNING_NUMBER = ("stt", "sott", "tt", "sothutu")
_COLUMN_NUMBER = re.compile(r"\(?\s*(\d{1,3}|[A-Z])\s*\)?(\s*=.*)?")

Rows = Sequence[Sequence[str]]


def is_number(cell: str) -> bool:
    """Whether a cell is nothing but a number."""
    return _NUMBER.fullmatch(cell.strip()) is not None


def header_parts(rows: Rows) -> list[tuple[str, ...]]:
    """For each column the cells of a header from top to bottom that name it.

    A cell names the columns to its right too, as far as they are empty in its row and have a name below.
    """
    width = max(map(len, rows), default=0)
    grid = [[clean(row[n]) if n < len(row) else "" for n in range(width)] for row in rows]
    parts: list[list[str]] = [[] for _ in range(width)]
    for level, row in enumerate(grid):
        spanning = ""
        for column, cell in enumerate(row):
            below = any(lower[column] for lower in grid[level + 1 :])
            above_changed = level > 0 and column > 0 and bool(grid[level - 1][column])
            spanning = cell or (spanning if below and not above_changed else "")
            if spanning:
                parts[column].append(spanning)
    return [tuple(p) for p in parts]


def header_labels(rows: Rows) -> list[str]:
    """One label for each column: its cells from top to bottom, joined by a blank."""
    return [" ".join(parts) for parts in header_parts(rows)]


def numbers_below(rows: Rows, row: int) -> bool:
    """Whether the record after header row ``row`` (1-based) only numbers the columns: (1), (2), (3)=(1)+(2)."""
    if row >= len(rows):
        return False
    found = [_COLUMN_NUMBER.fullmatch(cell.strip()) for cell in rows[row] if cell.strip()]
    if len(found) < 3 or not all(found):
        return False
    numbers = [int(f.group(1)) for f in found if f and f.group(1).isdigit()]
    return len(numbers) >= 2 and numbers == list(range(numbers[0], numbers[0] + len(numbers))) and numbers[0] <= 3


def guess_header(rows: Rows) -> tuple[int, int] | None:
    """First row (1-based) and number of rows of what looks most like a header; None when nothing does."""
    width = sum(any(n < len(row) and row[n].strip() for row in rows) for n in range(max(map(len, rows), default=0)))
    least = min(max(2, -(-width // 4)), 4) if width > 1 else 1
    fitting = []
    for top, row in enumerate(rows):
        filled = [cell for cell in row if cell.strip()]
        if len(filled) >= 2 and canonical_key(filled[0]) in _RUNNING_NUMBER:
            return top + 1, _depth(rows, top)
        if len(filled) >= least and not any(map(is_number, filled)):
            fitting.append(top)
    return (fitting[0] + 1, _depth(rows, fitting[0])) if fitting else None


def _depth(rows: Rows, top: int) -> int:
    """Rows under the first belong to the header while they leave its first column empty and hold no numbers."""
    first = next(n for n, cell in enumerate(rows[top]) if cell.strip())
    depth = 1
    for row in rows[top + 1 : top + DEEPEST]:
        filled = [cell for cell in row if cell.strip()]
        below_blank = first < len(row) and not row[first].strip()
        if not below_blank or len(filled) < 2 or any(is_number(c) and not _YEAR.fullmatch(c.strip()) for c in filled):
            break
        depth += 1
    return depth
