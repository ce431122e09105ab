"""Rows of totals are no data, yet they say what the data should add up to: checked here, told in ``package.json``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from pipelines.domain.contracts import Column, Contract, Privacy
from pipelines.formats.canonical import canonical_query
from pipelines.formats.headers import Header
from pipelines.storage.engine import quote_name

_MOST_TOLD = 50
_KIND = Column(name="kind", label="kind")


@dataclass(frozen=True)
class Differing:
    """A total that no sum explains: of all rows above, since the last total, or since the last section or header."""

    row: int
    column: str
    printed: str
    summed: str


@dataclass(frozen=True)
class TotalsChecked:
    """How many printed totals were compared, and those that differ (at most fifty are told)."""

    checked: int = 0
    differing: tuple[Differing, ...] = ()


def check_totals(connection: duckdb.DuckDBPyConnection, contract: Contract, header: Header) -> TotalsChecked:
    """Compare every total of ``raw(rn, c0, …, kind)`` with the sums of the rows it stands under.

    Totals are among the records that ``apart`` holds as well.
    """
    numbers = [
        c.model_copy(update={"privacy": Privacy.NONE})
        for c in contract.columns
        if c.is_number and c.name in header.columns
        and c.privacy is Privacy.NONE and c.name not in contract.key
    ]  # fmt: skip
    numbers = _printed(connection, numbers, header)
    if not numbers:
        return TotalsChecked()
    checked, differing = 0, []
    _sum_up(connection, numbers, header)
    try:
        for column in numbers:
            rows = connection.execute(_differences(column.name)).fetchall()
            checked += len(rows)
            differing += [Differing(rn, column.name, str(p), str(s)) for rn, p, s, agrees in rows if not agrees]
    finally:
        connection.execute("drop table marks")
    differing.sort(key=lambda d: (d.row, d.column))
    return TotalsChecked(checked, tuple(differing[:_MOST_TOLD]))


def _printed(connection: duckdb.DuckDBPyConnection, numbers: Sequence[Column], header: Header) -> list[Column]:
    """The columns for which any row of totals says something: few do, and only those are worth summing."""
    texts = ", ".join(f"count(nullif(trim(c{header.columns[c.name]}), ''))" for c in numbers)
    told = connection.execute(f"select {texts or 0} from apart where kind = '-total'").fetchone() or ()
    return [c for c, count in zip(numbers, told, strict=False) if count]


def _sum_up(connection: duckdb.DuckDBPyConnection, numbers: Sequence[Column], header: Header) -> None:
    """Fill ``marks``: each row of totals, section or header, its numbers, and the sums of all rows of data above it.

    ``raw`` is in the order of the file, so sums run along with it: no sorting, whatever its size.
    """
    fields = [*((c, f"c{header.columns[c.name]}") for c in numbers), (_KIND, "kind")]
    names = [quote_name(c.name) for c in numbers]
    values = canonical_query(fields, "(from raw where kind is null or kind in ('-total', '-section', '-header'))")
    typed = ", ".join(f"try_cast({n} as decimal(38, 4)) as {n}" for n in names)
    sums = ", ".join(
        f"sum(case when kind is null then {n} end) over (rows unbounded preceding) as {_above(c.name)}"
        for c, n in zip(numbers, names, strict=True)
    )
    connection.execute(
        f"create temp table marks as select * from (select *, {sums} from (select rn, kind, {typed} from ({values}))) "
        "where kind is not null"
    )


def _above(name: str) -> str:
    return quote_name(f"above {name}")


def _differences(name: str) -> str:
    """Row, printed total, sum of all rows above it, and whether any sum that it may mean agrees."""
    return f"""
        with running as (
            select rn, kind, {quote_name(name)} as value, coalesce({_above(name)}, 0) as above from marks
        ),
        marked as (
            select *, coalesce(max(above) filter (where kind = '-total') over before, 0) as at_total,
                coalesce(last_value(above) over before, 0) as at_mark
            from running
            window before as (order by rn rows between unbounded preceding and 1 preceding)
        )
        select rn, value, above, value in (above, above - at_total, above - at_mark)
        from marked
        where kind = '-total' and value is not null
        order by rn"""
