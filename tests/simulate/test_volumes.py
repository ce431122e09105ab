"""As much as promised, and counted as written."""

from __future__ import annotations

import pandas as pd
import pytest

from tests.end_to_end.second_way import read_stream
from tests.simulate.provinces import Made, clean, columns, dirty, made, records

SCALE = 0.05


def _lines(made_: Made, stream: str) -> int:
    return sum(p.read_bytes().count(b"\n") for p in made_.files(stream))


@pytest.mark.parametrize(
    ("stream", "key", "promised"),
    [
        ("igate/dossiers", ["Mã hồ sơ"], 300_000),
        ("igate/steps", ["Mã hồ sơ", "Bước"], 1_200_000),
        ("idesk/incoming", ["Mã đơn vị", "Năm", "Số đến"], 400_000),
        ("idesk/outgoing", ["Mã đơn vị", "Năm", "Số, ký hiệu"], 200_000),
        ("idesk/work_files", ["Mã đơn vị", "Mã hồ sơ công việc"], 60_000),
    ],
)
def test_things_at_scale_one(stream: str, key: list[str], promised: int) -> None:
    rows = read_stream(clean().directory, stream)
    if stream.startswith("igate"):  # the planted inspection does not grow with the scale
        rows = rows[~rows["Mã hồ sơ"].str.startswith("000.00.07.H15-")]
    assert len(rows[key].drop_duplicates()) / SCALE == pytest.approx(promised, rel=0.1)


def test_mail_lines_at_scale_one() -> None:
    assert (_lines(clean(), "mail/postfix") + _lines(clean(), "mail/zimbra_audit")) / SCALE == pytest.approx(
        6_000_000, rel=0.1
    )


def test_agencies_and_officials() -> None:
    agencies = read_stream(clean().directory, "reference/agencies")
    assert agencies.iloc[:, 4].value_counts().to_dict() == {"commune": 184, "province": 18, "district": 15}
    staff = read_stream(clean().directory, "reference/staff")
    assert set(staff["Mã đơn vị"]) == set(agencies.iloc[:, 1])
    assert staff["Thư điện tử công vụ"].is_unique


def test_every_data_row_is_counted() -> None:
    truth = dirty().truth
    others: dict[str, int] = {}
    for planted in truth["planted"]:
        if planted["outcome"] == "non_data":
            others[planted["file"]] = others.get(planted["file"], 0) + 1
    rows = files = 0
    for path in sorted(dirty().directory.rglob("*_*T*.*")):
        name = str(path.relative_to(dirty().directory))
        found = records(path)
        files += 1
        if name.startswith("mail/"):
            rows += len(found)
            continue
        separator_line = len(found[0]) and found[0][0].startswith("sep=")
        rows += len(found) - others.get(name, 0) - 1 - bool(separator_line)
    assert files == truth["files"] == dirty().result.files == 253
    assert rows == truth["rows"] == dirty().result.rows


def test_sheets_and_text_hold_every_column() -> None:
    forms = set()
    for path in sorted(clean().directory.rglob("*_*T*.*")):
        if path.parent.parent.name == "mail":
            continue
        forms.add(path.suffix)
        widths = {len(r) for r in records(path)}
        assert widths == {len(columns(path))}, path.name
    assert forms == {".csv", ".xlsx"}


def test_one_month_is_nights() -> None:
    one = made(scale=0.01, dirt=0.02, months=1)
    assert len(one.files("igate/dossiers")) == len(one.files("mail/postfix")) == 31
    assert one.truth["scenario"] is None
    assert sum(len(records(p)) > 1 for p in one.files("igate/dossiers")) > 15
    assert pd.concat([pd.Series(p.name) for p in one.files("idesk/incoming")]).str.contains("_202001_").all()
