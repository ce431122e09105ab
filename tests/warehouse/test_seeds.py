"""The signed calendar and the other lists that are data."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from pathlib import Path

import holidays
import pytest

SEEDS = Path(__file__).parents[2] / "warehouse" / "seeds"
SATURDAY = 5

# Days off and worked of each signed year, read from the source a second time: first day, last day. 2019 is from two
# newspapers that print the Prime Minister's calendar of that year, the others from domain.md §2.6.
OFF = {
    2019: "01-01 02-04..02-08 04-15 04-29..05-01 09-02",
    2020: "01-01 01-23..01-29 04-02 04-30..05-01 09-02",
    2021: "01-01 02-10..02-16 04-21 04-30 05-03 09-02..09-03",
    2022: "01-03 01-31..02-04 04-11 05-02..05-03 09-01..09-02",
    2023: "01-02 01-20..01-26 05-01..05-03 09-01 09-04",
    2024: "01-01 02-08..02-14 04-18 04-29..05-01 09-02..09-03",
    2025: "01-01 01-27..01-31 04-07 04-30..05-02 09-01..09-02",
    2026: "01-01..01-02 02-16..02-20 04-27 04-30..05-01 08-31..09-02 11-24",
}
MADE_UP = ("2019-01-05", "2019-05-04", "2024-05-04", "2025-04-26", "2026-01-10", "2026-08-22")
WORKING = {date.fromisoformat(day) for day in MADE_UP}
YEARS = range(2016, 2028)

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


def test_every_year_asked_for_is_listed_and_only_known_ones_are_signed() -> None:
    """A year that is not signed says why; nothing is computed from it (int_working_time__days)."""
    rows = {int(r["year"]): r for r in _rows("calendar_years")}
    assert sorted(rows) == list(YEARS)
    assert {y for y, r in rows.items() if r["is_signed"] == "true"} == set(OFF)
    assert [y for y, r in rows.items() if r["is_signed"] == "true" and not r["source"]] == []
    assert [y for y, r in rows.items() if r["is_signed"] != "true" and not (r["note_vi"] and r["note_en"])] == []


def test_every_exception_has_a_source_and_a_certainty() -> None:
    rows = _rows("calendar_exceptions")
    assert [r["exception_on"] for r in rows if not r["source"] or r["certainty"] not in {"S", "D", "K"}] == []
    assert {r["certainty"] for r in rows if r["exception_on"] >= "2026"} == {"K"}  # its source is a re-post
    assert [r["exception_on"] for r in rows] == sorted({r["exception_on"] for r in rows})


def test_office_hours_make_eight_hours_and_stand_in_order() -> None:
    (row,) = _rows("office_hours")
    marks = ("morning_starts", "morning_ends", "afternoon_starts", "afternoon_ends")
    hours = [timedelta(**dict(zip(("hours", "minutes"), map(int, row[m].split(":")[:2]), strict=True))) for m in marks]
    assert hours == sorted(hours)
    assert hours[1] - hours[0] + hours[3] - hours[2] == timedelta(hours=8)
    assert (row["source"] != "", row["certainty"]) == (True, "K")


def test_days_made_up_for_are_those_of_the_source() -> None:
    assert _days("working") == WORKING
    assert {d.weekday() for d in WORKING} == {SATURDAY}


def test_the_closures_of_covid_are_no_holidays() -> None:
    """Directive 16 closed offices in 2020 and 2021, but the clock of a dossier went on (domain.md §2.6)."""
    closed = _spread(2020, "04-01..04-15") | _spread(2021, "07-24..08-31")
    assert _days("off") & closed == {date(2020, 4, 2)}  # the Hùng kings' day


def test_the_package_agrees_but_for_what_is_explained() -> None:
    """Also for the years that are prepared but not signed: an operator who signs one knows what it is held against."""
    years = range(2016, 2027)
    package = holidays.country_holidays("VN", years=years)
    theirs = {d for d in package if d.year in years and d.weekday() < SATURDAY}
    ours = {d for d in _days("off") if d.weekday() < SATURDAY}
    assert ours - theirs == set(EXPLAINED_OFF)
    assert theirs - ours == set()
    made_up = {d for d in package.weekend_workdays if d.year in years}
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
