"""Accounts that ``zmprov`` lists with their attributes, one block of lines each, as lines of ``zmaccts``.

A block opens with ``# name an@so.vn``; attributes follow, e.g. ``zimbraAccountStatus: active``. Moments are UTC.
"""

from __future__ import annotations

import duckdb

_OPENS = r"^# name [^\s@]+@[\w.-]+\s*$"


def fold_account_blocks(connection: duckdb.DuckDBPyConnection, *, attributes: int) -> None:
    """Put each block of ``raw(rn, line, shape)`` into its first line; its other lines get the shape ``attributes``.

    A list without blocks stays as it is.
    """
    found = connection.execute(f"select exists (select 1 from raw where regexp_matches(line, '{_OPENS}'))").fetchone()
    if not found or not found[0]:
        return
    connection.execute(
        f"""
        create or replace temp table folded as
        with placed as (
            select rn, line, max(case when regexp_matches(line, '{_OPENS}') then rn end) over (order by rn) as head
            from raw
        )
        select head as rn, any_value(trim(substr(line, 8))) filter (where rn = head) || ' '
            || coalesce({_attribute("zimbraAccountStatus")}, '-') || ' '
            || coalesce({_moment("zimbraCreateTimestamp")}, '-') || ' '
            || coalesce({_moment("zimbraLastLogonTimestamp")}, 'never') as line
        from placed where head is not null group by head
        """
    )
    connection.execute(
        f"update raw set shape = {attributes} "
        "where rn > (select min(rn) from folded) and trim(line) <> '' and rn not in (select rn from folded)"
    )
    connection.execute("update raw set line = folded.line, shape = 0 from folded where raw.rn = folded.rn")
    connection.execute("drop table folded")


def _attribute(name: str) -> str:
    return f"max(trim(substr(line, {len(name) + 2}))) filter (where starts_with(line, '{name}: '))"


def _moment(name: str) -> str:
    """A moment such as ``20200102030405.123Z`` in local time of Vietnam."""
    utc = f"try_strptime(left({_attribute(name)}, 14), '%Y%m%d%H%M%S')"
    return f"strftime({utc} + interval 7 hour, '%d/%m/%Y %H:%M:%S')"
