"""The line through the last months: against the library, on courses whose truth is known, and on the province."""

from __future__ import annotations

from datetime import date

import numpy as np
import pyarrow as pa
import pytest
from statsmodels.regression.linear_model import OLS

from pipelines.flows.trend import (
    COVERAGE,
    FEWEST,
    HORIZON,
    SCHEMA,
    WINDOW,
    Fitted,
    Numbers,
    Places,
    fit_lines,
    forecasts,
)


def _month(n: int) -> date:
    return date(2019 + n // 12, 1 + n % 12, 1)


def _series(courses: dict[str, list[tuple[int, float]]]) -> pa.Table:
    rows = [(code, month, value) for code, course in courses.items() for month, value in course]
    return pa.table(
        {
            "indicator_code": pa.array([code for code, _, _ in rows], pa.string()),
            "level": pa.array(["commune"] * len(rows), pa.string()),
            "agency_code": pa.array(["H15.40.01"] * len(rows), pa.string()),
            "period_start": pa.array([_month(m) for _, m, _ in rows], pa.date32()),
            "value": pa.array([v for _, _, v in rows], pa.float64()),
        }
    )


def _stacked(values: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    """Rows of a matrix as series that end at time 0."""
    count, months = values.shape
    return np.repeat(np.arange(count), months), np.tile(np.arange(1 - months, 1.0), count), values.ravel()


def _fit_by_statsmodels(numbers: Places, times: Numbers, values: Numbers) -> Fitted:
    """The same, a series at a time."""
    ahead = np.column_stack([np.ones(HORIZON), np.arange(1, HORIZON + 1)])
    paces, lines = [], []
    for number in range(int(numbers.max()) + 1):
        here = numbers == number
        result = OLS(values[here], np.column_stack([np.ones(here.sum()), times[here]])).fit()
        told = result.get_prediction(ahead)
        low, high = told.conf_int(obs=True, alpha=1 - COVERAGE).T
        paces.append([result.params[1], *result.conf_int(alpha=1 - COVERAGE)[1]])
        lines.append([told.predicted_mean, low, high])
    pace, line = np.array(paces), np.array(lines)
    return Fitted(pace[:, 0], pace[:, 1], pace[:, 2], line[:, 0], line[:, 1], line[:, 2])


def test_it_agrees_with_statsmodels_also_where_months_are_missing() -> None:
    random = np.random.default_rng(7)
    numbers, times, values = _stacked(random.random((30, WINDOW)))
    kept = random.random(len(values)) < 0.8
    one, other = (fit(numbers[kept], times[kept], values[kept]) for fit in (fit_lines, _fit_by_statsmodels))
    for name in Fitted.__dataclass_fields__:
        np.testing.assert_allclose(getattr(one, name), getattr(other, name), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("months", [FEWEST, WINDOW])
@pytest.mark.parametrize("ahead", [1, 6, 24])
def test_the_interval_holds_the_truth_as_often_as_it_says(months: int, ahead: int) -> None:
    """Four thousand courses with noise: a month to come lies within the 80 % interval in 80 of 100."""
    random = np.random.default_rng(months * 100 + ahead)
    count = 4000
    paces = random.normal(0.01, 0.01, count)[:, np.newaxis]
    seen = 0.4 + paces * np.arange(1 - months, 1) + random.normal(0, 0.03, (count, months))
    to_come = 0.4 + paces[:, 0] * ahead + random.normal(0, 0.03, count)
    lines = fit_lines(*_stacked(seen))
    inside = (lines.low[:, ahead - 1] <= to_come) & (to_come <= lines.high[:, ahead - 1])
    assert inside.mean() == pytest.approx(COVERAGE, abs=0.02)
    in_pace = (lines.pace_low <= paces[:, 0]) & (paces[:, 0] <= lines.pace_high)
    assert in_pace.mean() == pytest.approx(COVERAGE, abs=0.02)


def test_the_arrival_is_where_a_ruler_puts_it() -> None:
    """From 30 % in month 0, 2 points a month: 50 % in month 10, the month itself among those to come."""
    course = [(m, 0.30 + 0.02 * m) for m in range(8)]
    table = forecasts(_series({"RULER": course}))
    assert table.schema == SCHEMA
    assert len(table) == HORIZON
    rows = table.to_pylist()
    assert min(row["month"] for row in rows if row["fitted"] >= 0.5 - 1e-9) == _month(10)
    assert max(row["high"] - row["low"] for row in rows) == pytest.approx(0, abs=1e-6)
    assert table["pace"][0].as_py() == pytest.approx(0.02)
    assert table["month"][0].as_py() == _month(8)
    assert table["month_count"][0].as_py() == 8


def test_too_few_months_say_nothing_and_a_gap_is_a_gap() -> None:
    short = [(m, 0.1 * m) for m in range(FEWEST - 1)]
    assert forecasts(_series({"SHORT": short})).num_rows == 0
    assert forecasts(_series({"SHORT": []})).schema == SCHEMA
    gap = [(m, 0.1 + 0.02 * m) for m in (0, 1, 2, 6, 7, 8)]
    both = forecasts(_series({"SHORT": short, "GAP": gap})).to_pylist()
    assert {row["indicator_code"] for row in both} == {"GAP"}
    assert both[0]["pace"] == pytest.approx(0.02)
    assert both[0]["fitted"] == pytest.approx(0.1 + 0.02 * 9)


def test_a_course_that_flattens_is_not_promised_what_it_lost() -> None:
    """A year of growth, then a year of standing still: the line goes through the newer year only."""
    flat = [(m, 0.5 + (0.0001 if m % 2 else -0.0001)) for m in range(12, 24)]
    told = forecasts(_series({"FLAT": flat})).to_pylist()
    assert max(row["fitted"] for row in told) < 0.51
    assert told[0]["pace_low"] < 0 < told[0]["pace_high"]
