r"""Numbers of JSON as their text was written.

DuckDB reads a number with a fraction or an exponent as a double and writes it anew: ``1.50`` becomes ``1.5``. Where
a record holds such a number, its numbers are put between quotes first. JSON has a decimal point, and text of an
export a Vietnamese one, where ``1.500`` is 1500: such a number carries a mark until its column is known.
"""

from __future__ import annotations

from pipelines.domain.contracts import ColumnType
from pipelines.storage.engine import quote_text

_MARK, _MARKED = "chr(1)", '"\\u0001'
_KEPT = '"\\u0002'
# The value of an object that would be written in another way. In a string it does no harm but for the work.
ODD_NUMBER = r":\s*(-0|-?\d+[.eE])"
# Strings and signs up to the next number; after the last number up to the end, which gets a mark that is taken off.
_NUMBERS = r'((?:"(?:\\.|[^"\\])*"|[^"0-9+.\-])*)([-0-9][-+.0-9a-zA-Z]*|$)'
_LIKE_THOUSANDS = r"-?\d{1,3}\.\d{3}"


def has_odd_numbers(doc: str) -> str:
    """Whether a JSON text may hold a number whose text would not survive, as SQL."""
    return f"regexp_matches({doc}, {quote_text(ODD_NUMBER)})"


def has_marks(doc: str) -> str:
    """Whether the JSON text of ``numbers_as_text`` holds a marked number, as SQL."""
    return f"contains({doc}, {quote_text(_MARKED)})"


def numbers_as_text(doc: str) -> str:
    """The JSON of a valid record with each number as a string, as SQL; as it is where that should fail."""
    numbers = f"regexp_replace({doc}, {quote_text(_NUMBERS)}, {quote_text(_replacement(_MARKED))}, 'gs')"
    without_end = f"left({numbers}, -{len(_MARKED) + 1})"
    marked = quote_text(f'"\\\\u0001({_LIKE_THOUSANDS})"')
    kept = f"regexp_replace({without_end}, {marked}, {quote_text(_replacement(_KEPT, group=1, before=''))}, 'g')"
    bare = f"replace({kept}, {quote_text(_MARKED)}, '\"')"
    text = f"replace({bare}, {quote_text(_KEPT)}, {quote_text(_MARKED)})"
    return f"list_transform([{text}], lambda t: case when json_valid(t) then t else {doc} end)[1]"


def _replacement(mark: str, *, group: int = 2, before: str = r"\1") -> str:
    return before + mark.replace("\\", "\\\\") + f'\\{group}"'


def unmarked(kind: ColumnType, v: str) -> str:
    """A text that may carry the mark as its column needs it, as SQL: a decimal point is never one of thousands."""
    bare = f"ltrim({v}, {_MARK})"
    match kind:
        case ColumnType.DECIMAL:
            told = f"replace({bare}, '.', ',')"
        case ColumnType.INTEGER:
            told = f"case when {v} like '%.000' then split_part({bare}, '.', 1) else replace({bare}, '.', ',') end"
        case _:
            told = bare
    return f"case when starts_with({v}, {_MARK}) then {told} else {v} end"
