"""Names of the definitions of "on time", and of what a share is of (``domain.md`` §2.7).

The definitions themselves are SQL, in ``warehouse/macros/dossier_classes.sql``; a test holds the names against it.
"""

from __future__ import annotations

RULES = ("R_PLAIN", "R_DATE", "R_TRA", "R_766", "R_GL", "R_STRICT")
DENOMINATORS = ("RESOLVED", "CLASSED", "RECEIVED", "HANDLED")


def known(name: str, names: tuple[str, ...], kind: str) -> str:
    """``name``, if it is one of ``names``.

    Raises:
        ValueError: it is not; the message lists those that there are.
    """
    if name not in names:
        raise ValueError(f"{name} is no {kind}; there are {', '.join(names)}")
    return name
