"""It lives: office hours, holidays, the wave, adoption, backlogs, corrections."""

from __future__ import annotations

import re
from datetime import date
from functools import cache

import pandas as pd

from tests.end_to_end.second_way import latest, moments, read_stream
from tests.simulate.provinces import clean, made

HOLIDAYS = {"2020-01-23", "2020-01-27", "2020-04-30", "2020-09-02", "2021-02-10", "2021-02-16", "2021-04-21"}


@cache
def _versions() -> pd.DataFrame:
    d = read_stream(clean().directory, "igate/dossiers")
    for name, label in (
        ("submitted", "Ngày nộp hồ sơ"),
        ("received", "Ngày tiếp nhận"),
        ("due", "Ngày hẹn trả"),
        ("ended", "Ngày kết thúc xử lý"),
    ):
        d[name] = moments(d[label])
    d["online"] = d["Kênh thực hiện"] == "2"
    return d


def _last() -> pd.DataFrame:
    return latest(_versions(), ["Mã hồ sơ"])


def test_counters_are_shut_at_weekends_and_on_holidays() -> None:
    d = _last()
    off = (d["submitted"].dt.dayofweek >= 5) | d["submitted"].dt.strftime("%Y-%m-%d").isin(HOLIDAYS)
    assert off.sum() > 200
    assert d.loc[off, "online"].all()
    counter = d[~d["online"]]
    hours = counter["submitted"].dt.hour + counter["submitted"].dt.minute / 60
    assert hours.between(7, 17.01).all()
    assert not hours.between(11.51, 13.49).any()
    received_off = (d["received"].dt.dayofweek >= 5) | d["received"].dt.strftime("%Y-%m-%d").isin(HOLIDAYS)
    assert received_off.mean() < 0.002, "only those whose reception was re-keyed to another day"


def test_filing_on_line_grows_and_differs_by_agency() -> None:
    d = _last()
    d = d[(d["Mã đơn vị xử lý"] != "000.00.07.H15") & d["Mức độ DVC"].isin(["3", "4"])]
    by_quarter = d.groupby(d["submitted"].dt.to_period("Q"))["online"].mean()
    assert by_quarter["2021Q1"] > by_quarter["2020Q1"] + 0.1
    by_agency = d.groupby("Mã đơn vị xử lý")["online"].agg(["mean", "size"])
    shares = by_agency[by_agency["size"] >= 100]["mean"]
    assert shares.max() - shares.min() > 0.2


def test_corrections_arrive_in_a_later_export() -> None:
    d = _versions()
    closed = d[d["ended"].notna()].groupby("Mã hồ sơ")
    changed = (closed["ended"].nunique() > 1) | (closed["due"].nunique() > 1)
    told = [p for p in clean().truth["planted"] if p["kind"] == "changed_after_close"]
    assert 0.004 < changed.mean() < 0.02
    assert len(told) == changed.sum()


def test_dossiers_stay_open_and_wait_for_supplements() -> None:
    d = _last()
    assert 0.01 < d["ended"].isna().mean() < 0.2
    assert (d["Số lần bổ sung"].astype(int) > 0).sum() > 300
    assert (_versions()["Trạng thái hồ sơ"] == "5").any()


def test_backlogs_pile_up_at_an_agency_for_a_month() -> None:
    d = _last()
    d = d[d["ended"].notna() & d["due"].notna() & (d["Mã đơn vị xử lý"] != "000.00.07.H15")]
    d = d.assign(late=d["ended"].dt.normalize() > d["due"].dt.normalize(), month=d["submitted"].dt.to_period("M"))
    cells = d.groupby(["Mã đơn vị xử lý", "month"])["late"].agg(["mean", "size"])
    shares = cells[cells["size"] >= 20]["mean"]
    assert 0.03 < shares.median() < 0.12
    assert 0.01 < (shares > 0.25).mean() < 0.12


def test_tet_is_slow() -> None:
    per_day = _last()["received"].dt.normalize().value_counts().sort_index()
    eve, usual = per_day["2021-02-01":"2021-02-09"], per_day["2021-03-01":"2021-03-31"]  # type: ignore[misc]
    assert eve.median() < 0.75 * usual.median()


def test_the_wave_of_2021_empties_counters_and_moves_people_on_line() -> None:
    summer = made(scale=0.03, dirt=0.0, start=date(2021, 5, 1), months=5)
    d = latest(read_stream(summer.directory, "igate/dossiers"), ["Mã hồ sơ"])
    month = moments(d["Ngày nộp hồ sơ"]).dt.month
    counts, online = month.value_counts(), (d["Kênh thực hiện"] == "2").groupby(month).mean()
    assert counts[8] < 0.5 * counts[6]
    assert online[8] > online[6] + 0.03


def test_some_agencies_hardly_use_mail() -> None:
    text = "".join(p.read_text(encoding="utf-8") for p in clean().files("mail/zimbra_audit"))
    used = pd.Series(re.findall(r"security - cmd=Auth; account=(canbo\d{3})", text)).value_counts()
    staff = read_stream(clean().directory, "reference/staff")
    per_head = used / staff["Thư điện tử công vụ"].str.slice(0, 8).value_counts()
    per_head = per_head.fillna(0.0)
    assert ((per_head < 0.2 * per_head.median()).mean()) > 0.08


def test_people_hand_the_same_matter_in_twice() -> None:
    d = _last()
    twice = d.duplicated(["Số giấy tờ chủ hồ sơ", "Mã TTHC"], keep=False)
    assert 10 < twice.sum() < 0.02 * len(d)
