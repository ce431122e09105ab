"""All that the second way counts, month by month: what happened, what was open, and what must stay hidden.

Nothing of the pipeline is imported here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pandas as pd

from tests.end_to_end import second_way, second_way_officials, second_way_open
from tests.end_to_end import second_way_indicators as second
from tests.end_to_end.second_way_indicators import Monthly

Cell = tuple[str, pd.Timestamp]


@dataclass(frozen=True)
class Counts:
    """By indicator: counts by agency (old code) and month; why a cell is not shown; what is counted once a period."""

    flows: Monthly
    stocks: Monthly
    # What ended in the month, of the lines that take open ones and ended ones together.
    ended: Monthly
    # Of these the cells in `hidden` are in no other table.
    staff: Monthly
    hidden: dict[str, dict[Cell, str]] = field(default_factory=dict)
    own: dict[str, Monthly] = field(default_factory=dict)


def newest_of(period: str, stock: pd.DataFrame) -> pd.DataFrame:
    """Stocks at the end of longer periods; a month without anything open still is the newest one of its agency."""
    index = pd.MultiIndex.from_product(
        [stock.index.unique("agency"), stock.index.unique("month")], names=["agency", "month"]
    )
    return over(period, stock.reindex(index, fill_value=0), last=True)


def over(period: str, table: pd.DataFrame, *, last: bool = False) -> pd.DataFrame:
    """Months as quarters (Q) or years (Y): added up, or the newest one."""
    table = table.sort_index()
    months = table.index.get_level_values("month")
    grouped = table.groupby([table.index.get_level_values("agency"), months.to_period(period).to_timestamp()])
    return (grouped.last() if last else grouped.sum()).rename_axis(["agency", "month"])


@cache
def counts_of(exports: Path) -> Counts:
    """Everything, once for all tests of the folder."""
    d = second.dossiers(exports)
    flows = second.of_dossiers(d) | second.of_documents(exports)
    flows |= {"DOSSIER_SYNCED": second.synced(d, exports), "DOSSIER_LATE_RECEPTION": second_way_open.late_reception(d)}
    mail = second_way.mail_active(exports)
    officials = second_way_officials.officials(exports)
    small = second_way_officials.small_in_mail(mail, officials["STAFF_MAIL"])
    flows["MAIL_ACTIVE"] = mail[~mail.index.isin(small)].rename(columns={"active": "part"})
    stocks, ended = second_way_open.open_ones(d, exports)
    hidden = {"MAIL_ACTIVE": dict.fromkeys(small, "small_group")}
    staff = {}
    for code, table in officials.items():
        shown = second_way_officials.shown_of(table)
        if code == "STAFF_MAIL":
            shown |= dict.fromkeys(small, "small_group")
        hidden[code] = {cell: text for cell, text in shown.items() if "/" not in text}
        staff[code] = table[~table.index.isin(hidden[code])][["all", "part"]]
    own = {period: second.of_procedures(d, exports, period=period) for period in "MQY"}
    return Counts(flows, stocks, ended, staff, hidden, own)
