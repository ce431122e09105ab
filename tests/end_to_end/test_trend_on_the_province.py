"""Back-test: lines through the first months of the simulated province, against the months that were held back."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import pandas as pd

from pipelines.flows.trend import HORIZON, forecasts
from tests.end_to_end import second_way
from tests.end_to_end.provinces import exports_of, province

_SHARES = {
    "WORK_FILE_A": second_way.work_files_a,
    "WORK_FILE_B": second_way.work_files_b,
    "WORK_FILE_C": second_way.work_files_c,
    "DOSSIER_ONLINE": second_way.channels,
}
# Shares of every agency and level by month; the last month of a province is told to its middle only in part.
_COURSES = """
    select indicator_code, level, coalesce(agency, 'all') as agency_code, month::date as period_start,
        (sum("online") / sum("all"))::double as value
    from figures inner join levels using (agency)
    where "all" > 0 and month < date '2020-09-01'
    group by grouping sets ((indicator_code, level, agency, month), (indicator_code, level, month))
    order by all
"""


def _figures(exports: Path) -> pd.DataFrame:
    """Numerators and denominators of eight months, straight from the exports: no pipeline is run for them."""
    parts = [second(exports)[["all", "online"]].assign(indicator_code=code) for code, second in _SHARES.items()]
    return pd.concat(parts).rename_axis(["agency", "month"]).reset_index()


def test_it_foretells_the_months_that_were_held_back() -> None:
    exports = exports_of(1, 0.0, 8)
    agencies = second_way.read_stream(exports, "reference/agencies")
    with duckdb.connect() as connection:
        connection.register("figures", _figures(exports))
        connection.register("levels", agencies[["Mã định danh cũ", "Cấp"]].set_axis(["agency", "level"], axis=1))
        connection.execute(f"create table course as {_COURSES}")
        known = connection.execute("from course where period_start < $1", [date(2020, 7, 1)]).to_arrow_table()
        told = forecasts(known)
        connection.register("told", told)
        inside, off, count = connection.execute(
            """
            select avg((course.value between told.low and told.high)::integer),
                avg(abs(course.value - told.fitted)) filter (agency_code = 'all'), count(*)
            from course inner join told using (indicator_code, level, agency_code)
            where course.period_start = told.month
            """
        ).fetchone() or (0.0, 1.0, 0)
    assert count > 60  # levels and the larger agencies, two months each; a hundredth of a province is noisy
    assert 0.65 <= inside <= 0.95  # the interval is one of 80 %
    assert off < 0.1  # of the levels; single agencies of a small province are mostly noise
    assert len(told) > 30 * HORIZON


def test_progress_of_the_province_holds_together() -> None:
    """Every target has a row for its level and its agencies; arrivals lie within their interval, after the month."""
    with province(1, 0.0).marts() as marts:
        rows = marts.execute("select count(*), count(distinct outlook) from marts.rpt_target_progress").fetchone()
        assert rows is not None
        assert rows[0] > 1000
        assert rows[1] >= 2
        broken = marts.execute(
            """
            select * from marts.rpt_target_progress
            where (outlook in ('in_time', 'too_late')) <> (arrives_in is not null)
                or arrives_in <= month or earliest_in > arrives_in or latest_in < arrives_in
                or (outlook = 'in_time') <> coalesce(arrives_in <= target_on, false)
                or (outlook = 'reached' and needed_monthly_gain <> 0)
                or (pace is null) <> (month_count is null) or pace not between pace_low and pace_high
            """
        ).fetchall()
        assert broken == []
        levels = marts.execute(
            "select distinct indicator_code from marts.rpt_target_progress where agency_code = 'all' order by all"
        ).fetchall()
    assert {"WORK_FILE_A", "WORK_FILE_B", "WORK_FILE_C", "DOSSIER_ONLINE", "SURVEY_SATISFACTION"} <= {
        c for (c,) in levels
    }
