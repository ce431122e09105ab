"""The totals a second time: pandas, straight from the exports, written from the docs alone.

Nothing of the pipeline is imported here.
"""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

STAMP = re.compile(r"(?:all|\d{6}|\d{8})_(\d{8}T\d{6})")
DATE_TIMES = "%d/%m/%Y %H:%M:%S"


def read_stream(exports: Path, stream: str) -> pd.DataFrame:
    """All files of a stream as text, with the export stamp, oldest first."""
    frames = []
    for path in sorted((exports / stream).iterdir()):
        frame = _read(path)
        stamp = STAMP.search(path.name)
        assert stamp is not None
        frame["_exported"] = stamp.group(1)
        frame["_order"] = range(len(frame))
        frames.append(frame)
    return pd.concat(frames, ignore_index=True).sort_values(["_exported", "_order"], kind="stable")


def _read(path: Path) -> pd.DataFrame:
    if path.suffix == ".xlsx":
        return pd.read_excel(path, dtype=str, engine="calamine", keep_default_na=False)
    return pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")


def latest(frame: pd.DataFrame, key: list[str]) -> pd.DataFrame:
    """The last exported version of every key."""
    return frame.drop_duplicates(key, keep="last")


def moments(column: pd.Series) -> pd.Series:
    """Dates and times as written in the exports; nothing where there is none."""
    text = column.replace("", None)
    read = pd.to_datetime(text, format=DATE_TIMES, errors="coerce")
    for other in ("%d/%m/%Y", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d", "%d/%m/%Y %H:%M"):
        read = read.fillna(pd.to_datetime(text, format=other, errors="coerce"))
    assert read.isna().sum() == text.isna().sum(), "a date the second way cannot read"
    return read


def yes(column: pd.Series) -> pd.Series:
    """Ticks as the exports write them."""
    return column.str.strip().str.lower().isin(["1", "x", "có", "true"])


def months(column: pd.Series) -> pd.Series:
    """First day of the month."""
    return column.dt.to_period("M").dt.to_timestamp()


def dossiers(exports: Path) -> pd.DataFrame:
    """Current version of each dossier, with its class by plain comparison of dates."""
    d = latest(read_stream(exports, "igate/dossiers"), ["Mã hồ sơ"]).copy()
    d["agency"] = d["Mã đơn vị xử lý"]
    d["received"], d["due"], d["ended"] = (
        moments(d[c]) for c in ("Ngày tiếp nhận", "Ngày hẹn trả", "Ngày kết thúc xử lý")
    )
    d["status"] = d["Trạng thái hồ sơ"].astype(int)
    d["resolved"] = d["ended"].notna() & d["status"].isin([7, 8, 9, 10])
    due, ended = d["due"].dt.normalize(), d["ended"].dt.normalize()
    plain = ~d["status"].isin([7, 8]) & d["due"].notna()
    d["early"] = d["resolved"] & plain & (ended < due)
    d["on_time"] = d["resolved"] & plain & (ended == due)
    d["late"] = d["resolved"] & plain & (ended > due)
    d["unexplained"] = d["resolved"] & ~plain
    return d


def resolution(exports: Path) -> pd.DataFrame:
    """Counts by agency and month of the end."""
    d = dossiers(exports)
    d = d[d["resolved"]].assign(month=lambda x: months(x["ended"]))
    kinds = ["resolved", "early", "on_time", "late", "unexplained"]
    return d.groupby(["agency", "month"])[kinds].sum()


def channels(exports: Path) -> pd.DataFrame:
    """Received dossiers by agency and month, of them on line and by post."""
    d = dossiers(exports)
    d = d[d["received"].notna() & ~d["status"].isin([1, 3])].assign(month=lambda x: months(x["received"]))
    d["online"], d["postal"] = d["Kênh thực hiện"] == "2", d["Kênh thực hiện"] == "3"
    d["all"] = True
    return d.groupby(["agency", "month"])[["all", "online", "postal"]].sum()


def outgoing(exports: Path) -> pd.DataFrame:
    """Outgoing documents that are not secret, and those electronic through and through."""
    o = latest(read_stream(exports, "idesk/outgoing"), ["Mã đơn vị", "Năm", "Số, ký hiệu"]).copy()
    o = o[o["Độ mật"].isin(["", "Thường"])]
    o["month"] = months(moments(o["Ngày tháng"] if "Ngày tháng" in o else o["Ngày tháng văn bản"]))
    paper = pd.to_numeric(o["Số bản giấy"], errors="coerce").fillna(0)
    o["electronic"] = yes(o["Ký số cá nhân"]) & yes(o["Ký số cơ quan"]) & yes(o["Gửi điện tử"]) & (paper == 0)
    o["all"] = True
    return o.rename(columns={"Mã đơn vị": "agency"}).groupby(["agency", "month"])[["all", "electronic"]].sum()


def work_files_a(exports: Path) -> pd.DataFrame:
    """Closed work files by month of closing, and those wholly on line (definition A)."""
    w = latest(read_stream(exports, "idesk/work_files"), ["Mã đơn vị", "Mã hồ sơ công việc"]).copy()
    w = w[w["Độ mật"].isin(["", "Thường"]) & (w["Ngày kết thúc"] != "")]
    w["month"] = months(moments(w["Ngày kết thúc"]))
    n = {c: pd.to_numeric(w[c], errors="coerce") for c in w.columns if c.startswith("Số ")}
    w["online"] = (n["Số bước trên hệ thống"] == n["Số bước"]) & (n["Số văn bản trên hệ thống"] == n["Số văn bản"])
    w["all"] = True
    return w.rename(columns={"Mã đơn vị": "agency"}).groupby(["agency", "month"])[["all", "online"]].sum()


def work_files_b(exports: Path) -> pd.DataFrame:
    """Planned work files by month of opening, and those opened in the system (definition B)."""
    w = latest(read_stream(exports, "idesk/work_files"), ["Mã đơn vị", "Mã hồ sơ công việc"]).copy()
    w = w[w["Độ mật"].isin(["", "Thường"]) & yes(w["Thuộc danh mục hồ sơ"])]
    w["month"] = months(moments(w["Ngày mở"]))
    w["online"] = yes(w["Lập trên hệ thống"])
    w["all"] = True
    return w.rename(columns={"Mã đơn vị": "agency"}).groupby(["agency", "month"])[["all", "online"]].sum()


def work_files_c(exports: Path) -> pd.DataFrame:
    """Incoming documents that need action, and those assigned, handled and closed in the system (C)."""
    i = latest(read_stream(exports, "idesk/incoming"), ["Mã đơn vị", "Năm", "Số đến"]).copy()
    i = i[i["Độ mật"].isin(["", "Thường"]) & yes(i["Cần xử lý"])]
    i["month"] = months(moments(i["Ngày đến"]))
    i["online"] = (i["Thời điểm phân công"] != "") & (i["Thời điểm hoàn thành"] != "") & yes(i["Xử lý trên hệ thống"])
    i["all"] = True
    return i.rename(columns={"Mã đơn vị": "agency"}).groupby(["agency", "month"])[["all", "online"]].sum()


LOGIN = re.compile(
    r"^(?P<at>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d),\d{3} .*?"
    r"\[(?P<context>[^\]]*)\] security - cmd=Auth; account=(?P<account>[^;]+);"
)
SENDER = re.compile(r"^(?P<at>\w{3} +\d+) \S+ \S+ postfix/\w+\[\d+\]: \w+: client=.*sasl_username=(?P<account>\S+)")


def mail_active(exports: Path) -> pd.DataFrame:
    """Active mailboxes of staff on post, and those that logged in or sent in the month."""
    staff = read_stream(exports, "reference/staff")
    agency_of = dict(zip(staff["Thư điện tử công vụ"].str.lower(), staff["Mã đơn vị"], strict=True))
    accounts = _accounts(exports)
    accounts = accounts[(accounts["status"] == "active") & accounts["account"].isin(agency_of)]
    used = _logins(exports) | _senders(exports)
    accounts["agency"] = accounts["account"].map(agency_of)
    accounts["active"] = [(a, m) in used for a, m in zip(accounts["account"], accounts["month"], strict=True)]
    accounts["all"] = True
    return accounts.groupby(["agency", "month"])[["all", "active"]].sum()


def _accounts(exports: Path) -> pd.DataFrame:
    rows = []
    for path in sorted((exports / "mail/accounts").iterdir()):
        month = pd.Timestamp(re.search(r"(\d{6})_\d{8}T", path.name).group(1) + "01")  # type: ignore[union-attr]
        for line in path.read_text(encoding="utf-8").splitlines():
            fields = line.split()
            if len(fields) > 1 and "@" in fields[0]:
                rows.append((fields[0].lower(), fields[1], month))
    return pd.DataFrame(rows, columns=["account", "status", "month"])


def _logins(exports: Path) -> set[tuple[str, pd.Timestamp]]:
    used = set()
    for path in sorted((exports / "mail/zimbra_audit").iterdir()):
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
            found = LOGIN.match(line)
            if found is None or "error=" in line or "oproto=smtp" in found["context"]:
                continue
            used.add((found["account"].lower(), pd.Timestamp(found["at"][:7] + "-01")))
    return used


def _senders(exports: Path) -> set[tuple[str, pd.Timestamp]]:
    used = set()
    for path in sorted((exports / "mail/postfix").iterdir()):
        year = re.search(r"_?(\d{4})\d{2,4}_\d{8}T", path.name).group(1)  # type: ignore[union-attr]
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
            found = SENDER.match(line)
            if found is not None:
                at = pd.to_datetime(f"{year} {found['at']}", format="%Y %b %d")
                used.add((found["account"].lower(), at.replace(day=1)))
    return used
