"""The signed calendar and the other lists that are data."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from pathlib import Path

import holidays
import pytest

SEEDS = Path(__file__).parents[2] / "warehouse" / "seeds"
SATURDAY = 5

# domain.md §2.6, read from the page a second time: first day, last day.
OFF = {
    2020: "01-01 01-23..01-29 04-02 04-30..05-01 09-02",
    2021: "01-01 02-10..02-16 04-21 04-30 05-03 09-02..09-03",
    2022: "01-03 01-31..02-04 04-11 05-02..05-03 09-01..09-02",
    2023: "01-02 01-20..01-26 05-01..05-03 09-01 09-04",
    2024: "01-01 02-08..02-14 04-18 04-29..05-01 09-02..09-03",
    2025: "01-01 01-27..01-31 04-07 04-30..05-02 09-01..09-02",
    2026: "01-01..01-02 02-16..02-20 04-27 04-30..05-01 08-31..09-02 11-24",
}
WORKING = {date(2024, 5, 4), date(2025, 4, 26), date(2026, 1, 10), date(2026, 8, 22)}

# Where the calendar and the package `holidays` disagree, and why the calendar is right (12729/VPCP-KGVX, 25/12/2025).
EXPLAINED_OFF = {date(2026, 1, 2): "the official swap of 2026: off, made up for on 10 January"}
EXPLAINED_WORKING = {date(2026, 1, 10): "the same swap"}


def _rows(name: str) -> list[dict[str, str]]:
    with (SEEDS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _days(kind: str) -> set[date]:
    return {date.fromisoformat(r["exception_on"]) for r in _rows("calendar_exceptions") if r["kind"] == kind}


def _spread(year: int, spans: str) -> set[date]:
    found: set[date] = set()
    for span in spans.split():
        first, last = (date.fromisoformat(f"{year}-{d}") for d in (span.split("..") * 2)[:2])
        found |= {first + timedelta(days=i) for i in range((last - first).days + 1)}
    return found


@pytest.mark.parametrize("year", OFF)
def test_days_off_are_those_of_the_source(year: int) -> None:
    assert {d for d in _days("off") if d.year == year} == _spread(year, OFF[year])


def test_days_made_up_for_are_those_of_the_source() -> None:
    assert _days("working") == WORKING
    assert {d.weekday() for d in WORKING} == {SATURDAY}


def test_the_closures_of_covid_are_no_holidays() -> None:
    """Directive 16 closed offices in 2020 and 2021, but the clock of a dossier went on (domain.md §2.6)."""
    closed = _spread(2020, "04-01..04-15") | _spread(2021, "07-24..08-31")
    assert _days("off") & closed == {date(2020, 4, 2)}  # the Hùng kings' day


def test_the_package_agrees_but_for_what_is_explained() -> None:
    package = holidays.country_holidays("VN", years=OFF)
    theirs = {d for d in package if d.year in OFF and d.weekday() < SATURDAY}
    ours = {d for d in _days("off") if d.weekday() < SATURDAY}
    assert ours - theirs == set(EXPLAINED_OFF)
    assert theirs - ours == set()
    made_up = {d for d in package.weekend_workdays if d.year in OFF}
    assert _days("working") - made_up == set(EXPLAINED_WORKING)
    assert made_up - _days("working") == set()


def test_the_lines_of_766_make_a_hundred_points() -> None:
    rows = _rows("score_766_lines")
    assert sum(float(r["max_points"]) for r in _rows("score_766_groups")) == 100
    groups = {g: sum(float(r["max_points"]) for r in rows if r["line"].startswith(g)) for g in "12345"}
    assert groups == {"1": 18, "2": 20, "3": 22, "4": 22, "5": 18}  # QĐ 766; 4 is digitisation, 5 satisfaction


def test_indicators_are_told_in_both_languages() -> None:
    rows = _rows("indicators")
    assert len({r["indicator_code"] for r in rows}) == len(rows)
    told = [c for c in rows[0] if c not in ("line_766", "na_reason", "missing_vi", "missing_en")]
    assert [r["indicator_code"] for r in rows if not all(r[c] for c in told)] == []
    assert [
        r["indicator_code"] for r in rows if bool(r["na_reason"]) != bool(r["missing_vi"] and r["missing_en"])
    ] == []
    assert {r["better"] for r in rows} == {"higher", "lower"}
    assert {r["indicator_code"] for r in _rows("score_766_lines") if r["indicator_code"]} <= {
        r["indicator_code"] for r in rows
    }
