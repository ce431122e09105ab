"""Shares of the levels and of the whole province: what is shown of the agencies, added up, and officials by level."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import duckdb

from pipelines.site.figures.province import Province
from pipelines.site.figures.reading import Grouped, Rows, grouped

# Hidden small groups are in no sum here: nothing can be found by subtracting what is shown. Of officials so much is
# hidden that what is left is no picture of a level; rpt_official_activity has them all in it and hides what would tell.
_SUMS = """
with levels as (select unnest($codes::varchar[]) as agency_code, unnest($levels::varchar[]) as level),
told as (
    select i.indicator_code, l.level, i.period_type, i.period_start, i.numerator, i.denominator
    from marts.rpt_indicator as i
    inner join levels as l on i.agency_code = l.agency_code
    where i.unit = 'share' and i.numerator is not null and i.denominator > 0
        and (i.period_type = 'year' or (i.period_type = 'month' and i.period_start <= $month))
        and i.indicator_code not in (select indicator_code from marts.rpt_official_activity)
),
officials as (
    select indicator_code, level, unnest(['month', 'year']) as period_type, month, numerator, denominator
    from marts.rpt_official_activity where denominator > 0 and month <= $month
),
summed as (
    select period_type, indicator_code, coalesce(level, 'all') as level, period_start,
        sum(numerator)::bigint as numerator, sum(denominator)::bigint as denominator
    from told
    group by grouping sets (
        (period_type, indicator_code, level, period_start), (period_type, indicator_code, period_start)
    )
    union all
    select period_type, indicator_code, level, date_trunc(period_type, month)::date, sum(numerator)::bigint,
        sum(denominator)::bigint
    from officials group by all
)
select period_type, indicator_code, level, period_start, numerator, denominator, numerator / denominator
from summed order by all
"""
_TARGETS = """
select indicator_code, level, target_on, source, certainty, month, value, target, gap, needed_monthly_gain, pace,
    outlook, arrives_in, earliest_in, latest_in
from marts.rpt_target_progress where agency_code = 'all'
order by indicator_code, list_position(['all', 'province', 'district', 'commune'], level), target_on, source
"""
Key = tuple[str, str]


@dataclass(frozen=True)
class LevelFigures:
    """``months``, ``years``: ``start, numerator, denominator, value`` by indicator and level (``all``: the province).

    ``targets``: rows as ``figures.agencies`` ``targets`` has them, by indicator and level.
    """

    months: Grouped
    years: Grouped
    targets: Grouped

    def at(self, indicator: str, level: str, start: date, *, year: bool = False) -> tuple[int, int, float] | None:
        """Numerator, denominator and share of one month, or of a year."""
        rows = (self.years if year else self.months).get((indicator, level), [])
        return next(((n, d, v) for s, n, d, v in rows if s == start), None)

    def whole(self, indicator: str, level: str) -> tuple[int, int, float] | None:
        """The same of all months together."""
        rows = self.months.get((indicator, level), [])
        numerator, denominator = sum(r[1] for r in rows), sum(r[2] for r in rows)
        return (numerator, denominator, numerator / denominator) if denominator else None

    def next_target(self, indicator: str, level: str, after: date) -> tuple[date, float] | None:
        """The target of a level that lies ahead, else the last one; one for all levels holds for each."""
        rows = [*self.targets.get((indicator, level), []), *self.targets.get((indicator, "all"), [])]
        days = sorted((row[0], row[5]) for row in rows)
        return next(((on, target) for on, target in days if on > after), days[-1] if days else None)


def level_figures(connection: duckdb.DuckDBPyConnection, told: Province) -> LevelFigures:
    """Sums of every share, and the targets of the levels."""
    listed = {"codes": [a.code for a in told.agencies], "levels": [a.level for a in told.agencies], "month": told.month}
    sums = grouped(connection, _SUMS, listed, by=3)
    by_kind: dict[str, Grouped] = {"month": {}, "year": {}}
    for (kind, indicator, level), rows in sums.items():
        by_kind[kind][indicator, level] = rows
    return LevelFigures(by_kind["month"], by_kind["year"], grouped(connection, _TARGETS, {}, by=2))


_RATES = """
select rule_code, denominator_code, sum(numerator) / nullif(sum(denominator), 0)
from marts.rpt_on_time_rate where month = $month
group by rule_code, denominator_code order by rule_code, denominator_code
"""


def on_time_rates(connection: duckdb.DuckDBPyConnection, told: Province) -> Rows:
    """``rule_code, denominator_code, value`` of the whole province in the newest month."""
    return connection.execute(_RATES, {"month": told.month}).fetchall()
