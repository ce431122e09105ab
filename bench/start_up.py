"""``python -m bench.start_up MODULE``: import a module and end."""

from __future__ import annotations

import importlib
import sys

if __name__ == "__main__":
    importlib.import_module(sys.argv[1])
    sys.stdout.write("{}")
