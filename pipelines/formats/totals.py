"""Rows of totals are no data, yet they say what the data should add up to: checked here, told in ``package.json``."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from pipelines.domain.contracts import ColumnType, Contract, Privacy
from pipelines.formats.canonical import canonical_query
from pipelines.formats.headers import Header
from pipelines.storage.engine import quote_name, quote_text

_MOST_TOLD = 50


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
    """Compare every total of ``raw(rn, c0, …, kind)`` with the sums of the rows it stands under."""
    numbers = [
        c.model_copy(update={"privacy": Privacy.NONE})
        for c in contract.columns
        if c.type in (ColumnType.INTEGER, ColumnType.DECIMAL) and c.name in header.columns
        and c.privacy is Privacy.NONE and c.name not in contract.key
    ]  # fmt: skip
    found = connection.execute("select 1 from raw where kind = '-total' limit 1").fetchone()
    if not numbers or found is None:
        return TotalsChecked()
    fields = [(c, f"c{header.columns[c.name]}") for c in numbers]
    values = canonical_query(fields, "(from raw where kind is null or kind in ('-total', '-section', '-header'))")
    checked, differing = 0, []
    connection.execute(f"create temp table summed as select v.*, raw.kind from ({values}) as v join raw using (rn)")
    try:
        for column in numbers:
            rows = connection.execute(_differences(column.name)).fetchall()
            checked += len(rows)
            differing += [Differing(rn, column.name, str(p), str(s)) for rn, p, s, agrees in rows if not agrees]
    finally:
        connection.execute("drop table summed")
    differing.sort(key=lambda d: (d.row, d.column))
    return TotalsChecked(checked, tuple(differing[:_MOST_TOLD]))


def _differences(name: str) -> str:
    """Row, printed total, sum of all rows above it, and whether any sum that it may mean agrees."""
    value = f"try_cast({quote_name(name)} as decimal(38, 4))"
    marks = ", ".join(map(quote_text, ("-total", "-section", "-header")))
    return f"""
        with running as (
            select rn, kind, {value} as value,
                coalesce(sum({value}) filter (where kind is null) over (order by rn), 0) as above
            from summed
        ),
        marked as (
            select *,
                coalesce(max(above) filter (where kind = '-total') over before, 0) as at_total,
                coalesce(last_value(case when kind in ({marks}) then above end ignore nulls) over before, 0) as at_mark
            from running
            window before as (order by rn rows between unbounded preceding and 1 preceding)
        )
        select rn, value, above, value in (above, above - at_total, above - at_mark)
        from marked
        where kind = '-total' and value is not null
        order by rn"""
