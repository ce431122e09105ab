"""Text of an export to canonical text, as SQL expressions made from a contract.

Canonical: NFC, single blanks, empty is null; ``2021-04-05``, ``2021-04-05 07:31:02``, ``123``,
``1234.5``, ``true``/``false``. What cannot be brought into form stays as it is, for validation to find.
"""

from __future__ import annotations

from pipelines.domain.contracts import Column, ColumnType, Privacy
from pipelines.storage.engine import quote_text

_ODD = "\u00a0\u200b\u200c\u200d\u2060\ufeff\t\n\r\x0b\x0c"
# Letters that are in NFC whatever stands beside them, and single blanks: nothing to do for such text.
_UNTIDY = r"[^ -~\x{a1}-\x{2ff}\x{1e00}-\x{1eff}\x{2010}-\x{2027}\x{2030}-\x{205e}\x{20ab}]|  "
EXCEL_SERIAL = "excel_serial"

_YES = ("1", "true", "có", "x", "yes", "đúng", "☑", "✓")
_NO = ("0", "false", "không", "no", "sai", "☐")

_MASKS = (
    (r"[\w.+-]+@[\w-]+(\.[\w-]+)+", "[thư]"),
    (r"(^|[^\d])(\+84|0)[\s.-]?\d{2,3}[\s.-]?\d{3}[\s.-]?\d{3,4}([^\d]|$)", r"\1[điện thoại]\3"),
    (r"(^|[^\d])(\d{12}|\d{9})([^\d]|$)", r"\1[số]\3"),
)


def clean_sql(expression: str) -> str:
    """White space and Unicode in one form, empty to null. Text that is tidy already takes the short way."""
    tidied = f"translate({expression}, {quote_text(_ODD)}, {quote_text(' ' * len(_ODD))})"
    heavy = f"regexp_replace(nfc_normalize({tidied}), ' {{2,}}', ' ', 'g')"
    odd = f"regexp_matches({expression}, {quote_text(_UNTIDY)})"
    return f"nullif(trim(case when {odd} then {heavy} else {expression} end), '')"


def canonical_sql(column: Column, expression: str) -> str:
    """The canonical form of a raw text expression, before privacy is applied."""
    if column.privacy is Privacy.DROP:
        return "null::varchar"
    text = clean_sql(expression)
    match column.type:
        case ColumnType.DATETIME:
            return _moment_sql(text, column.formats, "")
        case ColumnType.DATE:
            return _moment_sql(text, column.formats, "::date")
        case ColumnType.INTEGER:
            return _integer_sql(text)
        case ColumnType.DECIMAL:
            return _decimal_sql(text)
        case ColumnType.BOOLEAN:
            return _boolean_sql(text)
        case _:
            return _masked_sql(text) if column.privacy is Privacy.FREE_TEXT else text


def _moment_sql(text: str, formats: tuple[str, ...], cast: str) -> str:
    """Dates and times by the contract's formats in order, then ISO; Excel serials count days since 1899-12-30."""
    attempts = [f"try_strptime(v, {quote_text(f)})" for f in formats if f != EXCEL_SERIAL]
    if EXCEL_SERIAL in formats:
        seconds = "to_seconds(cast(round(try_cast(v as double) * 86400) as bigint))"
        serial = rf"case when regexp_full_match(v, '\d{{5}}(\.\d+)?') then timestamp '1899-12-30' + {seconds} end"
        attempts.append(serial)
    attempts.append("case when v like '____-__-__%' then try_cast(v as timestamp) end")
    return _with(text, f"coalesce(coalesce({', '.join(attempts)}){cast}::varchar, v)")


def _integer_sql(text: str) -> str:
    return _with(
        text,
        r"case when regexp_full_match(v, '-?\d+') then v"
        r" when regexp_full_match(v, '-?\d{1,3}(\.\d{3})+') then replace(v, '.', '')"
        r" when regexp_full_match(v, '-?\d+\.0{1,2}') then split_part(v, '.', 1) else v end",
    )


def _decimal_sql(text: str) -> str:
    """vi-VN: dots between thousands, a comma before decimals; ``82,81 %`` reads as 82.81."""
    return _with(
        f"nullif(rtrim({text}, ' %'), '')",
        r"case when regexp_full_match(v, '-?\d{1,3}(\.\d{3})+(,\d+)?') then replace(replace(v, '.', ''), ',', '.')"
        r" when regexp_full_match(v, '-?\d+,\d+') then replace(v, ',', '.') else v end",
    )


def _boolean_sql(text: str) -> str:
    yes, no = (", ".join(quote_text(w) for w in words) for words in (_YES, _NO))
    return _with(text, f"case when lower(v) in ({yes}) then 'true' when lower(v) in ({no}) then 'false' else v end")


def _masked_sql(text: str) -> str:
    masked = "v"
    for pattern, sign in _MASKS:
        masked = f"regexp_replace({masked}, {quote_text(pattern)}, {quote_text(sign)}, 'g')"
    return _with(text, f"case when regexp_matches(v, '\\d{{3}}|@') then {masked} else v end")


def _with(value: str, body: str) -> str:
    """``body`` over ``v``, computed once: a scalar lambda by way of a one-element list."""
    return f"list_transform([{value}], lambda v: {body})[1]"
