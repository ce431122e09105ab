"""Officials at work a second time: staff on post, those with activity, and what of it may be shown.

Nothing of the pipeline is imported here.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from tests.end_to_end import second_way as base
from tests.end_to_end.second_way import moments, months, read_stream
from tests.end_to_end.second_way_indicators import ORDINARY, Monthly

_FEWEST = 5


def officials(exports: Path) -> Monthly:
    """Staff on post and those with activity, before anything is hidden; ``told`` are the people a system names."""
    s = read_stream(exports, "reference/staff")
    s = s[s["_exported"] == s["_exported"].max()].copy()
    s["from"] = moments(s["Công tác từ"]).fillna(pd.Timestamp("1900-01-01"))
    s["to"] = moments(s["Công tác đến"]).fillna(pd.Timestamp("2999-12-31"))
    s["mail"] = s["Thư điện tử công vụ"].str.lower()
    steps = read_stream(exports, "igate/steps")
    steps = steps[steps["Thời điểm xử lý"] != ""]
    parts = [(steps["Mã hồ sơ"].str.split("-").str[0], steps["Người xử lý"], moments(steps["Thời điểm xử lý"]))]
    igate = _people(parts)
    parts = []
    for stream, person, moment in (
        ("work_files", "Người lập", "Ngày mở"),
        ("outgoing", "Người ký", "Ngày tháng văn bản"),
        ("incoming", "Đơn vị hoặc người nhận", "Thời điểm phân công"),
    ):
        f = read_stream(exports, f"idesk/{stream}")
        f = f[f["Độ mật"].isin(ORDINARY) & (f[moment] != "")]
        parts.append((f["Mã đơn vị"], f[person], moments(f[moment])))
    idesk = _people(parts)
    mail = base._logins(exports) | base._senders(exports)
    return {
        "STAFF_IGATE": _on_post(s, igate, "Họ và tên"),
        "STAFF_IDESK": _on_post(s, idesk, "Họ và tên"),
        "STAFF_MAIL": _on_post(s, {(None, account, month) for account, month in mail}, "mail"),
    }


def _people(parts: list[tuple[pd.Series, pd.Series, pd.Series]]) -> set[tuple[str | None, str, pd.Timestamp]]:
    return {key for agency, person, at in parts for key in zip(agency, person, months(at), strict=True)}


def _on_post(s: pd.DataFrame, used: set[tuple[str | None, str, pd.Timestamp]], who: str) -> pd.DataFrame:
    rows = []
    by_person = all(agency is not None for agency, _, _ in used)
    for month in sorted({m for _, _, m in used}):
        there = s[(s["from"] < month + pd.offsets.MonthBegin(1)) & (s["to"] >= month)]
        for agency, staff in there.groupby("Mã đơn vị"):
            active = {p for p in staff[who] if (agency if by_person else None, p, month) in used}
            told = sum(1 for a, p, m in used if (a, m) == (agency, month)) if by_person else 0
            rows.append((agency, month, len(staff), len(active), told))
    found = pd.DataFrame(rows, columns=["agency", "month", "all", "part", "told"])
    return found.set_index(["agency", "month"])


def shown_of(officials_of_one: pd.DataFrame) -> dict[tuple[str, pd.Timestamp], str]:
    """What a reader may see of each agency and month: ``part/all``, or why nothing."""
    shown = {}
    for (agency, month), row in officials_of_one.iterrows():  # type: ignore[misc]
        if row["all"] < _FEWEST:
            text = "small_group"
        elif row["told"] > 0 and row["part"] == 0:
            text = "no_person_match"
        elif _is_small(row["all"], row["part"]):
            text = "small_group"
        else:
            text = f"{row['part']}/{row['all']}"
        shown[agency, month] = text
    return shown


def _is_small(whole: int, part: int) -> bool:
    return whole < _FEWEST or 0 < part < _FEWEST or 0 < whole - part < _FEWEST


def small_in_mail(mailboxes: pd.DataFrame, staff: pd.DataFrame) -> set[tuple[str, pd.Timestamp]]:
    """Agencies and months of which neither mailboxes nor staff may be shown: they are the same people."""
    both = mailboxes.join(staff.rename(columns={"all": "staff", "part": "active_staff"})[["staff", "active_staff"]])
    return {
        key
        for key, m in both.iterrows()
        if _is_small(m["all"], m["active"])
        or _is_small(m["staff"], m["active_staff"])
        or 0 < abs(m["active"] - m["active_staff"]) < _FEWEST
    }
