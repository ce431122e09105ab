"""Where the course of an indicator leads: the straight line through its last whole months, with an interval.

Ordinary least squares on the share over at most ``WINDOW`` months, and the prediction interval of a single month. A
line is what a reader can check with a ruler, and its slope is the pace in the unit in which the needed gain is told;
only recent months are taken, so that it bends with the course. All series are fitted at once, on whole columns; the
tests hold them to statsmodels (docs/decisions/0012).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

WINDOW = 12  # months that are looked at
FEWEST = 6  # months without which nothing is said
HORIZON = 120  # months ahead; what is farther is not on this trend
COVERAGE = 0.80  # of the intervals
_DIGITS = 9

Numbers = NDArray[np.float64]
Places = NDArray[np.int64]

SCHEMA = pa.schema(
    [
        ("indicator_code", pa.string()),
        ("level", pa.string()),
        ("agency_code", pa.string()),
        ("month", pa.date32()),
        ("month_count", pa.int32()),
        ("pace", pa.float64()),
        ("pace_low", pa.float64()),
        ("pace_high", pa.float64()),
        ("fitted", pa.float64()),
        ("low", pa.float64()),
        ("high", pa.float64()),
    ]
)


@dataclass(frozen=True)
class Fitted:
    """What the lines of some series say. Shares; one row a series, and for the last three one column a month ahead."""

    pace: Numbers
    pace_low: Numbers
    pace_high: Numbers
    fitted: Numbers
    low: Numbers
    high: Numbers


def forecasts(series: pa.Table) -> pa.Table:
    """The lines of every series that has at least ``FEWEST`` months.

    Args:
        series: ``indicator_code, level, agency_code, period_start, value``, one row a month, at most ``WINDOW`` months
            of each series, in this order of columns.

    Returns:
        A row for each series and month to come, as ``SCHEMA`` has it; nothing for shorter series.
    """
    keys, numbers, months, values = _columns(series)
    counts = np.bincount(numbers, minlength=len(keys))
    last = np.full(len(keys), -1, dtype=np.int64)
    np.maximum.at(last, numbers, months)
    kept = np.flatnonzero(counts >= FEWEST)
    if not kept.size:
        return SCHEMA.empty_table()
    times = (months - last[numbers]).astype(np.float64)  # 0 is the last month, those before are negative
    place = np.full(len(keys), -1, dtype=np.int64)
    place[kept] = np.arange(kept.size)
    here = place[numbers] >= 0
    lines = fit_lines(place[numbers[here]], times[here], values[here])
    return _table([keys[k] for k in kept], counts[kept], last[kept], lines)


def fit_lines(numbers: Places, times: Numbers, values: Numbers) -> Fitted:
    """Ordinary least squares of many series by their sums.

    Args:
        numbers: which series a value belongs to, 0 to n - 1, each with at least three values.
        times: months before the last one of its series, as numbers up to 0.
        values: the shares.
    """
    from scipy.special import stdtrit

    def total(what: Numbers) -> Numbers:
        return np.bincount(numbers, weights=what).astype(np.float64)

    n = np.bincount(numbers).astype(np.float64)
    mean_time, mean_value = total(times) / n, total(values) / n
    off_time, off_value = times - mean_time[numbers], values - mean_value[numbers]
    spread = total(off_time**2)
    pace = total(off_time * off_value) / spread
    rest = total((off_value - pace[numbers] * off_time) ** 2)
    scale = np.sqrt(rest / (n - 2))
    quantile = stdtrit(n - 2, (1 + COVERAGE) / 2)
    ahead = np.arange(1, HORIZON + 1, dtype=np.float64)[np.newaxis, :] - mean_time[:, np.newaxis]
    fitted = mean_value[:, np.newaxis] + pace[:, np.newaxis] * ahead
    half = (quantile * scale)[:, np.newaxis] * np.sqrt(1 + (1 / n)[:, np.newaxis] + ahead**2 / spread[:, np.newaxis])
    slack = quantile * scale / np.sqrt(spread)
    return Fitted(pace, pace - slack, pace + slack, fitted, fitted - half, fitted + half)


def _columns(series: pa.Table) -> tuple[list[tuple[str, str, str]], Places, Places, Numbers]:
    """The series by name, and for each value: its series, its month counted from year 0, itself."""
    names = ("indicator_code", "level", "agency_code")
    keys = series.select(names).group_by(list(names), use_threads=False).aggregate([])
    numbered = keys.append_column("number", pa.array(range(len(keys)), pa.int64()))
    places = series.append_column("row", pa.array(range(len(series)), pa.int64())).join(numbered, list(names))
    numbers = places.sort_by("row")["number"].to_numpy().astype(np.int64)
    months = series["period_start"].to_numpy().astype("datetime64[M]").astype(np.int64)
    rows = keys.to_pydict()
    told = list(zip(*(rows[n] for n in names), strict=True))
    return told, numbers, months, series["value"].to_numpy().astype(np.float64)


def _table(keys: list[tuple[str, str, str]], counts: Places, last: Places, lines: Fitted) -> pa.Table:
    each_month = np.repeat(np.arange(len(keys)), HORIZON)

    def each(of_series: Sequence[Any] | Numbers | Places, kind: pa.DataType) -> pa.Array:
        return pa.array(of_series, kind).take(each_month)

    def rounded(numbers: Numbers) -> Numbers:
        return np.round(numbers, _DIGITS)  # beyond that the order of a sum shows

    months = last[:, np.newaxis] + np.arange(1, HORIZON + 1)[np.newaxis, :]
    columns = [each([k[n] for k in keys], pa.string()) for n in range(3)]
    columns.append(pa.array(months.ravel().astype("datetime64[M]").astype("datetime64[D]"), pa.date32()))
    columns.append(each(counts, pa.int32()))
    columns += [each(rounded(one), pa.float64()) for one in (lines.pace, lines.pace_low, lines.pace_high)]
    columns += [pa.array(rounded(one).ravel(), pa.float64()) for one in (lines.fitted, lines.low, lines.high)]
    return pa.Table.from_arrays(columns, schema=SCHEMA)
