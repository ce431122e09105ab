"""What the first page shows of all agencies: their ranking, what moved, and what needs attention."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import duckdb

from pipelines.site.figures.province import HEADLINE, Province
from pipelines.site.figures.reading import Grouped, Rows, grouped

RANKED = ("DOSSIER_ONLINE", "WORK_FILE_A", "WORK_FILE_C", "DOC_OUTGOING_ELECTRONIC", "MAIL_ACTIVE")
FEWEST = 10  # cases that both months must have before a move is told, and a year before it is ranked
MOVES = 12

# The year is that of the newest month. A share of those received and carried over does not add up over months
# (rpt_on_time_rate): of it the newest month stands.
_RANKING = """
with codes as (select unnest($codes::varchar[]) as agency_code, unnest($levels::varchar[]) as level),
scores as (
    select agency_code, points / nullif(scored_max_points, 0) as score, scored_max_points
    from marts.rpt_score_766 where period_type = 'year' and line_kind = 'total' and year = year($month)
),
on_time as (
    select agency_code, sum(numerator) / nullif(sum(denominator), 0) as on_time
    from marts.rpt_on_time_rate
    where is_default and month <= $month and year(month) = year($month)
        and (denominator_code <> 'HANDLED' or month = $month)
    group by agency_code
),
dossiers as (
    select agency_code, sum(resolved_count)::bigint as resolved, sum(unexplained_count)::bigint as unexplained,
        any_value(open_late_count) filter (where month = $month) as open_late
    from marts.rpt_dossier_resolution
    where rule_code = $rule and month <= $month and year(month) = year($month)
    group by agency_code
)
select c.agency_code,
    case when s.score is not null and d.resolved >= $fewest then rank() over (
        partition by c.level order by case when d.resolved >= $fewest then s.score end desc nulls last
    ) end as place,
    s.score, s.scored_max_points, o.on_time, d.resolved, d.unexplained, d.open_late
from codes as c
left join scores as s on c.agency_code = s.agency_code
left join on_time as o on c.agency_code = o.agency_code
left join dossiers as d on c.agency_code = d.agency_code
order by list_position(['province', 'district', 'commune'], c.level) nulls last, place nulls last,
    s.score desc nulls last, c.agency_code
"""
_SHARES = """
select agency_code, indicator_code, value, na_reason from marts.rpt_indicator
where period_type = 'year' and year(period_start) = year($month)
    and indicator_code in (select unnest($ranked::varchar[]))
"""
_MOVES = """
select n.agency_code, n.indicator_code, p.value, n.value, n.value - p.value
from marts.rpt_indicator as n
inner join marts.rpt_indicator as p
    on p.agency_code = n.agency_code and p.indicator_code = n.indicator_code and p.period_type = 'month'
        and p.period_start = $previous
where n.period_type = 'month' and n.period_start = $month and n.indicator_code in (select unnest($shown::varchar[]))
    and n.denominator >= $fewest and p.denominator >= $fewest and n.value <> p.value
    and n.agency_code in (select unnest($codes::varchar[]))
order by abs(n.value - p.value) desc, n.agency_code, n.indicator_code
limit $moves
"""
_ATTENTION = """
with codes as (select unnest($codes::varchar[]) as agency_code),
found as (
    select 'late' as kind, agency_code, open_late_count as count,
        open_in_due_count + open_late_count + open_no_due_date_count as base
    from marts.rpt_dossier_resolution where rule_code = $rule and month = $month
    union all
    select 'due_soon', agency_code, numerator, denominator from marts.rpt_indicator
    where indicator_code = 'DOSSIER_OPEN_DUE_24H' and period_type = 'month' and period_start = $month
    union all
    select 'unexplained', agency_code, sum(unexplained_count)::bigint, sum(resolved_count)::bigint
    from marts.rpt_dossier_resolution
    where rule_code = $rule and month <= $month and year(month) = year($month) group by agency_code
    union all
    select 'held', agency_code, sum(row_count) filter (where severity = 'fail')::bigint, sum(row_count)::bigint
    from marts.rpt_quality where month > $month - interval 1 month group by agency_code
)
select kind, agency_code, count, base, sum(count) over (partition by kind)::bigint, count(*) over (partition by kind)
from found semi join codes using (agency_code)
where count > 0
qualify row_number() over (partition by kind order by count desc, agency_code) <= 6
order by list_position(['late', 'due_soon', 'unexplained', 'held'], kind), count desc, agency_code
"""
_FRESHNESS = """
select source, stream, last_exported_at, age_days, rows_loaded, rows_quarantined
from marts.rpt_source_freshness order by age_days desc, source, stream
"""


@dataclass(frozen=True)
class OverviewFigures:
    """Rows of the queries of these names; ``shares``: value and reason by agency and indicator."""

    ranking: Rows
    shares: Grouped
    moves: Rows
    attention: Rows
    freshness: Rows


def overview_figures(connection: duckdb.DuckDBPyConnection, told: Province) -> OverviewFigures:
    """What the first page shows besides the sums of levels."""
    codes = {"codes": [a.code for a in told.agencies]}
    at = {"month": told.month, "rule": told.rule}

    def rows(sql: str, parameters: dict[str, Any]) -> Rows:
        return connection.execute(sql, parameters).fetchall()

    levels = {"levels": [a.level for a in told.agencies], "fewest": FEWEST}
    moves = {"month": told.month, "previous": told.previous, "shown": list(HEADLINE), "fewest": FEWEST, "moves": MOVES}
    return OverviewFigures(
        ranking=rows(_RANKING, codes | levels | at),
        shares=grouped(connection, _SHARES, {"month": told.month, "ranked": list(RANKED)}, by=2),
        moves=rows(_MOVES, codes | moves),
        attention=rows(_ATTENTION, codes | at),
        freshness=rows(_FRESHNESS, {}),
    )
