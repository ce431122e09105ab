"""The twenty questions of ``docs/queries``: each is answered, the page shows it, and the answers hold otherwise too.

The second way is pandas on the facts, an identity, or another mart that counts the same by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache

import pandas as pd
import pytest

from pipelines.client import Marts
from pipelines.flows import query_examples
from pipelines.flows.query_examples import PAGE, Question, page, questions
from tests.end_to_end.provinces import MONTHS, SCALE, province

ASKED = {q.name.split("-", 1)[1]: q for q in questions()}


@pytest.fixture(scope="module")
def marts() -> Iterator[Marts]:
    with Marts(province(query_examples.SEED, query_examples.DIRT).settings.home) as opened:
        yield opened


@pytest.fixture
def fact(marts: Marts) -> Callable[[str], pd.DataFrame]:
    return cache(marts.pandas)


def _answer(marts: Marts, name: str) -> pd.DataFrame:
    return marts.pandas(ASKED[name].sql)


def test_there_are_twenty_in_both_languages() -> None:
    assert len(ASKED) == 20
    assert [q.name for q in ASKED.values() if q.vi == q.en] == []


def test_the_page_is_in_step(marts: Marts) -> None:
    """``python -m pipelines.flows.query_examples`` renews it."""
    assert (query_examples.MONTHS, query_examples.SCALE) == (MONTHS, SCALE)
    assert PAGE.read_text(encoding="utf-8") == page(marts)


@pytest.mark.parametrize("question", ASKED.values(), ids=list(ASKED))
def test_each_is_answered_always_in_the_same_order(marts: Marts, question: Question) -> None:
    first = marts.sql(question.sql).fetchall()
    assert first
    assert marts.sql(question.sql).fetchall() == first


def test_on_time_by_rule(marts: Marts, fact: Callable[[str], pd.DataFrame]) -> None:
    dossiers = fact("fct_dossier")
    for row in _answer(marts, "on-time-by-rule").to_dict("records"):
        classes = dossiers[f"class_{row['rule_code'].lower()}"].dropna().value_counts()
        early, on_time, late = (classes.get(c, 0) for c in ("early", "on_time", "late"))
        assert (row["early"], row["on_time"], row["late"]) == (early, on_time, late)
        assert row["unexplained"] == dossiers["is_resolved"].sum() - early - on_time - late
        assert row["timely_share"] == round((early + on_time) / classes.sum(), 4)


def test_remainder_by_cause(marts: Marts, fact: Callable[[str], pd.DataFrame]) -> None:
    dossiers = fact("fct_dossier")
    causes = pd.crosstab(dossiers["agency_code"], dossiers["class_r_plain"])[["no_due_date", "withdrawn", "stopped"]]
    causes = causes[causes.sum(axis=1) > 0]
    found = _answer(marts, "remainder-by-cause").set_index("agency_code")
    assert set(found.index) == set(causes.index)
    assert (found[list(causes.columns)].loc[causes.index] == causes).all(axis=None)
    assert (found["unexplained"] == found[list(causes.columns)].sum(axis=1)).all()


def test_online_share_and_target(marts: Marts, fact: Callable[[str], pd.DataFrame]) -> None:
    dossiers = fact("fct_dossier")
    for row in _answer(marts, "online-share-and-target").to_dict("records"):
        received = dossiers[dossiers["is_received"] & (dossiers["received_month"] == row["month"])]
        assert (row["online"], row["received"]) == ((received["channel"] == 2).sum(), len(received))
        assert row["gap"] == pytest.approx(row["target"] - row["online"] / row["received"], abs=1e-4)


def test_ranking_of_communes(marts: Marts, fact: Callable[[str], pd.DataFrame]) -> None:
    agencies, received = fact("dim_agency"), fact("fct_dossier").query("is_received")
    received = received[received["agency_code"].isin(agencies[agencies["level"] == "commune"]["agency_code"])]
    counted = received.assign(online=received["channel"] == 2).groupby("agency_code")["online"].agg(["sum", "count"])
    counted = counted[counted["count"] >= 5]
    places = (counted["sum"] / counted["count"]).rank(method="min", ascending=False)
    found = _answer(marts, "ranking-of-communes").set_index("agency_code")
    assert dict(found["place"]) == dict(places)
    assert dict(found["online"]) == dict(counted["sum"])


def test_trend(marts: Marts, fact: Callable[[str], pd.DataFrame]) -> None:
    received = fact("fct_dossier").query("is_received")
    share = received.assign(online=received["channel"] == 2).groupby("received_month")["online"].mean()
    found = _answer(marts, "trend").set_index("month")
    assert dict(found["share"]) == dict(share.round(4))
    assert found["change"].dropna().tolist() == pytest.approx(share.diff().dropna().tolist(), abs=1e-4)


def test_mail_use_hides_groups_and_counts_them(marts: Marts, fact: Callable[[str], pd.DataFrame]) -> None:
    months = fact("fct_mailbox_month")
    newest = months[months["month"] == months["month"].max()]
    found = _answer(marts, "mail-use")
    assert found["agencies"].sum() == len(newest)
    assert found["hidden_agencies"].sum() == newest["active_count"].isna().sum()
    assert found["active"].sum() == newest["active_count"].sum()
    assert found["mailboxes_shown"].sum() == newest.loc[newest["active_count"].notna(), "account_count"].sum()
    assert newest.loc[newest["active_count"].notna(), "account_count"].min() >= 5


def _sums(marts: Marts, indicator: str) -> tuple[int, int]:
    (sums,) = marts.sql(
        "select sum(numerator), sum(denominator) from rpt_indicator "
        "where indicator_code = $1 and period_type = 'month'",
        [indicator],
    ).fetchall()
    return sums


def test_electronic_documents(marts: Marts) -> None:
    found = _answer(marts, "electronic-documents")
    assert (found["wholly"].sum(), found["outgoing"].sum()) == _sums(marts, "DOC_OUTGOING_ELECTRONIC")
    assert (found["signed_by_person"].sum(), found["electronic"].sum()) == _sums(marts, "DOC_SIGNED_PERSON")
    assert (found["signed_by_agency"].sum(), found["electronic"].sum()) == _sums(marts, "DOC_SIGNED_AGENCY")


def test_work_files(marts: Marts, fact: Callable[[str], pd.DataFrame]) -> None:
    files = fact("fct_work_file").query("not is_secret")
    closed, planned = files[files["closed_on"].notna()], files[files["is_planned"]]
    incoming = fact("fct_document").query("direction == 'incoming' and not is_secret and needs_action")
    counted = {
        "WORK_FILE_A": (closed["is_online_throughout"].sum(), len(closed)),
        "WORK_FILE_B": (planned["is_opened_in_system"].sum(), len(planned)),
        "WORK_FILE_C": (incoming["is_handled_online"].sum(), len(incoming)),
    }
    found = _answer(marts, "work-files").groupby("indicator_code")[["online", "all_of_them"]].sum()
    assert {code: tuple(row) for code, row in found.T.items()} == counted


def test_open_dossiers_are_those_that_the_report_carries_on(marts: Marts) -> None:
    found = _answer(marts, "open-and-nearly-due")
    parts = found[["late", "due_in_3_days", "due_later", "no_due_date"]].sum(axis=1)
    assert (parts == found["open_dossiers"]).all()
    (carried,) = marts.sql(
        "select sum(open_in_due_count + open_late_count + open_no_due_date_count) from rpt_dossier_resolution "
        "where rule_code = 'R_PLAIN' and month = (select max(month) from rpt_dossier_resolution)"
    ).fetchall()
    assert found["open_dossiers"].sum() == carried[0]


def test_supplements(marts: Marts, fact: Callable[[str], pd.DataFrame]) -> None:
    received = fact("fct_dossier").query("is_received")
    found = _answer(marts, "supplements")
    assert found["asked"].sum() == (received["request_count"] > 0).sum()
    assert found["asked_again"].sum() == (received["request_count"] > 1).sum()


def test_slowest_procedures(marts: Marts, fact: Callable[[str], pd.DataFrame]) -> None:
    done = fact("fct_dossier").dropna(subset=["working_minutes"]).groupby("procedure_code")["working_minutes"]
    medians = (done.median() / 480).round(2)
    limits = fact("dim_procedure").set_index("procedure_code")["statutory_days"]
    found = _answer(marts, "slowest-procedures").set_index("procedure_code")
    assert found["median_days"].tolist() == pytest.approx(medians[found.index].tolist(), abs=0.011)
    assert (found["statutory_days"] == limits[found.index]).all()
    assert found["used_share"].is_monotonic_decreasing


def test_slowest_steps(marts: Marts, fact: Callable[[str], pd.DataFrame]) -> None:
    steps = fact("fct_dossier_step")
    steps = steps[steps["started_at"] >= marts.as_of - pd.DateOffset(months=1)]
    found = _answer(marts, "slowest-steps").set_index("status_code")
    assert found["steps"].sum() == len(steps)
    assert found["still_open"].sum() == steps["processed_at"].isna().sum()
    assert found["late"].sum() == (steps["processed_at"] > steps["due_at"]).sum()
    medians = steps.groupby("status_code")["duration_hours"].median()
    assert found["median_hours"].tolist() == pytest.approx(medians[found.index].tolist(), abs=0.006)


def test_reconciliation_closes(marts: Marts) -> None:
    found = _answer(marts, "reconciliation-with-portal")
    assert (found["ours"] == found["both_sides"] + found["only_ours"]).all()
    assert (found["theirs"] == found["both_sides"] + found["only_theirs"]).all()
    assert found["only_ours"].sum() > 0


def test_signals_stand_out_and_have_rows(marts: Marts, fact: Callable[[str], pd.DataFrame]) -> None:
    found = _answer(marts, "signals")
    assert (found["share"] >= found["base_rate"]).all()
    assert (found["affected"] <= found["could_be"]).all()
    rows = fact("rpt_signal_evidence").query("signal_code != 'COUNTER_GAP'")
    shown = rows.groupby(["signal_code", "agency_code"]).size()
    for row in found[found["signal_code"] != "COUNTER_GAP"].to_dict("records"):
        assert shown[row["signal_code"], row["agency_code"]] == row["affected"]


def test_quality_and_freshness_count_the_same_rows(marts: Marts) -> None:
    fresh = _answer(marts, "freshness").set_index(["source", "stream"])
    quality = _answer(marts, "quality")
    loaded = quality.groupby(["source", "stream"])["loaded"].first()
    assert (fresh["rows_loaded"].loc[loaded.index] == loaded).all()
    at_fault = quality[quality["severity"] == "fail"].groupby(["source", "stream"])["at_fault"].sum()
    held_back = fresh["rows_quarantined"].loc[at_fault.index]
    assert (at_fault >= held_back).all(), "a row held back breaks one rule or more"
    assert (held_back > 0).all()


def test_known_when(marts: Marts, fact: Callable[[str], pd.DataFrame]) -> None:
    found = _answer(marts, "known-when")
    assert found["resolved"].sum() == fact("fct_dossier")["is_resolved"].sum()
    assert (found["first_known_at"] <= found["last_known_at"]).all()
    assert found["last_known_at"].max() <= marts.as_of


def test_score_766_is_the_sum_of_its_lines(marts: Marts, fact: Callable[[str], pd.DataFrame]) -> None:
    found = _answer(marts, "score-766").set_index("agency_code")
    lines = fact("rpt_score_766").query("period_type == 'year' and line_kind == 'line'").dropna(subset=["points"])
    sums = lines[lines["year"] == found["year"].max()].groupby("agency_code")["points"].sum()
    assert found["points"].tolist() == pytest.approx(sums[found.index].tolist(), abs=0.006)
    assert (found["points"] <= found["scored_max_points"] + 1e-9).all()


def test_survey_and_rank_lose_nobody(marts: Marts, fact: Callable[[str], pd.DataFrame]) -> None:
    found = _answer(marts, "survey-and-rank")
    keys = pd.concat([fact("rpt_par_index"), fact("rpt_survey")])[["agency_code", "year"]].drop_duplicates()
    assert len(found) == len(keys)
    assert found["rank"].notna().sum() == fact("rpt_par_index")["rank"].notna().sum()
