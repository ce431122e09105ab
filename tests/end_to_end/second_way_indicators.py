"""Every indicator a second time: pandas, straight from the exports, written from ``docs/indicators.md`` alone.

A monthly indicator is a table of two columns, ``all`` (the denominator) and ``part``, by agency (old code) and month.
Nothing of the pipeline is imported here.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from tests.end_to_end import second_way as base
from tests.end_to_end.second_way import latest, moments, months, read_stream, yes

Monthly = dict[str, pd.DataFrame]
ORDINARY = ["", "Thường"]


def share(frame: pd.DataFrame, month: pd.Series, part: pd.Series) -> pd.DataFrame:
    """Rows and those of them that fulfil ``part``, by agency and month."""
    told = pd.DataFrame({"agency": frame["agency"], "month": month, "all": 1, "part": part.astype(int)})
    return told.groupby(["agency", "month"])[["all", "part"]].sum()


def numbers(column: pd.Series) -> pd.Series:
    """Plain numbers; nothing where there is none."""
    return pd.to_numeric(column.str.replace(",", "."), errors="coerce")


def dossiers(exports: Path) -> pd.DataFrame:
    """Current dossiers with what the list of procedures says of theirs."""
    d = base.dossiers(exports)
    p = read_stream(exports, "reference/procedures")
    p["stem"] = p["Mã TTHC"].str[:8]
    told = pd.DataFrame(
        {
            "stem": p["stem"],
            "list_level": numbers(p["Mức độ DVC"]),
            "list_fee": numbers(p["Phí, lệ phí (đồng)"]),
            "needs_result": yes(p["Có kết quả giấy"]),
            "sector": p["Mã lĩnh vực"],
            "at": p["Cấp thực hiện"],
        }
    )
    d["stem"] = d["Mã TTHC"].str[:8]
    d = d.merge(told, on="stem", how="left")
    d["needs_result"] = d["needs_result"].fillna(True).astype(bool)
    d["level"] = numbers(d["Mức độ DVC"]).fillna(d["list_level"])
    d["fee"] = numbers(d["Phí, lệ phí (đồng)"])
    d["is_received"] = ~d["status"].isin([1, 3])
    d["online"] = d["Kênh thực hiện"] == "2"
    d["paid"] = d["Thanh toán trực tuyến"].isin(["1", "2"])
    d["has_result"] = d["Kết quả điện tử"] != ""
    d["returned"] = moments(d["Ngày trả kết quả"])
    d["supplements"] = numbers(d["Số lần bổ sung"]).fillna(0)
    return d


def of_dossiers(d: pd.DataFrame) -> Monthly:
    """What is counted once, in the month of reception or of the end."""
    r = d[d["is_received"]]
    at = months(r["received"])
    result = ~r["needs_result"] | r["has_result"]

    def received(where: pd.Series, part: pd.Series) -> pd.DataFrame:
        return share(r[where], at[where], part[where])

    everything = pd.Series(True, index=r.index)
    fee = (r["list_fee"].fillna(r["fee"]).fillna(0) > 0) & (r["fee"].fillna(1) > 0)
    e = d[d["resolved"]]
    ended, done = months(e["ended"]), e["status"].isin([9, 10])
    rated = e["Mức độ hài lòng"] != ""
    back = d[d["returned"].notna() & (d["status"] == 10)]
    found = {
        "DOSSIER_ONLINE": received(everything, r["online"]),
        "DOSSIER_POSTAL": received(everything, r["Kênh thực hiện"] == "3"),
        "DOSSIER_ONLINE_SERVICES": received(r["level"].isin([3, 4]), r["online"]),
        "DOSSIER_ONLINE_PARTIAL": received(r["level"] == 3, r["online"]),
        "DOSSIER_ONLINE_FULL": received(r["level"] == 4, r["online"]),
        "DOSSIER_ONLINE_766": received(everything, r["online"] & result),
        "DOSSIER_PAID_ONLINE": received(fee, r["paid"]),
        "DOSSIER_REUSED": received(everything, yes(r["Tái sử dụng dữ liệu"])),
        "DOSSIER_VNEID": received(r["Xác thực VNeID"] != "", yes(r["Xác thực VNeID"])),
        "DOSSIER_DIGITISED": share(
            e[done],
            ended[done],
            (yes(e["Thành phần số hóa"]) & (~e["needs_result"] | e["has_result"]))[done],
        ),
        "RESULT_ELECTRONIC": share(
            e[done & e["needs_result"]], ended[done & e["needs_result"]], e["has_result"][done & e["needs_result"]]
        ),
        "DOSSIER_APOLOGY": share(e[e["late"]], ended[e["late"]], yes(e["Phiếu xin lỗi"])[e["late"]]),
        "DOSSIER_RATED_SATISFIED": share(
            e[rated], ended[rated], e["Mức độ hài lòng"].isin(["RẤT HÀI LÒNG", "HÀI LÒNG"])[rated]
        ),
        "DOSSIER_POSTAL_RETURN": share(back, months(back["returned"]), back["Hình thức trả"] == "1"),
    }
    kinds = {"EARLY": "early", "ON_TIME": "on_time", "LATE": "late", "UNEXPLAINED": "unexplained"}
    return found | {f"DOSSIER_{code}": share(e, ended, e[kind]) for code, kind in kinds.items()}


def synced(d: pd.DataFrame, exports: Path) -> pd.DataFrame:
    """Our dossiers on the portal's list, and the larger of both counts."""
    p = latest(read_stream(exports, "reference/national_portal"), ["Mã hồ sơ"])
    newest = pd.to_datetime(p["_exported"].max(), format="%Y%m%dT%H%M%S")
    ours = d[d["is_received"] & (d["received"] <= newest)].assign(month=lambda x: months(x["received"]), ours=1)
    theirs = pd.DataFrame(
        {
            "Mã hồ sơ": p["Mã hồ sơ"],
            "their_agency": p["Mã đơn vị"],
            "their_month": months(moments(p["Ngày tiếp nhận"]).fillna(moments(p["Ngày đồng bộ"]))),
            "theirs": 1,
        }
    )
    both = ours[["Mã hồ sơ", "agency", "month", "ours"]].merge(theirs, on="Mã hồ sơ", how="outer")
    both["agency"], both["month"] = (
        both["agency"].fillna(both["their_agency"]),
        both["month"].fillna(both["their_month"]),
    )
    both[["ours", "theirs"]] = both[["ours", "theirs"]].fillna(0).astype(int)
    both["part"] = both["ours"] * both["theirs"]
    summed = both.groupby(["agency", "month"])[["ours", "theirs", "part"]].sum()
    summed["all"] = summed[["ours", "theirs"]].max(axis=1)
    return summed[["all", "part"]]


def of_procedures(d: pd.DataFrame, exports: Path, *, period: str) -> Monthly:
    """Procedures of each agency: of its level, in the sectors of which it ever received a dossier; by M, Q or Y."""
    p = read_stream(exports, "reference/procedures")
    p["stem"] = p["Mã TTHC"].str[:8]
    p["is_online"] = numbers(p["Mức độ DVC"]) >= 3
    p["has_fee"] = numbers(p["Phí, lệ phí (đồng)"]) > 0
    a = read_stream(exports, "reference/agencies")
    level_of = dict(zip(a["Mã định danh cũ"], a["Cấp"], strict=True))
    r = d[d["is_received"]].assign(month=lambda x: x["received"].dt.to_period(period).dt.to_timestamp())
    rows = []
    for agency, handled in r.groupby("agency"):
        own = p[(p["Cấp thực hiện"] == level_of[str(agency)]) & p["Mã lĩnh vực"].isin(set(handled["sector"]))]
        on_line, with_fee = set(own["stem"][own["is_online"]]), set(own["stem"][own["has_fee"]])
        for month, of_month in handled.groupby("month"):
            used = len(on_line & set(of_month["stem"][of_month["online"]]))
            paid = len(with_fee & set(of_month["stem"][of_month["paid"]]))
            told = len(with_fee & set(of_month["stem"][of_month["fee"] > 0]))
            rows.append((agency, month, len(own), len(on_line), used, len(with_fee), paid, told))
    f = pd.DataFrame(rows, columns=["agency", "month", "own", "online", "used", "fee", "paid", "told"])
    f = f.set_index(["agency", "month"])
    pairs = {
        "PROCEDURE_ONLINE": ["own", "online"],
        "PROCEDURE_ONLINE_USED": ["online", "used"],
        "PROCEDURE_PAID_ONLINE": ["fee", "paid"],
        "PROCEDURE_FEE_INTEGRATED": ["fee", "told"],
    }
    return {code: f[pair].set_axis(["all", "part"], axis=1) for code, pair in pairs.items()}


def of_documents(exports: Path) -> Monthly:
    """Registers and work files; secret ones are left out."""
    o = latest(read_stream(exports, "idesk/outgoing"), ["Mã đơn vị", "Năm", "Số, ký hiệu"])
    o = o[o["Độ mật"].isin(ORDINARY)].rename(columns={"Mã đơn vị": "agency"})
    issued = months(moments(o["Ngày tháng văn bản"] if "Ngày tháng văn bản" in o else o["Ngày tháng"]))
    sent, person, seal = yes(o["Gửi điện tử"]), yes(o["Ký số cá nhân"]), yes(o["Ký số cơ quan"])
    paper = numbers(o["Số bản giấy"]).fillna(0) > 0
    i = latest(read_stream(exports, "idesk/incoming"), ["Mã đơn vị", "Năm", "Số đến"])
    newest = pd.to_datetime(i["_exported"].max(), format="%Y%m%dT%H%M%S").normalize()
    i = i[i["Độ mật"].isin(ORDINARY)].rename(columns={"Mã đơn vị": "agency"})
    arrived, entered = moments(i["Ngày đến"]), moments(i["Thời điểm vào sổ"])
    due, closed = moments(i["Hạn giải quyết"]), moments(i["Thời điểm hoàn thành"])
    action, fell_due = yes(i["Cần xử lý"]), due < newest
    handled = (i["Thời điểm phân công"] != "") & closed.notna() & yes(i["Xử lý trên hệ thống"])
    w = latest(read_stream(exports, "idesk/work_files"), ["Mã đơn vị", "Mã hồ sơ công việc"])
    w = w[w["Độ mật"].isin(ORDINARY)].rename(columns={"Mã đơn vị": "agency"})
    n = {c: numbers(w[c]) for c in w.columns if c.startswith("Số ")}
    whole = (n["Số bước"] == n["Số bước trên hệ thống"]) & (n["Số văn bản"] == n["Số văn bản trên hệ thống"])
    whole &= n["Số bước"] + n["Số văn bản"] > 0
    over, planned = w["Ngày kết thúc"] != "", yes(w["Thuộc danh mục hồ sơ"])
    opened, ended = months(moments(w["Ngày mở"])), months(moments(w["Ngày kết thúc"]))
    return {
        "DOC_OUTGOING_ELECTRONIC": share(o, issued, sent & person & seal & ~paper),
        "DOC_SIGNED_PERSON": share(o[sent], issued[sent], person[sent]),
        "DOC_SIGNED_AGENCY": share(o[sent], issued[sent], seal[sent]),
        "DOC_SIGNED_BOTH": share(o[sent], issued[sent], (person & seal)[sent]),
        "DOC_INCOMING_SAME_DAY": share(
            i[entered.notna()], months(arrived)[entered.notna()], (entered.dt.normalize() == arrived)[entered.notna()]
        ),
        "DOC_INCOMING_ON_TIME": share(i[fell_due], months(due)[fell_due], (closed.dt.normalize() <= due)[fell_due]),
        "WORK_FILE_A": share(w[over], ended[over], whole[over]),
        "WORK_FILE_B": share(w[planned], opened[planned], yes(w["Lập trên hệ thống"])[planned]),
        "WORK_FILE_C": share(i[action], months(arrived)[action], handled[action]),
    }


def of_reference(exports: Path) -> dict[str, dict[tuple[str, pd.Timestamp], float]]:
    """Figures that are given: by agency and first day of the period."""
    survey = latest(read_stream(exports, "reference/survey"), ["Mã đơn vị", "Năm"])
    par = latest(read_stream(exports, "reference/par_index"), ["Mã đơn vị", "Năm"])
    initiatives = latest(read_stream(exports, "reference/initiatives"), ["Mã sáng kiến"])
    posts = latest(read_stream(exports, "reference/website_posts"), ["Mã đơn vị", "Tháng"])

    def by_year(f: pd.DataFrame, value: pd.Series) -> dict[tuple[str, pd.Timestamp], float]:
        years = pd.to_datetime(f["Năm"], format="%Y")
        return dict(zip(zip(f["Mã đơn vị"], years, strict=True), value, strict=True))

    recognised = months(pd.to_datetime(initiatives["Ngày công nhận"], format="%d/%m/%Y"))
    at = pd.to_datetime(posts["Tháng"], format="%m/%Y")
    return {
        "SURVEY_SATISFACTION": by_year(survey, numbers(survey["Tỷ lệ hài lòng (%)"]) / 100),
        "PAR_SCORE": by_year(par, numbers(par["Điểm"])),
        "PAR_RANK": by_year(par, numbers(par["Xếp hạng"])),
        "WEBSITE_POSTS": dict(zip(zip(posts["Mã đơn vị"], at, strict=True), numbers(posts["Số tin bài"]), strict=True)),
        "PAR_INITIATIVES": initiatives.groupby(["Mã đơn vị", recognised.rename("month")]).size().to_dict(),
    }
