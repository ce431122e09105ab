"""Numbers of formats that have them, as text of a Vietnamese export: a comma before decimals.

With a dot, the number 1.887 of a sheet, of JSON or of a database would be read as 1887 (``domain.md`` §5), which is
what the text ``1.887`` means. Those of JSON are in ``json_numbers``.
"""

from __future__ import annotations

from decimal import Decimal


def number_text(value: float | Decimal) -> str:
    """A number as text, without an exponent and without decimals that say nothing."""
    exact = value if isinstance(value, Decimal) else Decimal(repr(value))
    if not exact.is_finite():
        return str(exact)
    return str(int(exact)) if exact == exact.to_integral_value() else f"{exact:f}".replace(".", ",")
