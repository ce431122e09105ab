"""Rows held back: the CSV for their owner, and the way back in."""

from __future__ import annotations

import csv
import gzip
import io
import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from pipelines.domain.errors import WrongUse
from pipelines.flows.collect import collect
from pipelines.flows.load import load
from pipelines.flows.prepare import prepare
from pipelines.flows.quarantine import quarantine_list
from pipelines.flows.quarantine_export import BATCH, FAULT, ROW, quarantine_export, redrive
from pipelines.flows.validate import validate
from pipelines.settings import Settings
from pipelines.storage.home import Home
from pipelines.storage.ledger import Batch, Ledger
from tests.formats.taken_in import HEADER, cells, csv_of, drop, xlsx

Make = Callable[..., Settings]
STREAM, NAME = "igate.dossiers", "hoso_20200104_20200105T010000.csv"
NOW = datetime(2020, 1, 6, 9, 30)


def _load(settings: Settings) -> list[Batch]:
    for step in (collect, prepare, validate, load):
        step(settings)
    return Ledger(Home(settings.home).ledger).select()


def _faulty() -> str:
    return csv_of(
        HEADER,
        cells(1),
        cells(2, status_code="99", applicant_name='=HYPERLINK("http://x")'),
        cells(3, received_at="hôm qua", note="dòng một\r\ndòng hai"),
        cells(4)[:5],
        *(cells(n) for n in range(5, 12)),
    )


@pytest.mark.parametrize("pack", ["gzip", "zip"])
def test_rows_of_a_packed_export_come_back_to_their_owner(make_settings: Make, tmp_path: Path, pack: str) -> None:
    settings, data = make_settings(), _faulty().encode()
    if pack == "gzip":
        drop(settings, STREAM, f"{NAME}.gz", gzip.compress(data))
    else:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            archive.writestr(f"thang 1/{NAME}", data)
        drop(settings, STREAM, "hoso.zip", out.getvalue())
    (batch,) = _load(settings)
    assert (batch.rows_in_file, batch.rows_quarantined) == (12, 3)
    (written,) = quarantine_export(settings, output=tmp_path / "out")
    rows = _read(written.path)
    assert (written.path.parent, [r[ROW] for r in rows]) == (tmp_path / "out", ["3", "4", "5"])
    assert rows[0]["Mã hồ sơ"] == "000.00.12.H15-200104-0002"
    _write(tmp_path / "back.csv", [rows[0] | {"Trạng thái hồ sơ": "4"}])
    assert redrive(settings, tmp_path / "back.csv", now=NOW).rows == 1
    assert _load(settings)[-1].rows_loaded == 1


def _read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def _write(path: Path, rows: list[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def test_export_correct_redrive_and_the_rows_are_in_the_lake(make_settings: Make, tmp_path: Path) -> None:
    settings = make_settings()
    drop(settings, STREAM, NAME, _faulty())
    (batch,) = _load(settings)
    assert (batch.rows_in_file, batch.rows_loaded, batch.rows_quarantined, batch.rows_non_data) == (12, 8, 3, 1)
    held = quarantine_list(settings)
    assert {(h.rule, h.column, h.row_numbers) for h in held} == {
        ("bad_enum", "status_code", (3,)),
        ("bad_date", "received_at", (4,)),
        ("too_few_fields", None, (5,)),
    }

    (written,) = quarantine_export(settings, output=tmp_path / "out")
    assert (written.file, written.rows) == (f"igate/dossiers/{NAME}", 3)
    assert written.path.stat().st_mode & 0o777 == 0o600
    rows = _read(written.path)
    assert [r[ROW] for r in rows] == ["3", "4", "5"]
    assert {r[BATCH] for r in rows} == {batch.batch_id}
    assert "Trạng thái hồ sơ: Ngoài danh mục cho phép" in rows[0][FAULT]
    assert rows[0]["Chủ hồ sơ"] == '\'=HYPERLINK("http://x")', "a sheet would run this cell"
    assert rows[1]["Ghi chú"].split() == ["dòng", "một", "dòng", "hai"]

    rows[0]["Trạng thái hồ sơ"] = "10"
    rows[1]["Ngày tiếp nhận"] = "05/01/2020 08:00:00"
    rows[2].update({"Trạng thái hồ sơ": "4", "Mã đơn vị xử lý": "000.00.12.H15", "Ghi chú": ""})
    corrected = tmp_path / "corrected.csv"
    _write(corrected, rows)
    sent = redrive(settings, corrected, now=NOW)
    assert (sent.rows, Path(sent.path).name) == (3, "hoso_20200104_20200106T093000.csv")

    again = [b for b in _load(settings) if b.batch_id != batch.batch_id]
    assert [(b.rows_loaded, b.rows_quarantined) for b in again] == [(3, 0)]
    assert all(b.accounting_closes for b in Ledger(Home(settings.home).ledger).select())
    lake = str(Home(settings.home).lake / "igate" / "dossiers" / "*.parquet")
    found = duckdb.execute("select count(distinct dossier_code), count(*) from read_parquet($1)", [lake]).fetchone()
    assert found == (11, 11)
    key = "select applicant_name from read_parquet($1) where dossier_code like '%-0002'"
    alone = make_settings(home=tmp_path / "alone")
    drop(alone, STREAM, NAME, csv_of(HEADER, cells(2, applicant_name='=HYPERLINK("http://x")')))
    _load(alone)
    lake_alone = str(Home(alone.home).lake / "igate" / "dossiers" / "*.parquet")
    assert duckdb.execute(key, [lake]).fetchone() == duckdb.execute(key, [lake_alone]).fetchone(), "not the same cell"


@pytest.mark.parametrize("start", ["=1+1", "+84", "-1", "@SUM(A1)", "\t=1", "'=1", "''=1", "bình thường", "'quoted'"])
def test_every_cell_comes_back_as_it_was(make_settings: Make, tmp_path: Path, start: str) -> None:
    settings = make_settings(max_quarantine_share=1.0)
    drop(settings, STREAM, NAME, csv_of(HEADER, cells(1, note=start, status_code="99")))
    _load(settings)
    (written,) = quarantine_export(settings, output=tmp_path / "one.csv")
    (row,) = _read(written.path)
    shown = row["Ghi chú"]
    assert shown[0] not in "=+-@\t\r"
    path = Path(redrive(settings, written.path, now=NOW).path)
    assert _read(path)[0]["Ghi chú"] == start


def test_a_corrected_sheet_is_taken_too(make_settings: Make, tmp_path: Path) -> None:
    settings = make_settings()
    drop(settings, STREAM, NAME, _faulty())
    _load(settings)
    (written,) = quarantine_export(settings, output=tmp_path / "out")
    rows = _read(written.path)[:2]
    rows[0]["Trạng thái hồ sơ"] = "10"
    sheet = tmp_path / "corrected.xlsx"
    sheet.write_bytes(xlsx(tmp_path / "made.xlsx", [list(rows[0]), list(rows[0].values())]))
    assert redrive(settings, sheet, now=NOW).rows == 1
    newest = max(_load(settings), key=lambda b: b.exported_at)
    assert (newest.rows_loaded, newest.rows_quarantined) == (1, 0)


def test_lists_and_exports_by_rule_file_and_agency(make_settings: Make, tmp_path: Path) -> None:
    settings = make_settings()
    drop(settings, STREAM, NAME, _faulty())
    _load(settings)
    assert [h.rule for h in quarantine_list(settings, rule="bad_enum")] == ["bad_enum"]
    assert quarantine_list(settings, source="mail") == ()
    assert len(quarantine_list(settings, agency="000.00.12.H15")) == 2
    assert quarantine_list(settings, agency="000.00.99.H15") == ()
    assert quarantine_export(settings, output=tmp_path / "out", agency="000.00.99.H15") == ()
    with pytest.raises(WrongUse, match=r"no file x\.csv"):
        quarantine_list(settings, file="x.csv")


def test_nothing_held_back_nothing_written(make_settings: Make, tmp_path: Path) -> None:
    settings = make_settings()
    assert quarantine_list(settings) == ()
    assert quarantine_export(settings, output=tmp_path / "out") == ()
    assert not (tmp_path / "out").exists()


def test_a_foreign_file_cannot_be_redriven(make_settings: Make, tmp_path: Path) -> None:
    foreign = tmp_path / "foreign.csv"
    foreign.write_text("a,b\r\n1,2\r\n", encoding="utf-8")
    with pytest.raises(WrongUse, match="has no column _lô"):
        redrive(make_settings(), foreign)
    with pytest.raises(WrongUse, match="There is no file"):
        redrive(make_settings(), tmp_path / "nowhere.csv")


def test_log_lines_come_back_as_a_log(make_settings: Make, tmp_path: Path) -> None:
    settings = make_settings()
    good = "".join(f"Jan  4 08:00:{n:02d} mx postfix/qmgr[3]: A{n}: removed\n" for n in range(10))
    bad = "Jan  4 08:01:00 mx postfix/qmgr[3]: AB: removed from somewhere\n"
    drop(settings, "mail.postfix", "mail_20200104_20200105T010000.log", good + bad)
    _load(settings)
    (written,) = quarantine_export(settings, output=tmp_path / "out")
    rows = _read(written.path)
    assert [r[ROW] for r in rows] == ["11"]
    rows[0]["Dòng nhật ký"] = bad.strip().removesuffix(" from somewhere")
    _write(tmp_path / "corrected.csv", rows)
    sent = Path(redrive(settings, tmp_path / "corrected.csv", now=NOW).path)
    assert sent.suffix == ".log"
    newest = max(_load(settings), key=lambda b: b.exported_at)
    assert (newest.stream, newest.rows_loaded, newest.rows_quarantined) == ("postfix", 1, 0)
