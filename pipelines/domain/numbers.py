"""Numbers as Vietnamese readers write them: ``1.887`` and ``82,81 %`` (``domain.md`` §5)."""

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
