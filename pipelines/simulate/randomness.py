"""Randomness without state: the same numbers whatever the order or the number of threads."""

from __future__ import annotations

import duckdb

_TWO_64 = "18446744073709551616.0"


def install(connection: duckdb.DuckDBPyConnection, seed: int) -> None:
    """Make the macros of one seed.

    ``u(salt, id)`` is uniform over [0, 1); ``pick(list, x)`` takes the element at ``x`` of [0, 1);
    ``between_u(low, high, x)`` scales it to a whole number, both ends included.
    """
    connection.execute(f"create or replace macro u(salt, id) as hash(hash({int(seed)}, salt, id)) / {_TWO_64}")
    connection.execute("create or replace macro pick(items, x) as items[1 + cast(floor(x * len(items)) as integer)]")
    connection.execute(
        "create or replace macro between_u(low, high, x) as low + cast(floor(x * (high - low + 1)) as integer)"
    )
    # A moment inside office hours of a day (07:00-11:30, 13:30-17:00), by a number of [0, 1).
    connection.execute(
        "create or replace macro office_time(day, x) as day + interval 7 hour"
        " + to_seconds(cast(floor(x * 28790) as bigint)) + case when x * 28790 >= 16200 then interval 2 hour"
        " else interval 0 hour end"
    )
