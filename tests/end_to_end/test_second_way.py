"""The marts' totals equal pandas' totals, for every agency and month."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from tests.end_to_end import second_way, second_way_clock
from tests.end_to_end.provinces import MONTHS, province


def _marts(query: str) -> pd.DataFrame:
    with province(1, 0.0).marts() as connection:
        frame = connection.execute(query).df()
    frame["month"] = pd.to_datetime(frame["month"])
    return frame.set_index(["agency", "month"]).sort_index().astype("int64")


def _same(ours: pd.DataFrame, theirs: pd.DataFrame) -> None:
    theirs = theirs.sort_index().astype("int64")
    theirs.columns = ours.columns
    ours, theirs = ours[(ours != 0).any(axis=1)], theirs[(theirs != 0).any(axis=1)]
    assert len(ours) > 50
    differing = (
        ours.compare(theirs) if ours.index.equals(theirs.index) else ours.index.symmetric_difference(theirs.index)
    )
    assert len(differing) == 0, differing


@pytest.fixture(scope="module")
def exports() -> Path:
    return province(1, 0.0).exports


def test_dossiers_by_class(exports: Path) -> None:
    ours = _marts(
        """
        select a.legacy_code as agency, r.month, r.resolved_count, r.early_count, r.on_time_count, r.late_count,
               r.unexplained_count
        from marts.rpt_dossier_resolution as r
        inner join marts.dim_agency as a on a.agency_code = r.agency_code
        where r.rule_code = 'R_PLAIN' and r.resolved_count > 0
        """
    )
    _same(ours, second_way.resolution(exports))


@pytest.mark.parametrize("rule", second_way_clock.RULES)
def test_every_count_of_every_rule(exports: Path, rule: str) -> None:
    ours = _marts(
        f"""
        select a.legacy_code as agency, r.month, r.received_count, r.carried_over_count, r.resolved_count,
               r.early_count, r.on_time_count, r.late_count, r.unexplained_count, r.open_in_due_count,
               r.open_late_count, r.open_no_due_date_count
        from marts.rpt_dossier_resolution as r
        inner join marts.dim_agency as a on a.agency_code = r.agency_code
        where r.rule_code = '{rule}'
        """
    )
    theirs = second_way_clock.resolution(exports)
    _same(ours, theirs[theirs["rule"] == rule][second_way_clock.COUNTS])


@pytest.mark.parametrize("rule", second_way_clock.RULES)
@pytest.mark.parametrize("denominator", ["RESOLVED", "CLASSED", "RECEIVED", "HANDLED"])
def test_every_rate(exports: Path, rule: str, denominator: str) -> None:
    ours = _marts(
        f"""
        select a.legacy_code as agency, r.month, r.denominator, r.numerator
        from marts.rpt_on_time_rate as r
        inner join marts.dim_agency as a on a.agency_code = r.agency_code
        where r.rule_code = '{rule}' and r.denominator_code = '{denominator}'
        """
    )
    t = second_way_clock.resolution(exports)
    t = t[t["rule"] == rule].copy()
    t["numerator"] = t["early"] + t["on_time"]
    t["denominator"] = {
        "RESOLVED": t["resolved"],
        "CLASSED": t["early"] + t["on_time"] + t["late"],
        "RECEIVED": t["received"],
        "HANDLED": t["received"] + t["carried"],
    }[denominator]
    if denominator == "HANDLED":
        t["numerator"] += t["in_due"]
        if rule == "R_GL":
            t["numerator"] = t["denominator"] - t["late"] - t["open_late"]
    _same(ours, t[["denominator", "numerator"]])


def test_working_time_of_each_dossier(exports: Path) -> None:
    """The due moment by law and the minutes that handling took, for every dossier that was resolved."""
    query = """
        select dossier_code, due_recomputed_at, working_minutes from marts.fct_dossier
        where is_resolved order by dossier_code
    """
    with province(1, 0.0).marts() as connection:
        ours = connection.execute(query).df().set_index("dossier_code")
    theirs = second_way_clock.clocks(exports)
    theirs = theirs[theirs["resolved"]].set_index("Mã hồ sơ").sort_index()
    assert len(ours) > 1000
    assert list(ours.index) == list(theirs.index)
    assert (ours["due_recomputed_at"] == theirs["law"]).all()
    assert (ours["working_minutes"] == theirs["minutes"]).all()


@pytest.mark.parametrize(
    ("indicator", "second", "column"),
    [
        ("DOSSIER_ONLINE", second_way.channels, "online"),
        ("DOSSIER_POSTAL", second_way.channels, "postal"),
        ("DOC_OUTGOING_ELECTRONIC", second_way.outgoing, "electronic"),
        ("WORK_FILE_A", second_way.work_files_a, "online"),
        ("WORK_FILE_B", second_way.work_files_b, "online"),
        ("WORK_FILE_C", second_way.work_files_c, "online"),
    ],
)
def test_indicator(exports: Path, indicator: str, second: Callable[[Path], pd.DataFrame], column: str) -> None:
    ours = _marts(
        f"""
        select a.legacy_code as agency, i.period_start as month, i.denominator, i.numerator
        from marts.rpt_indicator as i
        inner join marts.dim_agency as a on a.agency_code = i.agency_code
        where i.indicator_code = '{indicator}' and i.period_type = 'month' and i.denominator > 0
        """
    )
    _same(ours, second(exports)[["all", column]])


def test_active_mailboxes_of_the_province(exports: Path) -> None:
    """Of all agencies, those among them whose own figure is hidden."""
    with province(1, 0.0).marts() as connection:
        ours = connection.execute(
            "select month::timestamp, denominator, numerator from marts.rpt_official_activity "
            "where indicator_code = 'MAIL_ACTIVE' and level = 'all' order by month"
        ).fetchall()
    theirs = second_way.mail_active(exports).groupby("month").sum()
    assert [(m, (d, n)) for m, d, n in ours] == [
        (m, tuple(row)) for m, row in zip(theirs.index, theirs.to_numpy(), strict=True)
    ]
    assert len(ours) == MONTHS
