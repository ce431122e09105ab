"""The marts' totals equal pandas' totals, for every agency and month."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from tests.end_to_end import second_way
from tests.end_to_end.provinces import province


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


def test_active_mailboxes(exports: Path) -> None:
    ours = _marts(
        """
        select a.legacy_code as agency, i.period_start as month, i.denominator, i.numerator
        from marts.rpt_indicator as i
        inner join marts.dim_agency as a on a.agency_code = i.agency_code
        where i.indicator_code = 'MAIL_ACTIVE' and i.period_type = 'month' and i.na_reason is null
        """
    )
    theirs = second_way.mail_active(exports)
    _same(ours, theirs[theirs["all"] >= 5][["all", "active"]])
