"""What was open when a month ended, and the lines of the 766 index that take open and ended ones together.

Classes and open ones are those of ``second_way_clock``. Nothing of the pipeline is imported here.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from tests.end_to_end import second_way_clock as clock
from tests.end_to_end.second_way import moments, months
from tests.end_to_end.second_way_indicators import Monthly, share


def open_ones(d: pd.DataFrame, exports: Path) -> tuple[Monthly, Monthly]:
    """Month after month, what was open at its end; and what ended in it (of the lines that take both)."""
    told = clock.resolution(exports)
    plain, index = (told[told["rule"] == rule].sort_index() for rule in ("R_PLAIN", "R_766"))
    d = d[d["is_received"]]
    displeased = d[d["resolved"] & (d["Mức độ hài lòng"] == "KHÔNG HÀI LÒNG")]
    displeased = displeased.groupby(["agency", months(displeased["ended"]).rename("month")]).size()
    good = index["early"] + index["on_time"]
    flows = {
        "DOSSIER_HANDLED_766": good,
        "DOSSIER_SATISFACTION_766": good - displeased.reindex(good.index, fill_value=0),
    }
    stocks = {
        "DOSSIER_OPEN_IN_TIME": (plain, plain["in_due"]),
        "DOSSIER_OPEN_LATE": (plain, plain["open_late"]),
        "DOSSIER_OPEN_DUE_24H": (plain, _due_soon(d).reindex(plain.index, fill_value=0)),
        "DOSSIER_HANDLED_766": (index, index["in_due"]),
        "DOSSIER_SATISFACTION_766": (index, index["in_due"]),
    }
    kinds = ["in_due", "open_late", "undated"]
    return (
        {c: pd.DataFrame({"all": t[kinds].sum(axis=1), "part": part}) for c, (t, part) in stocks.items()},
        {c: pd.DataFrame({"all": index["resolved"], "part": part}) for c, part in flows.items()},
    )


def _due_soon(d: pd.DataFrame) -> pd.Series:
    """Open when a month ended, and due within the 24 hours that followed."""
    ended = months(d["ended"].where(d["resolved"]))
    found = []
    for month in pd.date_range(months(d["received"]).min(), months(d["received"]).max(), freq="MS"):
        until = month + pd.offsets.MonthBegin(1)
        is_open = (d["received"] < until) & (ended.isna() | (ended > month))
        soon = is_open & (d["due"] >= until) & (d["due"] < until + pd.Timedelta(hours=24))
        found.append(d[soon].assign(month=month).groupby(["agency", "month"]).size())
    return pd.concat(found)


def late_reception(d: pd.DataFrame) -> pd.DataFrame:
    """On-line dossiers, and those received more than 8 working hours after they were handed in."""
    r = d[d["is_received"] & d["online"]]
    minutes = (clock._position(r["received"]) - clock._position(moments(r["Ngày nộp hồ sơ"]))) // 60
    return share(r, months(r["received"]), minutes > 480)
