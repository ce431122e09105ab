"""Text that a spreadsheet would take for a formula, and how it is kept from being one.

A CSV is opened in Excel by whoever gets it; a cell that begins like a formula would run there.
"""

from __future__ import annotations

import re

# A cell that has an apostrophe already gets one more: taking one away gives back what stood there.
_PATTERN = r"^'*[=+@\t\r-]"
_FORMULA = re.compile(_PATTERN)
_IN_SQL = _PATTERN.replace("'", "''")


def guarded(text: str) -> str:
    """The text, with an apostrophe in front if a spreadsheet would take it for a formula."""
    return f"'{text}" if _FORMULA.match(text) else text


def guarded_sql(column: str) -> str:
    """The same as an SQL expression of a text column."""
    return f"case when regexp_matches({column}, '{_IN_SQL}') then '''' || {column} else {column} end"


def bared_sql(column: str) -> str:
    """The text that was guarded, as an SQL expression."""
    return f"case when regexp_matches({column}, '^''{_IN_SQL[1:]}') then {column}[2:] else {column} end"
