"""What sqlfluff sees in place of dbt's ``adapter``: a dispatched macro renders as a call of its own name.

The linter needs no database and no dbt; it only has to see SQL of the right shape.
"""

from __future__ import annotations

from collections.abc import Callable


def dispatch(name: str, _package: str = "") -> Callable[..., str]:
    """Stand in for ``adapter.dispatch``: ``dispatch('as_date', 'cchc')('x')`` is ``as_date(x)``."""
    return lambda *arguments: f"{name}({', '.join(map(str, arguments))})"
