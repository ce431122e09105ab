"""Changes of two months between two builds of the sample, found a second time in the exported versions."""

from __future__ import annotations

from datetime import date

import duckdb

from pipelines.flows.changes import Period, compare
from tests.warehouse.conftest import NIGHTS, Nights

BOTH = Period(date(2021, 1, 1), date(2021, 2, 1))
# The newest version of each dossier that had been exported by a moment, straight from staging.
STATE = """
select dossier_code, arg_max((ended_at, due_at, status_code), (_exported_at, updated_at, _row_number)) as state
from later.staging.stg_igate__dossiers where _exported_at < timestamp '{until}' group by dossier_code
"""
RESOLVED_IN = "({0}.state[1] >= '2021-01-01' and {0}.state[1] < '2021-03-01' and {0}.state[3] in (7, 8, 9, 10))"


def test_the_changes_of_both_months_are_those_between_the_versions(nights: Nights) -> None:
    known = nights.home.build / f"as_of/{NIGHTS[1]:%Y%m%d}" / nights.home.warehouse.name
    with duckdb.connect() as connection:
        connection.execute(
            f"attach '{known}' as known (read_only); attach '{nights.home.warehouse}' as later (read_only)"
        )
        found = compare(connection, BOTH, "R_PLAIN")
        in_period = " or ".join(f"coalesce({RESOLVED_IN.format(side)}, false)" for side in "wn")
        then, now = (f"({STATE.format(until=day)})" for day in ("2021-02-15", "2999-01-01"))
        expected = {
            kind: connection.execute(
                f"select count(*) from {then} as w join {now} as n using (dossier_code) "
                f"where w.state[{place}] is distinct from n.state[{place}] and ({in_period})"
            ).fetchone()
            for kind, place in (("end_moved", 1), ("due_moved", 2))
        }
    counted = {
        kind: (sum(k.count for k in found.kinds if (k.subject, k.kind) == ("dossier", kind)),) for kind in expected
    }
    assert counted == expected
    assert sum(n for (n,) in counted.values()) > 0
    assert found.known_as_of < found.now_as_of
