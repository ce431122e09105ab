"""The figures of every agency's page, each by one query for all of them."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from pipelines.domain.labels import CAUSES
from pipelines.site.figures.province import HEADLINE, Province
from pipelines.site.figures.reading import Grouped, grouped

AHEAD = 12  # months of a trend that are drawn

_STANDING = """
with years as (
    select indicator_code, max(period_start) filter (where value is not null) as year
    from marts.rpt_indicator where period_type = 'year' group by indicator_code having year is not null
),
all_levels as (select unnest($codes::varchar[]) as agency_code, unnest($levels::varchar[]) as level),
told as (
    select l.agency_code, l.level, d.indicator_code, d.system, d.better, y.year,
        i.numerator, i.denominator, i.value, i.target,
        case when i.indicator_code is null then 'no_data' else i.na_reason end as na_reason,
        m.value as month_value, case when m.indicator_code is null then 'no_data' else m.na_reason end as month_reason
    from all_levels as l
    cross join years as y
    inner join marts.dim_indicator as d on y.indicator_code = d.indicator_code
    left join marts.rpt_indicator as i
        on i.agency_code = l.agency_code and i.indicator_code = y.indicator_code and i.period_type = 'year'
            and i.period_start = y.year
    left join marts.rpt_indicator as m
        on m.agency_code = l.agency_code and m.indicator_code = y.indicator_code and m.period_type = 'month'
            and m.period_start = $month
)
select agency_code, indicator_code, year, month_value, month_reason, numerator, denominator, value, na_reason, target,
    median(value) over peers,
    case when value is not null then rank() over best_first end,
    count(value) over peers
from told
window peers as (partition by indicator_code, level),
    best_first as (
        partition by indicator_code, level
        order by case when better = 'lower' then -value else value end desc nulls last
    )
order by agency_code, list_position(['igate', 'idesk', 'mail', 'survey', 'file'], system), indicator_code
"""
_TREND = """
with levels as (select unnest($codes::varchar[]) as agency_code, unnest($levels::varchar[]) as level)
select i.agency_code, i.indicator_code, i.period_start, i.value, i.numerator, i.denominator, i.na_reason,
    i.target, median(i.value) over (partition by i.indicator_code, l.level, i.period_start)
from marts.rpt_indicator as i
inner join levels as l on i.agency_code = l.agency_code
where i.period_type = 'month' and i.indicator_code in (select unnest($shown::varchar[])) and i.period_start <= $month
order by 1, 2, 3
"""
# A line of least squares goes through the mean of its months, so that slope and mean draw it (decision 12).
_FORECAST = """
with paces as (
    select agency_code, indicator_code, any_value(month) as month, any_value(month_count) as month_count,
        any_value(pace) as pace, any_value(pace_low) as pace_low, any_value(pace_high) as pace_high
    from marts.rpt_target_progress
    where agency_code <> 'all' and month_count is not null and period_type = 'month'
        and indicator_code in (select unnest($shown::varchar[]))
    group by agency_code, indicator_code
),
months as (
    select p.*, i.value, i.period_start, date_diff('month', date '2000-01-01', i.period_start) as place
    from paces as p
    inner join marts.rpt_indicator as i
        on i.agency_code = p.agency_code and i.indicator_code = p.indicator_code and i.period_type = 'month'
            and i.period_start <= p.month and i.value is not null and i.denominator > 0
    qualify p.month_count
        >= row_number() over (partition by p.agency_code, p.indicator_code order by i.period_start desc)
),
means as (
    select agency_code, indicator_code, any_value(month) as month, any_value(pace) as pace,
        any_value(pace_low) as pace_low, any_value(pace_high) as pace_high,
        avg(value::decimal(18, 9)) as mean_value, avg(place) as mean_place
    from months group by agency_code, indicator_code
),
ahead as (
    select *, (month + to_months(n::integer))::date as drawn,
        date_diff('month', date '2000-01-01', month) + n - mean_place as away
    from means, range(0, $ahead + 1) as t(n)
)
select agency_code, indicator_code, drawn, greatest(least(mean_value + pace * away, 1), 0),
    greatest(least(mean_value + pace_low * away, 1), 0), greatest(least(mean_value + pace_high * away, 1), 0)
from ahead order by 1, 2, 3
"""
_TARGETS = """
select agency_code, indicator_code, target_on, source, certainty, month, value, target, gap, needed_monthly_gain, pace,
    outlook, arrives_in, earliest_in, latest_in
from marts.rpt_target_progress
order by agency_code, indicator_code, target_on, source
"""
_CAUSES = ", ".join(f"unexplained_{cause}_count" for cause in CAUSES)
_RESOLUTION = f"""
select agency_code, month, received_count, carried_over_count, resolved_count, early_count, on_time_count, late_count,
    unexplained_count, open_in_due_count, open_late_count, open_no_due_date_count, {_CAUSES}
from marts.rpt_dossier_resolution
where rule_code = $rule and month between $first and $last
order by agency_code, month
"""
_CHANNELS = """
select agency_code, received_month, count(*) filter (where channel = 1), count(*) filter (where channel = 2),
    count(*) filter (where channel = 3), count(*) filter (where channel is null or channel not in (1, 2, 3))
from marts.fct_dossier where is_received and received_month is not null
group by agency_code, received_month order by agency_code, received_month
"""
_DUE_SOON = """
select agency_code, numerator, denominator, na_reason from marts.rpt_indicator
where indicator_code = 'DOSSIER_OPEN_DUE_24H' and period_type = 'month'
qualify row_number() over (partition by agency_code order by period_start desc) = 1
order by agency_code
"""
_SIGNALS = """
select agency_code, any_value(sentence_vi), any_value(sentence_en), sum(affected_count)::bigint,
    sum(base_count)::bigint, sum(affected_count) / sum(base_count),
    sum(province_share::decimal(18, 9) * base_count) / sum(base_count), max(month)
from marts.rpt_signals
where month > ($month - interval 12 month)
group by agency_code, signal_code order by agency_code, signal_code
"""
_QUALITY = """
select agency_code, source, stream,
    coalesce(sum(row_count) filter (where rule_code = 'row_loaded'), 0)::bigint,
    coalesce(sum(row_count) filter (where severity = 'warn'), 0)::bigint,
    coalesce(sum(row_count) filter (where severity = 'fail'), 0)::bigint
from marts.rpt_quality
group by agency_code, source, stream order by agency_code, source, stream
"""
_FAULTS = """
select agency_code, source, stream, rule_code, severity, sum(row_count)::bigint
from marts.rpt_quality where severity in ('fail', 'warn')
group by agency_code, source, stream, rule_code, severity
order by agency_code, severity, sum(row_count) desc, source, stream, rule_code
"""
_SCORES = """
select agency_code, line, name_vi, name_en, points, scored_max_points, max_points, na_reason, period_start
from marts.rpt_score_766
where period_type = 'year' and line_kind in ('group', 'total')
qualify period_start = max(period_start) over ()
order by agency_code, line
"""


@dataclass(frozen=True)
class AgencyFigures:
    """Rows by agency; what the columns are, the query of that name says."""

    standing: Grouped
    trend: Grouped
    forecast: Grouped
    targets: Grouped
    resolution: Grouped
    channels: Grouped
    due_soon: Grouped
    signals: Grouped
    quality: Grouped
    faults: Grouped
    scores: Grouped


def agency_figures(connection: duckdb.DuckDBPyConnection, told: Province) -> AgencyFigures:
    """All that the pages of agencies show. ``trend``, ``forecast`` are by agency and indicator."""
    listed = {"codes": [a.code for a in told.agencies], "levels": [a.level for a in told.agencies]}
    shown = {"shown": list(HEADLINE)}
    span = {"first": told.first, "last": told.last, "rule": told.rule}
    month = {"month": told.month}
    return AgencyFigures(
        standing=grouped(connection, _STANDING, listed | month),
        trend=grouped(connection, _TREND, listed | shown | month, by=2),
        forecast=grouped(connection, _FORECAST, shown | {"ahead": AHEAD}, by=2),
        targets=grouped(connection, _TARGETS, {}),
        resolution=grouped(connection, _RESOLUTION, span),
        channels=grouped(connection, _CHANNELS, {}),
        due_soon=grouped(connection, _DUE_SOON, {}),
        signals=grouped(connection, _SIGNALS, month),
        quality=grouped(connection, _QUALITY, {}),
        faults=grouped(connection, _FAULTS, {}),
        scores=grouped(connection, _SCORES, {}),
    )
