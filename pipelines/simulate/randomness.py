"""Randomness without state: the same numbers whatever the order or the number of threads."""

from __future__ import annotations

import duckdb

_TWO_64 = "18446744073709551616.0"
FINE, COARSE = 16_384, 2_048


def install(connection: duckdb.DuckDBPyConnection, seed: int) -> None:
    """Make the macros of one seed.

    ``u(salt, id)`` is uniform over [0, 1); ``pick(list, x)`` takes the element at ``x`` of [0, 1);
    ``between_u(low, high, x)`` scales it to a whole number, both ends included; ``slot(x)`` and
    ``coarse_slot(x)`` give the number of the slot (``make_slots``) that ``x`` falls in.
    """
    connection.execute(f"create or replace macro u(salt, id) as hash(hash({int(seed)}, salt, id)) / {_TWO_64}")
    connection.execute("create or replace macro pick(items, x) as items[1 + cast(floor(x * len(items)) as integer)]")
    connection.execute(
        "create or replace macro between_u(low, high, x) as low + cast(floor(x * (high - low + 1)) as integer)"
    )
    connection.execute(f"create or replace macro slot(x) as cast(floor(x * {FINE}) as integer)")
    connection.execute(f"create or replace macro coarse_slot(x) as cast(floor(x * {COARSE}) as integer)")
    # A moment inside office hours of a day (07:00-11:30, 13:30-17:00), by a number of [0, 1).
    connection.execute(
        "create or replace macro office_time(day, x) as day + interval 7 hour"
        " + to_seconds(cast(floor(x * 28790) as bigint)) + case when x * 28790 >= 16200 then interval 2 hour"
        " else interval 0 hour end"
    )
    # A cell as it stands in a file: escaped in a sheet, between quotation marks where it holds a separator.
    connection.execute(
        "create or replace macro cell(t, sep, is_sheet) as case"
        " when is_sheet then replace(replace(t, '&', '&amp;'), '<', '&lt;')"
        " when contains(t, sep) or contains(t, '\"') then concat('\"', replace(t, '\"', '\"\"'), '\"') else t end"
    )


def make_slots(connection: duckdb.DuckDBPyConnection, table: str, query: str, *, count: int = FINE) -> None:
    """Make a table that draws by weight with a join on a number, which costs no sort of the drawing side.

    Args:
        connection: where to make it.
        table: its name; columns ``grp, slot, item``.
        query: gives ``grp`` (drawn from separately), ``item`` and ``weight``, all of them numbers but ``item``.
        count: number of slots; a weight is met as nearly as one of them.
    """
    connection.execute(
        f"""
        create or replace table {table} as
        with weighed as (
            select grp, item, sum(weight) over (partition by grp order by item) / sum(weight) over (partition by grp)
                - weight / sum(weight) over (partition by grp) as low
            from ({query}) where weight > 0
        ),
        slots as (select g.grp, s::integer as slot, (s + 0.5) / {count} as x
            from (select distinct grp from weighed) as g, range({count}) as t(s))
        select s.grp, s.slot, w.item from slots as s asof join weighed as w on w.grp = s.grp and s.x >= w.low
        """
    )
