"""Rows of a sheet for people that are no data: sections, notes, signatures (``domain.md`` §2.4), as SQL cases.

Only a row that is nearly empty is one, and only if it leaves required columns empty or opens as such rows do;
any other row is data, and validation holds it back when it is not whole.
"""

from __future__ import annotations

from collections.abc import Sequence

from pipelines.domain.contracts import ColumnType, Contract
from pipelines.formats.error_cells import ERROR_TEXTS
from pipelines.formats.headers import Header
from pipelines.storage.engine import quote_text

# How many cells a section, a note or a signature fills at most, where the sheet has more.
MOST_IN_NOTE = 3
# `I`, `A.`, `II. Cấp huyện`, `B) …`: what numbers a section. Letters and Roman numerals, never plain numbers.
_SECTION = r"^([IVX]+|[A-Z])([.):/]?|[.):/]\s*\S.*|\s*[-–]\s*\S.*)$"
_NOTE = (
    r"^\(?(ghi chú|nguồn|nơi nhận|người lập|lập biểu|người ký|thủ trưởng|giám đốc|phó giám đốc|chủ tịch|"
    r"chánh văn phòng|kế toán|xác nhận|ký tên|ký, |kt\.|tm\.|tl\.|tuq\.|- ?lưu|"
    r"\.\.\..*ngày|[^,]*, ?ngày\s|ngày\s[^,;]*tháng)"  # counted repetition would be slow to compile, for each file
)


def sheet_cases(header: Header, contract: Contract, *, for_people: bool = True) -> list[str]:
    """``when … then '-section'`` and ``'-note'`` for ``raw(c0, c1, …)``.

    ``for_people`` is false for delimited text that begins with its header, as programs write it: there only a record
    of nothing but a note or a signature is one.
    """
    cells = [f"c{n}" for n in range(header.width)]
    texts = [f"nullif(trim({c}), '')" for c in cells]
    required = [texts[header.columns[c.name]] for c in contract.columns if c.required and c.name in header.columns]
    lacking = f"coalesce({', '.join(required)}) is null" if required else "false"
    incomplete = " or ".join(f"{text} is null" for text in required) or "true"
    filled = f"len(list_filter([{', '.join(texts)}], lambda x: x is not null))"
    first = f"coalesce({', '.join(texts)})"
    note = f"regexp_matches(lower(nfc_normalize({first})), {quote_text(_NOTE)})"
    if not for_people:
        # Of two required cells one is empty where only one cell is filled: that costs rows of data little.
        asked = " or ".join(f"{text} is null" for text in required[:2])
        only = f"regexp_matches(lower(nfc_normalize(trim(concat_ws('', {', '.join(cells)})))), {quote_text(_NOTE)})"
        return [f"when case when {asked} then {only} and {filled} = 1 end then '-note'"] if required else []
    section = f"regexp_matches(nfc_normalize({first}), {quote_text(_SECTION)})"
    sparse = f"{filled} <= {MOST_IN_NOTE}" if header.width > MOST_IN_NOTE else "false"
    is_note = f"({sparse} and {note} and ({incomplete} or {filled} = 1))"
    is_section = f"({sparse} and {section} and {filled} <= 2)"
    is_lone = f"({lacking} and {filled} = 1)"
    return [
        f"when case when {_may_be_sparse(texts, required)} then {is_note} or {is_section} or {is_lone} end then "
        f"case when {is_note} then '-note' when {is_section} then '-section' "
        f"when {first} in ({', '.join(texts[:3])}) then '-section' else '-note' end"
    ]


def _may_be_sparse(texts: Sequence[str], required: Sequence[str]) -> str:
    """What is cheap to ask of a row of data, whose cells are then not counted one by one.

    Of more cells than a sparse row has filled, one is empty.
    """
    asked = list(dict.fromkeys([*required, *texts]))[: MOST_IN_NOTE + 1]
    return " or ".join(f"{text} is null" for text in asked) if len(asked) > MOST_IN_NOTE else "true"


def error_case(header: Header, contract: Contract) -> list[str]:
    """``when … then 'error_cell'``: where a number, a day or a truth value belongs, a formula failed.

    Only where a wrong type holds a row back: in the other modes such a cell is a value of a wrong type like any other.
    """
    typed = [c for c in contract.columns if c.type is not ColumnType.TEXT and c.name in header.columns]
    if contract.surprises.wrong_type in ("evolve", "discard_value"):
        typed = [c for c in typed if c.required]
    texts = ", ".join(map(quote_text, ERROR_TEXTS))
    found = " or ".join(f"trim(c{header.columns[c.name]}) in ({texts})" for c in typed)
    return [f"when {found} then 'error_cell'"] if typed else []
