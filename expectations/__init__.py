"""Great Expectations inside DuckDB: bridge, suites, gates, Data Docs."""

from __future__ import annotations

import importlib.util
import sys


def _import_when_used(name: str) -> None:
    """Let a module be loaded by the first look into it, not by its import."""
    spec = importlib.util.find_spec(name)
    if name in sys.modules or spec is None or spec.loader is None:
        return
    spec.loader = importlib.util.LazyLoader(spec.loader)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    parent, _, child = name.rpartition(".")
    setattr(sys.modules[parent], child, module)  # so that `from parent import child` need not look into it


# Great Expectations imports it for three tests of distributions; it takes as long as all the rest together.
_import_when_used("scipy.stats")
