"""Files of one format and size, two unless told, made of a month that a simulated province exports, again and again."""

from __future__ import annotations

import csv
from pathlib import Path

import duckdb
import xlsxwriter

_NAMES = ("202001_20200201T010000", "202002_20200301T010000")
CSV_AS_TEXT = "all_varchar = true, header = true, delim = ',', quote = '\"'"
_AS_CSV = 1 / 3  # of the bytes that the same records have as JSON
_SHEET_SHARE = 0.2  # a sheet is packed: so much of the size asked for makes as many cells


def write_csv(province: Path, target: Path, megabytes: float, *, count: int = 2) -> list[Path]:
    """Dossiers in UTF-8 with commas."""
    return [
        _repeat(_month(province / "igate/dossiers"), target / f"hoso_{name}.csv", megabytes, header=1, skip=n)
        for n, name in enumerate(_NAMES[:count])
    ]


def write_ndjson(province: Path, target: Path, megabytes: float, *, count: int = 2) -> list[Path]:
    """The same dossiers, one record a line."""
    # The names are there again in every record.
    return [_from_csv(path) for path in write_csv(province, target, megabytes * _AS_CSV, count=count)]


def write_xlsx(province: Path, target: Path, megabytes: float) -> list[Path]:
    """Dossiers in a workbook of one sheet."""
    made = []
    for path in write_csv(province, target, megabytes * _SHEET_SHARE):
        with xlsxwriter.Workbook(str(path.with_suffix(".xlsx")), {"constant_memory": True}) as book:
            sheet = book.add_worksheet()
            with path.open(encoding="utf-8", newline="") as stream:
                for number, record in enumerate(csv.reader(stream)):
                    sheet.write_row(number, 0, record)
        path.unlink()
        made.append(path.with_suffix(".xlsx"))
    return made


def write_postfix(province: Path, target: Path, megabytes: float, *, count: int = 2) -> list[Path]:
    """Lines of a Postfix server's syslog."""
    return _log(province / "mail/postfix", target, "mail", megabytes, count=count)


def write_zimbra(province: Path, target: Path, megabytes: float) -> list[Path]:
    """Lines of Zimbra's audit log."""
    return _log(province / "mail/zimbra_audit", target, "audit", megabytes)


def _log(source: Path, target: Path, stem: str, megabytes: float, *, count: int = 2) -> list[Path]:
    return [
        _repeat(_month(source), target / f"{stem}_{name}.log", megabytes, header=0, skip=n)
        for n, name in enumerate(_NAMES[:count])
    ]


def _month(folder: Path) -> Path:
    """The first export: a whole month, in the plain form."""
    return min(folder.iterdir())


def _repeat(source: Path, target: Path, megabytes: float, *, header: int, skip: int) -> Path:
    """The lines of ``source`` until the size is reached, a few left out so that no two files are the same."""
    lines = source.read_bytes().splitlines(keepends=True)
    body = b"".join(lines[header + skip :])
    with target.open("wb") as stream:
        stream.writelines(lines[:header])
        while stream.tell() < megabytes * 1e6:
            stream.write(body)
    return target


def _from_csv(path: Path) -> Path:
    target = path.with_suffix(".ndjson")
    with duckdb.connect() as connection:
        connection.execute("set preserve_insertion_order = true")
        connection.execute(f"copy (from read_csv('{path}', {CSV_AS_TEXT})) to '{target}' (format json)")
    path.unlink()
    return target
