"""Cells of the heat tables. A table of all agencies and months has tens of thousands, so the database writes them.

A cell says a share in whole per cents: 0 and 100 only where it is exactly that, 1 to 99 for all between. Its class is
how dark it is. ``×`` is a hidden small group, ``·`` no figure.
"""

from __future__ import annotations

from typing import NamedTuple

import duckdb

from pipelines.site.figures.province import HEADLINE, Province
from pipelines.site.figures.reading import grouped

HEAT = (*HEADLINE[:1], "DOSSIER_EARLY", "DOSSIER_LATE", *HEADLINE[1:])

_CELL = """
case
    when value is null and na_reason = 'small_group' then '<td class="hx">×</td>'
    when value is null then '<td class="hx">·</td>'
    when unit <> 'share' then '<td class="h">' || round(value)::bigint || '</td>'
    else '<td class="h' || least(floor(value * 10), 9)::integer || '">' || case
        when value <= 0 then '0'
        when value >= 1 then '100'
        else greatest(least(round(value * 100), 99), 1)::integer::varchar
    end || '</td>'
end
"""
_LINE = """coalesce(value::varchar, '"' || replace(na_reason, '"', '""') || '"', '')"""
_BY_MONTH = f"""
with codes as (select unnest($codes::varchar[]) as agency_code),
months as (select unnest($months::date[]) as month),
wanted as (
    select distinct indicator_code, unit from marts.rpt_indicator where period_type = 'month' and value is not null
),
told as (
    select w.indicator_code, c.agency_code, m.month, w.unit, i.value, i.na_reason
    from wanted as w
    cross join codes as c
    cross join months as m
    left join marts.rpt_indicator as i
        on i.indicator_code = w.indicator_code and i.agency_code = c.agency_code and i.period_type = 'month'
            and i.period_start = m.month
)
select indicator_code, agency_code, string_agg({_CELL}, '' order by month), string_agg({_LINE}, ',' order by month)
from told group by indicator_code, agency_code having count(value) + count(na_reason) > 0
"""
_BY_PERIOD = f"""
with codes as (select unnest($codes::varchar[]) as agency_code),
periods as (
    select unnest($kinds::varchar[]) as kind, unnest($starts::date[]) as start, unnest(range(len($starts::date[]))) as p
),
wanted as (select unnest($shown::varchar[]) as indicator_code, unnest(range(len($shown::varchar[]))) as place),
told as (
    select c.agency_code, p.p, w.place, 'share' as unit, i.value, i.na_reason
    from codes as c
    cross join periods as p
    cross join wanted as w
    left join marts.rpt_indicator as i
        on i.indicator_code = w.indicator_code and i.agency_code = c.agency_code and i.period_type = p.kind
            and i.period_start = p.start
)
select agency_code, string_agg({_CELL}, '' order by p, place), string_agg({_LINE}, ',' order by p, place)
from told group by agency_code having count(value) + count(na_reason) > 0
"""


class HeatRow(NamedTuple):
    """One agency's cells: as HTML, and bare for the CSV."""

    agency_code: str
    cells: str
    line: str


def heat_by_month(connection: duckdb.DuckDBPyConnection, told: Province) -> dict[str, list[HeatRow]]:
    """Agencies by month for every indicator that has months."""
    found = grouped(connection, _BY_MONTH, {"codes": [a.code for a in told.agencies], "months": list(told.months)})
    order = {a.code: place for place, a in enumerate(told.agencies)}
    return {
        i: sorted((HeatRow(*row) for row in rows), key=lambda row: order[row.agency_code]) for i, rows in found.items()
    }


def heat_periods(told: Province) -> list[tuple[str, int | None]]:
    """What the heat page can show: the newest month, then years from the newest back."""
    return [("month", None), *(("year", year) for year in range(told.month.year, told.first.year - 1, -1))]


def heat_by_period(connection: duckdb.DuckDBPyConnection, told: Province, shown: list[str]) -> list[HeatRow]:
    """Agencies by indicator, for each of ``heat_periods`` in turn."""
    periods = heat_periods(told)
    starts = [told.month if year is None else told.first.replace(year=year, month=1) for _, year in periods]
    parameters = {
        "codes": [a.code for a in told.agencies],
        "kinds": [kind for kind, _ in periods],
        "starts": starts,
        "shown": shown,
    }
    found = grouped(connection, _BY_PERIOD, parameters)
    return [HeatRow(a.code, *found[a.code][0]) for a in told.agencies if a.code in found]
