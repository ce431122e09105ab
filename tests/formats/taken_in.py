"""Exports made by hand, landed and prepared as a run does it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import xlsxwriter

from pipelines.flows.collect import collect
from pipelines.flows.prepare import PrepareResult, prepare
from pipelines.settings import Settings
from pipelines.sources.registry import contract_for
from pipelines.storage.home import Home
from pipelines.storage.ledger import Batch, Ledger

# Labels of igate.dossiers that a row cannot do without, and values that break no rule.
DOSSIER: Mapping[str, str] = {
    "Mã hồ sơ": "000.00.12.H15-200104-0001",
    "Mã TTHC": "1.001234.000.00.00.H15",
    "Chủ hồ sơ": "Nguyễn Văn Thử",
    "Ngày tiếp nhận": "04/01/2020 08:00:00",
    "Ngày hẹn trả": "10/01/2020 17:00:00",
    "Trạng thái hồ sơ": "4",
    "Mã đơn vị xử lý": "000.00.12.H15",
    "Ghi chú": "",
}
HEADER = list(DOSSIER)


def cells(number: int = 1, **changes: str) -> list[str]:
    """The cells of a dossier with a code of its own; changes by contract column."""
    names = {c.label: c.name for c in contract_for("igate", "dossiers").columns}
    code = {"dossier_code": f"000.00.12.H15-200104-{number:04d}"}
    return [({**code, **changes}).get(names[label], value) for label, value in DOSSIER.items()]


def line(values: Sequence[str], delimiter: str = ",") -> str:
    """One record as CSV, every cell quoted."""
    return delimiter.join('"' + v.replace('"', '""') + '"' for v in values)


def csv_of(*records: Sequence[str], delimiter: str = ",", end: str = "\r\n") -> str:
    """Records as CSV text."""
    return "".join(line(r, delimiter) + end for r in records)


def xlsx(path: Path, rows: Sequence[Sequence[Any]], *, first_row: int = 0) -> bytes:
    """A workbook of one sheet; moments are written as Excel dates."""
    with xlsxwriter.Workbook(str(path), {"default_date_format": "dd/mm/yyyy hh:mm:ss"}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows, start=first_row):
            for column, value in enumerate(row):
                sheet.write(number, column, value)
    return path.read_bytes()


def drop(settings: Settings, stream: str, name: str, data: bytes | str) -> Path:
    """Put an export into the inbox; ``stream`` is ``source.stream``."""
    path = Home(settings.home).inbox.joinpath(*stream.split("."), name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


@dataclass(frozen=True)
class Package:
    """What ``prepare`` made of one file."""

    result: PrepareResult
    batch: Batch
    folder: Path

    @property
    def told(self) -> dict[str, Any]:
        return json.loads((self.folder / "package.json").read_text(encoding="utf-8"))  # type: ignore[no-any-return]

    @property
    def non_data(self) -> dict[str, int]:
        return self.told["counts"]["non_data_by_kind"]  # type: ignore[no-any-return]

    def rows(self, *columns: str) -> list[tuple[Any, ...]]:
        """Columns of ``rows.parquet`` in order."""
        return self._select("rows", columns)

    def column(self, name: str) -> list[Any]:
        return [value for (value,) in self.rows(name)]

    def rejects(self) -> list[tuple[int, str]]:
        """Row number and rule of each reject."""
        return self._select("rejects", ("_row_number", "rule"))

    def _select(self, file: str, columns: Sequence[str]) -> list[tuple[Any, ...]]:
        path = str(self.folder / f"{file}.parquet")
        return duckdb.execute(
            f"select {', '.join(columns)} from read_parquet($1) order by _row_number", [path]
        ).fetchall()


def prepared(settings: Settings, stream: str, name: str, data: bytes | str) -> Package:
    """Drop, collect and prepare one export; its row accounting must close and each row have a number of its own."""
    drop(settings, stream, name, data)
    collect(settings)
    (result,) = prepare(settings)
    home = Home(settings.home)
    batch = Ledger(home.ledger).batch(result.batch_id)
    package = Package(result, batch, home.package_of(batch.source, batch.stream, batch.batch_id))
    if result.refusal is None:
        assert result.rows_in_file == result.rows + result.rejected + result.non_data
        numbers = [n for (n,) in package.rows("_row_number")] + [n for n, _ in package.rejects()]
        assert len(set(numbers)) == len(numbers) == result.rows + result.rejected
        assert all(0 < n <= result.rows_in_file for n in numbers)
    return package
