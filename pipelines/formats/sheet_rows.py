"""Rows of a sheet for people that are no data: sections, notes, signatures (``domain.md`` §2.4), as SQL cases.

Only a row that is nearly empty is one, and only if it leaves required columns empty or opens as such rows do;
any other row is data, and validation holds it back when it is not whole.
"""

from __future__ import annotations

from pipelines.domain.contracts import Contract
from pipelines.formats.headers import Header
from pipelines.storage.engine import quote_text

_FEW = 3
# `I`, `A.`, `II. Cấp huyện`, `B) …`: what numbers a section. Letters and Roman numerals, never plain numbers.
_SECTION = r"^([IVX]+|[A-Z])([.):/]?|[.):/]\s*\S.*|\s*[-–]\s*\S.*)$"
_NOTE = (
    r"^\(?(ghi chú|nguồn|nơi nhận|người lập|lập biểu|người ký|thủ trưởng|giám đốc|phó giám đốc|chủ tịch|"
    r"chánh văn phòng|kế toán|xác nhận|ký tên|ký, |kt\.|tm\.|tl\.|tuq\.|- ?lưu|"
    r"\.{3,}.*ngày|.{0,40}, ?ngày\s|ngày\s.{0,12}tháng)"
)


def sheet_cases(header: Header, contract: Contract) -> list[str]:
    """``when … then '-section'`` and ``'-note'`` for ``raw(c0, c1, …)``."""
    cells = [f"c{n}" for n in range(header.width)]
    texts = [f"nullif(trim({c}), '')" for c in cells]
    required = [texts[header.columns[c.name]] for c in contract.columns if c.required and c.name in header.columns]
    lacking = f"coalesce({', '.join(required)}) is null" if required else "false"
    incomplete = " or ".join(f"{text} is null" for text in required) or "true"
    filled = f"len(list_filter([{', '.join(texts)}], lambda x: x is not null))"
    first = f"coalesce({', '.join(texts)})"
    # A row of data has more than a few cells: whether its last are empty is asked before each is counted.
    sparse = f"{filled} <= {_FEW}" if header.width > _FEW else "false"
    note = f"regexp_matches(lower(nfc_normalize({first})), {quote_text(_NOTE)})"
    section = f"regexp_matches(nfc_normalize({first}), {quote_text(_SECTION)})"
    return [
        f"when {sparse} and {note} and ({incomplete} or {filled} = 1) then '-note'",
        f"when {sparse} and {section} and {filled} <= 2 then '-section'",
        f"when {lacking} and {filled} = 1 then case when {first} in ({', '.join(texts[:3])}) "
        "then '-section' else '-note' end",
    ]
