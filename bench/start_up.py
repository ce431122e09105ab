"""``python -m bench.start_up PART``: what a run pays before it works on data; PART is ``gx``, ``dbt`` or ``both``.

``both`` is what ``cchc run`` does: dbt imports and parses in a process of its own while Great Expectations is
imported. The home is the one of the settings.
"""

from __future__ import annotations

import importlib
import sys

from pipelines.flows.dbt_process import DbtProcess
from pipelines.settings import Settings
from pipelines.storage.home import Home


def main(part: str) -> None:
    """Start what ``part`` names and wait until it is ready."""
    settings = Settings()
    home = Home(settings.home)
    with DbtProcess(settings, home.warehouse) as dbt:
        if part in ("dbt", "both"):
            dbt.start()
        if part in ("gx", "both"):
            importlib.import_module("expectations.runner")
        if part in ("dbt", "both"):
            dbt.dismiss()
    sys.stdout.write("{}")


if __name__ == "__main__":
    main(sys.argv[1])
