"""The figures on a terminal and as files: an inspection in its languages and forms, changes of a closed period."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from unittest import mock

import docx

from pipelines.flows.changes import ChangedRow, Changes, KindCount, Moved, Period
from tests.cli.conftest import Program

INSPECTION = ("inspection", "--agency", "H15.07", "--from", "2020-01", "--to", "2020-01")
CHANGES = ("changes", "--from", "2021-01", "--to", "2021-03", "--known", "2021-04-05")
FOUND = Changes(
    start=date(2021, 1, 1),
    end=date(2021, 3, 1),
    known_as_of="2021-04-05 01:00:00",
    now_as_of="2021-05-01 01:00:00",
    rule_code="R_PLAIN",
    agency_code=None,
    row_count=1887,
    kinds=(KindCount("H15.07", "Sở Giáo dục và Đào tạo", "dossier", "end_moved", 1887),),
    figures=(
        Moved("H15.07", "Sở Giáo dục và Đào tạo", "late", "count", 3000, 3),
        Moved("H15.07", "Sở Giáo dục và Đào tạo", "on_time", "count", 1, 4),
    ),
    rows=(ChangedRow("H15.07", "dossier", "000.00.07.H15-210105-0001", "end_moved", "2021-01-12", None, "f.csv", 7),),
)


def test_an_inspection_speaks_both_languages(filled: Program) -> None:
    vi, en = filled(*INSPECTION), filled(*INSPECTION, "--language", "en")
    assert "Trong tháng 01/2020, Sở Giáo dục và Đào tạo đã giải quyết" in vi.out
    assert "In 01/2020 Department of Education and Training resolved" in en.out
    assert (vi.code, en.code, vi.err, en.err) == (0, 0, "", "")
    assert filled(*INSPECTION, "--language", "fr").code == 2


def test_an_inspection_as_a_word_document(filled: Program, tmp_path: Path) -> None:
    path = tmp_path / "inspection.docx"
    assert filled(*INSPECTION, "--format", "docx", "--output", str(path)).code == 0
    assert "đã giải quyết" in " ".join(p.text for p in docx.Document(str(path)).paragraphs)
    ended = filled(*INSPECTION, "--format", "docx")
    assert ended.code == 2
    assert "--output" in ended.err


def test_changes_are_shown_with_what_was_and_what_is(fresh: Program, tmp_path: Path) -> None:
    with mock.patch("pipelines.flows.changes.changes", return_value=FOUND) as flow:
        ended = fresh(*CHANGES, "--agency", "H15.07")
    assert (ended.code, ended.err) == (0, "")
    for text in ("1.887 thay đổi", "không phải là kết luận vi phạm", "sửa ngày kết thúc", "3.000", "−2.997", "+3"):
        assert text in ended.out, text
    assert flow.call_args.args[1] == Period(date(2021, 1, 1), date(2021, 3, 1), "H15.07")
    assert flow.call_args.kwargs == {"known": date(2021, 4, 5), "now": None}


def test_changes_as_json_and_as_csv(fresh: Program, tmp_path: Path) -> None:
    def written(*_: object, csv: Path, **__: object) -> Changes:
        csv.write_text("agency_code\n", encoding="utf-8")
        return FOUND

    with mock.patch("pipelines.flows.changes.changes", side_effect=written):
        ended = fresh(*CHANGES, "--now", "2021-05-01", "--output", str(tmp_path / "c.csv"), "--json")
    assert (ended.json["row_count"], ended.json["rows"][0]["row_number"]) == (1887, 7)
    assert (tmp_path / "c.csv").read_text(encoding="utf-8") == "agency_code\n"


def test_a_day_that_is_none_is_wrong_use(fresh: Program) -> None:
    assert fresh(*CHANGES[:-1], "5/4/2021").code == 2
    assert fresh(*CHANGES[:-2]).code == 2
