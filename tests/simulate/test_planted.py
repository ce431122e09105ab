"""The row that truth.json names carries the fault that it names."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from tests.simulate.provinces import columns, dirty, records

Row = dict[str, str]


def _one(*tests: tuple[str, str]) -> Callable[[Row], bool]:
    return lambda r: any(r.get(c) == v for c, v in tests)


QUARANTINED: dict[str, Callable[[Row], bool]] = {
    "required_missing": lambda r: (
        "" in [r.get(c) for c in ("received_at", "started_at", "arrived_on", "issued_on", "opened_on")]
    ),
    "bad_date": _one(
        ("due_at", "31/02/2021 08:00:00"),
        ("started_at", "30/02/2020 09:00:00"),
        ("arrived_on", "31/11/2020"),
        ("issued_on", "30/02/2020"),
        ("opened_on", "31/04/2020"),
    ),
    "bad_number": _one(("fee_amount", "1.887,5.3"), ("copies", "hai bản"), ("document_count", "1.887,5.3")),
    "bad_pattern": lambda r: (
        r["agency_code"].endswith("H22") or r["document_symbol"] == "số lạ"
        if "agency_code" in r
        else r["dossier_code"].startswith("HS-")
    ),
    "bad_enum": _one(("status_code", "99"), ("status_code", "77"), ("priority", "Rất gấp"), ("secrecy", "Kín")),
    "bad_boolean": _one(("vneid_verified", "có lẽ"), ("needs_action", "tùy"), ("planned", "chưa rõ")),
    "out_of_range": _one(
        ("supplement_count", "-1"), ("step_number", "0"), ("book_year", "1920"), ("paper_copies", "-2")
    ),
    "ended_before_received": _one(("ended_at", "04/01/2020 08:00:00")),
    "step_ended_before_start": _one(("processed_at", "04/01/2020 08:00:00")),
    "closed_before_arrived": _one(("closed_at", "09/03/2020 08:00:00")),
    "closed_before_opened": _one(("closed_on", "09/03/2020")),
    "more_online_than_all": _one(("online_step_count", "9")),
}
NORMALISED: dict[str, Callable[[Row], bool]] = {
    "double_space": lambda r: "  " in r.get("agency_name", "") + r.get("department", ""),
    "no_break_space": lambda r: "\u00a0" in r.get("procedure_name", "") + r.get("department", ""),
    "decomposed": lambda r: "\u0309" in r["agency_name"] or "\u0303" in r["agency_name"],
    "foreign_letter": lambda r: "Ð" in r["agency_name"],
    "curly_apostrophe": lambda r: "’" in r["agency_name"],
    "tone_placement": lambda r: "hoá" in r["agency_name"],
    "thousands": lambda r: re.fullmatch(r"\d{1,3}(\.\d{3})+", r["fee_amount"]) is not None,
    "other_date_format": lambda r: any(re.fullmatch(r"\d{14}", r.get(c, "")) for c in ("received_at", "started_at")),
    "excel_serial": lambda r: any(
        re.fullmatch(r"4[34]\d{3}\.\d{8}", r.get(c, ""))
        for c in ("received_at", "started_at", "arrived_on", "issued_on", "opened_on")
    ),
}
FLAGGED: dict[str, Callable[[Row], bool]] = {
    "due_missing": lambda r: r["due_at"] == "",
    "end_equals_due": lambda r: r["ended_at"] == r["due_at"],
    "supplement_repeated": lambda r: int(r["supplement_count"]) > 1,
    "refusal_without_reason": lambda r: r["status_code"] == "3" and r["note"] == "",
    "step_too_short": lambda r: r["status_code"] in ("4", "9") and r["processed_at"] != "",
    "code_date_after_received": lambda r: r["received_at"] != "",
}


@cache
def _records(file: str) -> list[list[str]]:
    return records(dirty().directory / file)


def _row(planted: dict[str, object]) -> Row:
    path = Path(str(planted["file"]))
    return dict(zip(columns(path), _records(str(path))[int(str(planted["row"])) - 1], strict=False))


def _planted(outcome: str) -> list[dict[str, object]]:
    return [p for p in dirty().truth["planted"] if p["outcome"] == outcome]


@pytest.mark.parametrize(
    ("outcome", "tests"), [("quarantined", QUARANTINED), ("normalised", NORMALISED), ("flagged", FLAGGED)]
)
def test_the_row_carries_its_fault(outcome: str, tests: dict[str, Callable[[Row], bool]]) -> None:
    seen: Counter[str] = Counter()
    for planted in _planted(outcome):
        kind = str(planted["kind"])
        if kind in tests:
            assert tests[kind](_row(planted)), planted
            seen[kind] += 1
    assert seen.total() > 100
    assert set(tests) - set(seen) <= {"tone_placement"}, "rare ones may be missing at this scale, no others"


def test_ragged_rows_have_too_few_or_too_many_cells() -> None:
    found = Counter()
    for planted in _planted("quarantined"):
        if planted["kind"] in ("too_few_fields", "too_many_fields"):
            cells = _records(str(planted["file"]))[int(str(planted["row"])) - 1]
            surplus = len(cells) - len(columns(Path(str(planted["file"]))))
            assert surplus < 0 if planted["kind"] == "too_few_fields" else surplus > 0, planted
            found[planted["kind"]] += 1
    assert min(found["too_few_fields"], found["too_many_fields"]) > 5


def test_a_duplicate_stands_right_below_its_original() -> None:
    twice = [p for p in _planted("quarantined") if p["kind"] == "duplicate_key"]
    assert len(twice) > 20
    for planted in twice:
        rows = _records(str(planted["file"]))
        at = int(str(planted["row"])) - 1
        above = rows[at - 1] if any(rows[at - 1]) else rows[at - 2]
        assert rows[at] == above


def test_titles_totals_and_blanks_stand_where_they_are_said_to() -> None:
    kinds = Counter()
    for planted in _planted("non_data"):
        cells = _records(str(planted["file"]))[int(str(planted["row"])) - 1]
        match planted["kind"]:
            case "blank":
                assert not any(cells)
            case "total":
                assert cells[0] == "Tổng cộng"
                assert len(_records(str(planted["file"]))) == planted["row"]
            case "title":
                assert cells[0].isupper()
        kinds[str(planted["kind"])] += 1
    assert min(kinds[k] for k in ("blank", "total", "title")) > 20


def test_torn_lines_fit_no_shape() -> None:
    torn = [p for p in _planted("quarantined") if p["kind"] == "unparsed_line"]
    assert {Path(str(p["file"])).parent.name for p in torn} == {"postfix", "zimbra_audit"}
    for planted in torn:
        assert _records(str(planted["file"]))[int(str(planted["row"])) - 1][0].startswith(("#033[2J", "~"))


def test_the_marks_of_files() -> None:
    marks = {"byte_order_mark": b"\xef\xbb\xbf", "utf_16": b"\xff\xfe", "separator_line": b"sep=;"}
    told = _planted("file")
    assert {p["kind"] for p in told} == set(marks)
    for planted in told:
        data = (dirty().directory / str(planted["file"])).read_bytes()
        assert data.startswith(marks[str(planted["kind"])])


def test_as_much_dirt_as_asked_for() -> None:
    rows = sum(len(_records(str(p.relative_to(dirty().directory)))) for p in dirty().files("idesk/incoming"))
    broken = [p for p in _planted("quarantined") if str(p["file"]).startswith("idesk/incoming")]
    assert 0.02 < len(broken) / rows < 0.04
    assert _planted("signal")


def test_no_dirt_plants_nothing_in_rows() -> None:
    from tests.simulate.provinces import clean

    assert {p["outcome"] for p in clean().truth["planted"]} == {"flagged", "signal"}
