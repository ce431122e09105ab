"""What was open when a month ended, the 766 index's judgement, and the 8 working hours of reception, a second time.

Nothing of the pipeline is imported here; working time is the slow clock's, or counted by whole days and hours.
"""

from __future__ import annotations

from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import pandas as pd

from tests.end_to_end.second_way import latest, moments, months, read_stream
from tests.end_to_end.second_way_indicators import Monthly, share
from tests.property.slow_clock import SlowClock, none_if_unknown

_CALENDAR = Path(__file__).parents[2] / "warehouse" / "seeds" / "calendar_exceptions.csv"


def open_ones(d: pd.DataFrame, exports: Path) -> tuple[Monthly, Monthly]:
    """Month after month, what was open at its end; and what ended in it (of the lines that take both)."""
    d = _judged_by_766(d[d["is_received"]].copy(), exports)
    ended = months(d["ended"].where(d["resolved"]))
    displeased = (d["Mức độ hài lòng"] == "KHÔNG HÀI LÒNG").astype(int)
    stocks: dict[str, list[pd.DataFrame]] = {}
    flows: dict[str, list[pd.DataFrame]] = {}
    for month in pd.date_range(months(d["received"]).min(), months(d["received"]).max(), freq="MS"):
        until = month + pd.offsets.MonthBegin(1)
        at = pd.Series(month, index=d.index)
        is_open = (d["received"] < until) & (ended.isna() | (ended > month))
        late = d["due"].dt.normalize() + pd.Timedelta(days=1) < until
        soon = (d["due"] >= until) & (d["due"] < until + pd.Timedelta(hours=24))
        in_time = _in_time_by_766(d, month, until)
        for code, part in {
            "DOSSIER_OPEN_IN_TIME": d["due"].notna() & ~late,
            "DOSSIER_OPEN_LATE": late,
            "DOSSIER_OPEN_DUE_24H": soon,
            "DOSSIER_HANDLED_766": in_time,
            "DOSSIER_SATISFACTION_766": in_time,
        }.items():
            stocks.setdefault(code, []).append(share(d[is_open], at[is_open], part[is_open]))
        over = ended == month
        for code, part in {
            "DOSSIER_HANDLED_766": d["good_766"].astype(int),
            "DOSSIER_SATISFACTION_766": d["good_766"].astype(int) - displeased,
        }.items():
            flows.setdefault(code, []).append(share(d[over], at[over], part[over]))
    return {c: pd.concat(t) for c, t in stocks.items()}, {c: pd.concat(t) for c, t in flows.items()}


def _judged_by_766(d: pd.DataFrame, exports: Path) -> pd.DataFrame:
    """The log's end, the due moment (by law where none was given), and whether both make it on time."""
    steps = latest(read_stream(exports, "igate/steps"), ["Mã hồ sơ", "Bước"])
    steps["at"] = moments(steps["Thời điểm xử lý"])
    said = {
        status: steps[steps["Trạng thái"].isin(codes)].groupby("Mã hồ sơ")["at"].max()
        for status, codes in {"done": ["9"], "returned": ["10"], "stopped": ["3", "8"]}.items()
    }
    assert not steps["Trạng thái"].isin(["5"]).any(), "the log tells of waiting: write that too"
    log = d["Mã hồ sơ"].map(said["done"]).fillna(d["Mã hồ sơ"].map(said["returned"]))
    d["end_766"] = log.fillna(d["Mã hồ sơ"].map(said["stopped"])).fillna(d["ended"]).where(d["resolved"])
    d["asked"], d["answered"] = moments(d["Ngày yêu cầu bổ sung"]), moments(d["Ngày tiếp nhận bổ sung"])
    d.loc[d["end_766"].notna() & (d["asked"] >= d["end_766"]), ["asked", "answered"]] = pd.NaT
    closed = d["end_766"].notna() & d["asked"].notna()
    d.loc[closed, "answered"] = d["answered"].fillna(d["end_766"]).clip(upper=d["end_766"])[closed]
    clock = office_clock()
    by_law = {
        row.Index: none_if_unknown(
            lambda row=row: clock.due(  # type: ignore[misc]
                row.received.to_pydatetime(), int(row.days), working=row.unit == "Ngày làm việc", pauses=_pauses(row)
            )
        )
        for row in d[d["due"].isna() & (d["days"] > 0)].itertuples()
    }
    d["due_766"] = d["due"].fillna(pd.Series(by_law, dtype="datetime64[ns]"))
    d["good_766"] = d["resolved"] & (d["supplements"] <= 1) & (d["end_766"] <= d["due_766"])
    return d


def _pauses(row: Any) -> list[tuple[datetime, datetime | None]]:
    if pd.isna(row.asked):
        return []
    return [(row.asked.to_pydatetime(), None if pd.isna(row.answered) else row.answered.to_pydatetime())]


def _in_time_by_766(d: pd.DataFrame, month: pd.Timestamp, until: pd.Timestamp) -> pd.Series:
    """Not late when a month ends: what was asked for in time and is awaited is not; a second request is late."""
    again = (d["supplements"] > 1) & (d["due_766"].isna() | (d["asked"] < d["due_766"]))
    late_at = d["due_766"].where(~again, d["asked"])
    waits = (d["supplements"] <= 1) & (d["asked"] <= d["due_766"]) & (months(d["asked"]) <= month)
    waits &= d["answered"].isna() | (months(d["answered"]) > month)
    return late_at.notna() & ((late_at >= until) | waits)


def office_clock() -> SlowClock:
    """The slow clock over the signed calendar and the default hours (domain.md §2.6)."""
    off, working = _exceptions()
    hours = (time(7), time(11, 30), time(13, 30), time(17))
    return SlowClock(lambda day: day in working or (day.weekday() < 5 and day not in off), lambda _: hours)


def _exceptions() -> tuple[set[date], set[date]]:
    kinds = pd.read_csv(_CALENDAR, parse_dates=["exception_on"])
    days = kinds["exception_on"].dt.date
    return set(days[kinds["kind"] == "off"]), set(days[kinds["kind"] == "working"])


def late_reception(d: pd.DataFrame) -> pd.DataFrame:
    """On-line dossiers, and those received more than 8 working hours after they were handed in."""
    r = d[d["is_received"] & d["online"]].assign(submitted=lambda x: moments(x["Ngày nộp hồ sơ"]))
    off, working = _exceptions()
    days = pd.date_range(r["submitted"].min().normalize(), r["received"].max().normalize())
    works = [day.date() in working or (day.weekday() < 5 and day.date() not in off) for day in days]
    before = pd.Series([8 * 3600 * w for w in works], index=days).cumsum().shift(fill_value=0)
    open_days = pd.Series(works, index=days)

    def worked(at: pd.Series) -> pd.Series:
        day = at.dt.normalize()
        seconds = (at - day).dt.total_seconds()
        hours = (seconds - 7 * 3600).clip(0, 4.5 * 3600) + (seconds - 13.5 * 3600).clip(0, 3.5 * 3600)
        return day.map(before) + hours.where(day.map(open_days), 0)

    minutes = (worked(r["received"]) - worked(r["submitted"])) // 60
    return share(r, months(r["received"]), minutes > 480)
