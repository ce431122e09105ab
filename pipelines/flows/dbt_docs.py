"""dbt's own documentation of the warehouse as one page: models, columns, tests, compiled SQL and the graph.

Run as ``python -m pipelines.flows.dbt_docs`` (``make dbt-docs``) on a home whose marts are built.
"""

from __future__ import annotations

import sys
from pathlib import Path

from pipelines.domain.errors import InternalFault, WrongUse
from pipelines.flows.dbt_process import DbtProcess
from pipelines.settings import Settings
from pipelines.storage.atomic import whole_file
from pipelines.storage.home import Home
from pipelines.storage.lock import single_writer


def dbt_docs(settings: Settings) -> Path:
    """Write ``build/dbt_docs/index.html`` from the build database; where it is.

    Raises:
        WrongUse: nothing is built yet.
        InternalFault: dbt could not do it.
    """
    home = Home(settings.home)
    if not home.warehouse.exists():
        raise WrongUse("Nothing is built yet.", next_step="`cchc build` makes the marts.")
    with single_writer(home), DbtProcess(settings, home.warehouse) as dbt:
        went_well, printed = dbt.invoke(["docs", "generate", "--static"])
        if not went_well:
            raise InternalFault(f"dbt could not write its documentation: {printed}")
        page = home.build / "dbt_docs" / "index.html"
        with whole_file(page) as draft:
            draft.write_bytes((dbt.target / "static_index.html").read_bytes())
    return page


def main() -> None:
    """Write the page, and say where."""
    sys.stdout.write(f"{dbt_docs(Settings())}\n")


if __name__ == "__main__":
    main()
