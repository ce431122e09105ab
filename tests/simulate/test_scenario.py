"""The planted inspection of the department of education, counted straight from the clean exports."""

from __future__ import annotations

import pandas as pd

from tests.end_to_end.second_way import dossiers
from tests.simulate.provinces import clean


def test_the_article_s_figures() -> None:
    d = dossiers(clean().directory)
    d = d[(d["agency"] == "000.00.07.H15") & d["resolved"]]
    assert d["ended"].min() >= pd.Timestamp("2020-01-01")
    assert d["ended"].max() < pd.Timestamp("2021-05-01")
    due, ended = d["due"].dt.normalize(), d["ended"].dt.normalize()
    taken = d["status"].isin([9, 10]) & due.notna()
    early, on_time, late = (taken & test for test in (ended < due, ended == due, ended > due))
    assert [len(d), int(early.sum()), int(on_time.sum()), int(late.sum())] == [1887, 1143, 738, 3]
    rest = d[~(early | on_time | late)]
    assert sorted(zip(rest["status"], rest["due"].isna(), strict=True)) == [(7, False), (8, False), (10, True)]


def test_it_is_told_as_planted() -> None:
    scenario = clean().truth["scenario"]
    assert "on purpose" in scenario["planted"]
    assert scenario["agency_code"] == "H15.07"
    assert [scenario[k] for k in ("resolved", "early", "on_time", "late")] == [1887, 1143, 738, 3]
    assert scenario["unexplained"] == {"no_due_date": 1, "withdrawn": 1, "stopped": 1}
