"""Numbers as Vietnamese and English readers write them: ``1.887`` and ``82,81 %``, ``1,887`` and ``82.81 %``.

A Vietnamese number is never to be taken for an English one (``domain.md`` §5), so texts name their language.
"""

from __future__ import annotations

NOT_AVAILABLE = "–"


def vi_count(value: int | None) -> str:
    """A whole number with dots between thousands; a dash when there is none."""
    return NOT_AVAILABLE if value is None else f"{value:,}".replace(",", ".")


def vi_percent(value: float | None, *, decimals: int = 2) -> str:
    """A share (0.8281) as ``82,81 %``; a dash when there is none."""
    if value is None:
        return NOT_AVAILABLE
    whole, _, rest = f"{value * 100:,.{decimals}f}".partition(".")
    return f"{whole.replace(',', '.')},{rest} %" if rest else f"{whole.replace(',', '.')} %"


def vi_decimal(value: float | None, *, decimals: int = 2) -> str:
    """A number as ``1.234,50``, a comma before its decimals; a dash when there is none."""
    return _swapped(en_decimal(value, decimals=decimals))


def en_count(value: int | None) -> str:
    """A whole number with commas between thousands; a dash when there is none."""
    return NOT_AVAILABLE if value is None else f"{value:,}"


def en_percent(value: float | None, *, decimals: int = 2) -> str:
    """A share (0.8281) as ``82.81 %``; a dash when there is none."""
    return NOT_AVAILABLE if value is None else f"{value * 100:,.{decimals}f} %"


def en_decimal(value: float | None, *, decimals: int = 2) -> str:
    """A number as ``1,234.50``; a dash when there is none."""
    return NOT_AVAILABLE if value is None else f"{value:,.{decimals}f}"


def _swapped(text: str) -> str:
    return text.translate(str.maketrans(",.", ".,"))
