"""How the engine goes about the models: what grows with history must not be held against itself pair by pair."""

from __future__ import annotations

from tests.warehouse.conftest import Nights
from tests.warehouse.plain_sql import WAREHOUSE
from tests.warehouse.rendered import rendered

# A join that holds every row of one side against every one of the other. An outer join becomes such a one when part of
# its condition speaks of one side only; in int_staff__agency_months that once took most of a build.
PAIRWISE = "BLOCKWISE_NL_JOIN"
# One side is a single row.
SMALL = {"rpt_dossier_resolution"}


def test_no_model_compares_all_pairs(nights: Nights) -> None:
    found = set()
    with nights.warehouse() as connection:
        rows = connection.execute("select table_name, table_schema from information_schema.tables").fetchall()
        lies_in = {name: f"{schema}.{name}" for name, schema in rows}
        for path in WAREHOUSE.glob("models/*/*.sql"):
            query = rendered(
                path.read_text(encoding="utf-8"),
                ref=lies_in.__getitem__,
                source=lambda schema, name: f"{schema}.{name}",
            )
            plan = "".join(text for _, text in connection.execute(f"explain {query}").fetchall())
            if PAIRWISE in plan:
                found.add(path.stem)
    assert found == SMALL
