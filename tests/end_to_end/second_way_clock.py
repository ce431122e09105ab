"""Rules of "on time" a second time: pandas and numpy's business days, from domain.md §2.6-2.7 and decision 0011 alone.

Open dossiers are found by looking at every dossier at the end of every month, which the marts do not do. Nothing of
the pipeline is imported here.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import holidays
import numpy as np
import pandas as pd

from tests.end_to_end import second_way
from tests.end_to_end.second_way import STAMP, latest, moments, months, read_stream

RULES = ("R_PLAIN", "R_DATE", "R_TRA", "R_766", "R_GL", "R_STRICT")
COUNTS = [
    "received",
    "carried",
    "resolved",
    "early",
    "on_time",
    "late",
    "unexplained",
    "in_due",
    "open_late",
    "undated",
]
_FIRST = np.datetime64("2019-06-03")  # a Monday before every dossier
_OFF = np.array(sorted(holidays.country_holidays("VN", years=range(2019, 2022))), dtype="datetime64[D]")
_DAY = 8 * 3600


def _position(at: pd.Series) -> pd.Series:
    """Working seconds since the first day: 07:00-11:30 and 13:30-17:00 on business days."""
    day = at.fillna(pd.Timestamp("2020-01-01")).dt.normalize().to_numpy().astype("datetime64[D]")
    second = (at - at.dt.normalize()).dt.total_seconds()
    within = (second - 7 * 3600).clip(0, 4.5 * 3600) + (second - 13.5 * 3600).clip(0, 3.5 * 3600)
    before = np.busday_count(_FIRST, day, holidays=_OFF) * _DAY
    return (before + within * np.is_busday(day, holidays=_OFF)).where(at.notna())


def _moment(position: pd.Series) -> pd.Series:
    """The last moment at a position."""
    number, second = position.fillna(0) // _DAY, position.fillna(0) % _DAY
    day = np.busday_offset(_FIRST, number.to_numpy().astype(int), roll="forward", holidays=_OFF)
    hour = second + 7 * 3600 + (second >= 4.5 * 3600) * 2 * 3600
    return (pd.Series(pd.to_datetime(day), index=position.index) + pd.to_timedelta(hour, unit="s")).where(
        position.notna()
    )


@cache
def clocks(exports: Path) -> pd.DataFrame:
    """Each dossier that was received, with its end by the log, its wait and its recomputed due moment."""
    d = second_way.dossiers(exports)
    d = d[~d["status"].isin([1, 3])].copy()
    d["returned"] = moments(d["Ngày trả kết quả"])
    d["requests"] = pd.to_numeric(d["Số lần bổ sung"], errors="coerce").fillna(0)
    d["end"] = pd.to_datetime(d["Mã hồ sơ"].map(_ends(exports))).fillna(d["ended"]).where(d["resolved"])
    asked, supplied = moments(d["Ngày yêu cầu bổ sung"]), moments(d["Ngày tiếp nhận bổ sung"])
    waits = asked.notna() & (d["end"].isna() | (asked < d["end"]))
    d["from"] = pd.concat([asked, d["received"]], axis=1).max(axis=1).where(waits)
    d["until"] = pd.concat([supplied, d["end"]], axis=1).min(axis=1).where(waits)
    d["waiting"] = waits & d["until"].isna()
    d["limit"] = d["Mã TTHC"].str[:8].map(_limits(exports))
    start = _position(d["received"])
    allowed = start + d["limit"] * _DAY
    moves = waits & (_position(d["from"]) < allowed)
    pause = (_position(d["until"]) - _position(d["from"])).clip(lower=0).where(moves, 0)
    d["law"] = _moment(allowed + pause)
    wait = (_position(d["until"]) - _position(d["from"])).clip(lower=0).where(waits, 0)
    d["minutes"] = ((_position(d["end"]) - start - wait).clip(lower=0)) // 60
    return d


def _ends(exports: Path) -> pd.Series:
    """The log's end: done, else returned, else stopped or refused."""
    s = latest(read_stream(exports, "igate/steps"), ["Mã hồ sơ", "Bước"])
    s = s.assign(at=moments(s["Thời điểm xử lý"]), code=s["Trạng thái"].astype(int))
    last = s[s["at"].notna()].groupby(["Mã hồ sơ", "code"])["at"].max().unstack()
    last = last.reindex(columns=[9, 10, 8, 3]).apply(pd.to_datetime)
    return last[9].fillna(last[10]).fillna(last[[8, 3]].max(axis=1))


def _limits(exports: Path) -> dict[str, int]:
    p = read_stream(exports, "reference/procedures")
    assert set(p["Đơn vị thời hạn"]) == {"Ngày làm việc"}  # days of the calendar are the property test's
    return dict(zip(p["Mã TTHC"].str[:8], p["Thời hạn giải quyết"].astype(int), strict=True))


def _classes(d: pd.DataFrame, rule: str) -> pd.Series:
    """Class of each resolved dossier; "" for no class, and for one that is not resolved."""
    law = d["due"].fillna(d["law"])
    ended, due = d["ended"].dt.normalize(), d["due"].dt.normalize()
    undone = d["status"].isin([7, 8])
    out = pd.Series("", index=d.index)

    def judged(early: pd.Series, on_time: pd.Series, known: pd.Series) -> pd.Series:
        return out.mask(known, "late").mask(known & on_time, "on_time").mask(known & early, "early")

    if rule == "R_PLAIN":
        found = judged(ended < due, ended == due, due.notna() & ~undone)
    elif rule == "R_DATE":
        found = judged(ended < due, ended == due, due.notna()).mask(due.isna() | (d["status"] == 7), "on_time")
    elif rule == "R_TRA":
        found = judged(d["returned"] < d["due"], d["returned"] == d["due"], d["due"].notna() & d["returned"].notna())
    elif rule == "R_766":
        found = judged(d["end"] < law, d["end"] == law, law.notna()).mask(d["requests"] > 1, "late")
    elif rule == "R_GL":
        found = judged(d["ended"] <= d["due"], pd.Series(False, index=d.index), d["due"].notna())
    else:
        same = d["end"].dt.normalize() >= d["law"].dt.normalize()
        found = judged((d["end"] <= d["law"]) & ~same, d["end"] <= d["law"], d["law"].notna() & ~undone)
    return found.where(d["resolved"], "")


def _open(d: pd.DataFrame, rule: str, month: pd.Timestamp, known_at: pd.Timestamp) -> pd.Series:
    """What the rule says of each dossier that is open when the month ends: in_due, open_late or undated."""
    after = month + pd.DateOffset(months=1)
    look = min(after, known_at)
    law = d["due"].fillna(d["law"])
    waits = (d["from"] < after) & (d["until"].isna() | (d["until"] >= after))
    by_day, by_moment = d["due"].dt.normalize() + pd.Timedelta(days=1) < look, d["due"] < look
    if rule == "R_PLAIN":
        late, undated = by_day, d["due"].isna()
    elif rule == "R_DATE":
        paused_now = ~d["resolved"] & ~d["waiting"] & d["status"].isin([5, 6, 8])
        late, undated = by_day & ~waits & ~paused_now, pd.Series(False, index=d.index)
    elif rule in ("R_TRA", "R_GL"):
        late, undated = by_moment, d["due"].isna()
    elif rule == "R_766":
        repeated = (d["requests"] > 1) & (law.isna() | (d["from"] < law))
        late = law.mask(repeated, d["from"]) < look
        late &= ~((d["requests"] <= 1) & waits & (d["from"] <= law))
        undated = law.isna() & (d["requests"] <= 1)
    else:
        late, undated = d["law"] < look, d["law"].isna() & ~d["waiting"]
    return pd.Series("in_due", index=d.index).mask(undated, "undated").mask(late, "open_late")


@cache
def resolution(exports: Path) -> pd.DataFrame:
    """Every count of every rule, by rule, agency and month."""
    d = clocks(exports)
    stamps = [STAMP.search(p.name) for p in exports.glob("*/*/*")]
    known_at = max(pd.to_datetime(s.group(1), format="%Y%m%dT%H%M%S") for s in stamps if s)
    come, gone = months(d["received"]), months(d["ended"]).where(d["resolved"])
    frames = []
    for rule in RULES:
        classes = _classes(d, rule).replace("", "unexplained")
        for month in pd.date_range(come.min(), max(come.max(), gone.max()), freq="MS"):
            now, is_open = gone == month, (come <= month) & ~(gone <= month)
            parts = {
                "received": come == month,
                "carried": (come < month) & ~(gone < month),
                "resolved": now,
                **{c: now & (classes == c) for c in ("early", "on_time", "late", "unexplained")},
            }
            state = _open(d, rule, month, known_at)
            parts |= {s: is_open & (state == s) for s in ("in_due", "open_late", "undated")}
            counted = pd.DataFrame(parts).groupby(d["agency"]).sum()
            frames.append(counted.assign(rule=rule, month=month).reset_index())
    return pd.concat(frames).set_index(["agency", "month"])
