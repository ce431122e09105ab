"""Text of an export to canonical text, as SQL expressions made from a contract.

Canonical: NFC, single blanks, empty is null; ``2021-04-05``, ``2021-04-05 07:31:02``, ``123``,
``1234.5``, ``true``/``false``. What cannot be brought into form stays as it is, for validation to find.
"""

from __future__ import annotations

from collections.abc import Sequence

from pipelines.domain.contracts import Column, ColumnType, Privacy
from pipelines.storage.engine import quote_name, quote_text

_ODD = "\u00a0\u200b\u200c\u200d\u2060\ufeff\t\n\r\x0b\x0c"
# Letters that are in NFC whatever stands beside them, and single blanks: nothing to do for such text.
_TIDY = r" -~\x{a1}-\x{2ff}\x{1e00}-\x{1eff}\x{2010}-\x{2027}\x{2030}-\x{205e}\x{20ab}"
UNTIDY = rf"[^{_TIDY}]|  "
# A name in expressions: a percentage without its sign.
_BARE = "bare"
EXCEL_SERIAL = "excel_serial"
UTC = "utc"

_YES = ("1", "true", "có", "x", "yes", "đúng", "☑", "✓")
_NO = ("0", "false", "không", "no", "sai", "☐")

_MASKS = (
    (r"[\w.+-]+@[\w-]+(\.[\w-]+)+", "[thư]"),
    (r"(^|[^\d])(\+84|0)[\s.-]?\d{2,3}[\s.-]?\d{3}[\s.-]?\d{3,4}([^\d]|$)", r"\1[điện thoại]\3"),
    (r"(^|[^\d])(\d{12}|\d{9})([^\d]|$)", r"\1[số]\3"),
)


def canonical_query(fields: Sequence[tuple[Column, str]], source: str) -> str:
    """A query of ``rn`` and each column in canonical form.

    White space and Unicode are put in form in one step, the value in the next: an expression that
    stands inside another is planned anew each time it is named, a column is not.

    Args:
        fields: columns with the raw text expression of each.
        source: the relation behind the expressions; it has ``rn``.
    """
    tidy = ", ".join(f"{tidied_sql(e)} as {quote_name(c.name)}" for c, e in fields)
    values = ", ".join(f"{value_sql(c, quote_name(c.name))} as {quote_name(c.name)}" for c, _ in fields)
    return f"select rn, {values} from (select rn, {tidy} from {source})"


def tidied_sql(v: str) -> str:
    """A cell's text with white space and Unicode in one form, empty as null. What is tidy takes the short way."""
    return f"nullif(trim(case when regexp_matches({v}, {quote_text(UNTIDY)}) then {_in_form_sql(v)} else {v} end), '')"


def tidy_sql(v: str) -> str:
    """White space and Unicode of an expression in one form, empty as null; for text outside a row's cells."""
    return f"nullif(trim({_in_form_sql(v)}), '')"


def _in_form_sql(v: str) -> str:
    """NFC, and one blank for each run of white space."""
    blanks = f"translate({v}, {quote_text(_ODD)}, {quote_text(' ' * len(_ODD))})"
    return f"regexp_replace(nfc_normalize({blanks}), ' {{2,}}', ' ', 'g')"


def value_sql(column: Column, v: str) -> str:
    """The value of tidy text ``v`` that is not empty."""
    match column.type:
        case ColumnType.DATETIME:
            return _moment_sql(v, column.formats, "")
        case ColumnType.DATE:
            return _moment_sql(v, column.formats, "::date")
        case ColumnType.INTEGER:
            return _integer_sql(v)
        case ColumnType.DECIMAL if column.unit == "percent":
            return _decimal_sql(f"nullif(rtrim({v}, ' %'), '')")
        case ColumnType.DECIMAL:
            return _decimal_or_share_sql(v)
        case ColumnType.BOOLEAN:
            return _boolean_sql(v)
        case _:
            bare = f"nullif(trim({v}, {quote_text(column.trim)}), '')" if column.trim else v
            if column.enum:
                return _as_named_sql(bare, tuple(column.enum))
            return _masked_sql(bare) if column.privacy is Privacy.FREE_TEXT else bare


def _moment_sql(v: str, formats: tuple[str, ...], cast: str) -> str:
    """Dates and times by the contract's formats in order, then ISO; Excel serials count days since 1899-12-30.

    ``utc``: ISO with a Z at its end, which becomes local time of Vietnam, whole seconds.
    """
    patterns = [quote_text(f) for f in formats if f not in (EXCEL_SERIAL, UTC)]
    attempts = [f"try_strptime({v}, [{', '.join(patterns)}])"] if patterns else []
    if EXCEL_SERIAL in formats:
        seconds = f"to_seconds(cast(round(try_cast({v} as double) * 86400) as bigint))"
        attempts.append(
            rf"case when regexp_full_match({v}, '\d{{5}}(\.\d+)?') then timestamp '1899-12-30' + {seconds} end"
        )
    if UTC in formats:
        moment = f"try_cast({v} as timestamptz) at time zone 'Asia/Ho_Chi_Minh'"
        attempts.append(f"case when {v} like '____-__-__T%Z' then date_trunc('second', {moment}) end")
    attempts.append(f"case when {v} like '____-__-__%' then try_cast({v} as timestamp) end")
    return f"coalesce(coalesce({', '.join(attempts)}){cast}::varchar, {v})"


def _integer_sql(v: str) -> str:
    return (
        rf"case when regexp_full_match({v}, '-?\d+') then {v}"
        rf" when regexp_full_match({v}, '-?\d{{1,3}}(\.\d{{3}})+') then replace({v}, '.', '')"
        rf" when regexp_full_match({v}, '-?\d+\.0{{1,2}}') then split_part({v}, '.', 1) else {v} end"
    )


def _decimal_sql(v: str) -> str:
    """vi-VN: dots between thousands, a comma before decimals.

    No zeros at the end; but ``1,887`` becomes ``1.8870``, as ``1.887`` would be read as 1887 the next time.
    """
    number = (
        rf"case when regexp_full_match({v}, '-?\d{{1,3}}(\.\d{{3}})+(,\d+)?')"
        rf" then replace(replace({v}, '.', ''), ',', '.')"
        rf" when regexp_full_match({v}, '-?\d+,\d+') then replace({v}, ',', '.') else {v} end"
    )
    bare = rf"regexp_replace(regexp_replace({number}, '^(-?\d+\.\d*[1-9])0+$', '\1'), '^(-?\d+)\.0+$', '\1')"
    return (
        rf"case when not contains({v}, ',') and not contains({v}, '.') then {v} "
        rf"else {_no_thousands_sql(bare)} end"
    )


def _decimal_or_share_sql(v: str) -> str:
    """The same, and ``82,81 %`` is 0.8281."""
    share = f"try_cast({_decimal_sql(_BARE)} as decimal(28, 8)) * 0.01"
    text = rf"rtrim(rtrim(({share})::varchar, '0'), '.')"
    found = f"list_transform([rtrim({v}, ' %')], lambda {_BARE}: {_no_thousands_sql(text)})[1]"
    return f"case when ends_with({v}, '%') then coalesce({found}, {v}) else {_decimal_sql(v)} end"


def _no_thousands_sql(v: str) -> str:
    """A decimal with three places gets a fourth, so that its point is never taken for one between thousands."""
    return rf"regexp_replace({v}, '^(-?\d{{1,3}}\.\d{{3}})$', '\10')"


def _boolean_sql(v: str) -> str:
    yes, no = (", ".join(quote_text(w) for w in words) for words in (_YES, _NO))
    return f"case when lower({v}) in ({yes}) then 'true' when lower({v}) in ({no}) then 'false' else {v} end"


def _as_named_sql(v: str, names: Sequence[str]) -> str:
    """One of the contract's own values in the contract's letter case: TCVN3, for one, has no case to keep."""
    cases = " ".join(f"when {quote_text(n.lower())} then {quote_text(n)}" for n in names)
    known = ", ".join(map(quote_text, names))
    return f"case when {v} in ({known}) then {v} else case lower({v}) {cases} else {v} end end"


def _masked_sql(v: str) -> str:
    masked = v
    for pattern, sign in _MASKS:
        masked = f"regexp_replace({masked}, {quote_text(pattern)}, {quote_text(sign)}, 'g')"
    return f"case when regexp_matches({v}, '\\d{{3}}|@') then {masked} else {v} end"
