"""The files of a stream: which periods they cover, how each is written, and the writing itself.

Lines come from DuckDB as Arrow strings that end in a line feed, ordered by file; the bytes of such a
column are the bytes of the file, so nothing is done row by row.
"""

from __future__ import annotations

import codecs
import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import IO

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import xlsxwriter

from pipelines.domain.errors import InternalFault
from pipelines.simulate.config import SimulationConfig

SHEET_ROWS = 20_000
_BATCH_ROWS = 800_000
SEPARATORS = {"plain": ",", "bom": ",", "sep": ";", "utf16": ",", "sheet": '</t></is></c><c t="inlineStr"><is><t>'}
ROW_OPENS, ROW_CLOSES = '<row><c t="inlineStr"><is><t>', "</t></is></c></row>"
_SHEET = "xl/worksheets/sheet1.xml"


@dataclass(frozen=True)
class Period:
    """What one export covers: its name in file names, and from one in the morning of a day to that of another."""

    number: int
    name: str
    first: date
    after: date

    @property
    def exported_at(self) -> datetime:
        """Exports run at one in the morning after the period."""
        return export_moment(self.after)


@dataclass(frozen=True)
class ExportFile:
    """One file: its path, how it is written, and the lines before and after its rows."""

    number: int
    path: Path
    form: str = "plain"
    head: tuple[str, ...] = ()
    tail: tuple[str, ...] = ()


def export_moment(day_after: date) -> datetime:
    """Exports run at one in the morning after the period."""
    return datetime(day_after.year, day_after.month, day_after.day, 1)


def file_name(stem: str, period: str, exported_at: datetime, suffix: str) -> str:
    """``stem_<period>_<stamp>.suffix``."""
    return f"{stem}_{period}_{exported_at:%Y%m%dT%H%M%S}.{suffix}"


def periods(config: SimulationConfig, *, nightly: bool) -> list[Period]:
    """Months, and the nights of the last month if ``nightly``; SQL's ``file_of`` numbers moments likewise."""
    found: list[Period] = []
    for number in range(config.months):
        first, after = config.month(number), config.month(number + 1)
        if nightly and number == config.months - 1:
            for n in range((after - first).days):
                day = first + timedelta(days=n)
                found.append(Period(len(found), f"{day:%Y%m%d}", day, day + timedelta(days=1)))
        else:
            found.append(Period(len(found), f"{first:%Y%m}", first, after))
    return found


def file_of_sql(config: SimulationConfig, moment: str, *, nightly: bool) -> str:
    """Number of the period in which a moment's change is exported; null outside the months simulated."""
    last, at = config.month(config.months - 1), f"({moment} - interval 1 hour)"
    month = f"date_diff('month', timestamp '{config.start}', {at})"
    daily = f"when {at} >= timestamp '{last}' then {config.months - 1} + day({at}) - 1 " if nightly else ""
    inside = f"{at} >= timestamp '{config.start}' and {at} < timestamp '{config.end}'"
    return f"cast(case when not ({inside}) then null {daily}else {month} end as integer)"


def file_batches(periods: Sequence[Period], rows_per_month: float) -> Iterator[tuple[int, int]]:
    """First and last number of the files made at once: as many as memory holds well."""
    start, rows = 0, 0.0
    for period in periods:
        expected = rows_per_month * (period.after - period.first).days / 30
        if period.number > start and rows + expected > _BATCH_ROWS:
            yield start, period.number - 1
            start, rows = period.number, 0.0
        rows += expected
    yield start, periods[-1].number


class FileWriter:
    """Writes the files of a stream one after the other from lines that come in their order."""

    def __init__(self, files: Sequence[ExportFile]) -> None:
        self._waiting = list(reversed(files))
        self._sink: _Sink | None = None

    def feed(self, batches: Iterable[pa.RecordBatch]) -> None:
        """Write batches with the columns ``number`` of the file and ``line`` with its line end."""
        for batch in batches:
            numbers = _numbers_of(batch.column("number"))
            edges = [0, *(np.flatnonzero(np.diff(numbers)) + 1).tolist(), len(numbers)]
            for start, end in pairwise(edges):
                if end > start:
                    self._sink_of(int(numbers[start])).write(_bytes_of(batch.column("line"), start, end))

    def finish(self, number: int) -> None:
        """Close every file up to ``number``; those without rows are written too."""
        while self._waiting and self._waiting[-1].number <= number:
            self._open_next()
        if self._sink is not None:
            self._sink.close()
            self._sink = None

    def _sink_of(self, number: int) -> _Sink:
        while self._sink is None or self._sink.number < number:
            self._open_next()
        if self._sink.number != number:
            raise InternalFault(f"Rows of file {number} came after those of file {self._sink.number}.")
        return self._sink

    def _open_next(self) -> None:
        if self._sink is not None:
            self._sink.close()
        self._sink = _Sink(self._waiting.pop())


class _Sink:
    """One open file."""

    def __init__(self, file: ExportFile) -> None:
        self.number, self._file = file.number, file
        self._archive: zipfile.ZipFile | None = None
        self._out = self._open()
        for line in file.head:
            self._out.write(self._encoded(_row(line, file.form)))

    def write(self, data: memoryview) -> None:
        self._out.write(str(data, "utf-8").encode("utf-16-le") if self._file.form == "utf16" else data)

    def close(self) -> None:
        for line in self._file.tail:
            self._out.write(self._encoded(_row(line, self._file.form)))
        if self._archive is not None:
            self._out.write(_template()[2])
        self._out.close()
        if self._archive is not None:
            self._archive.close()

    def _open(self) -> IO[bytes]:
        self._file.path.parent.mkdir(parents=True, exist_ok=True)
        if self._file.form != "sheet":
            out = self._file.path.open("wb")
            out.write({"bom": codecs.BOM_UTF8, "utf16": codecs.BOM_UTF16_LE}.get(self._file.form, b""))
            return out
        parts, head, _ = _template()
        # Entries opened by name carry the same date always, those of writestr the present moment.
        self._archive = zipfile.ZipFile(self._file.path, "w", zipfile.ZIP_DEFLATED, compresslevel=1)
        for name, content in parts:
            with self._archive.open(name, "w") as part:
                part.write(content)
        sheet = self._archive.open(_SHEET, "w")
        sheet.write(head)
        return sheet

    def _encoded(self, text: str) -> bytes:
        return text.encode("utf-16-le" if self._file.form == "utf16" else "utf-8")


def _row(line: str, form: str) -> str:
    return f"{ROW_OPENS}{line}{ROW_CLOSES}\n" if form == "sheet" else f"{line}\n"


def _numbers_of(column: pa.Array) -> npt.NDArray[np.int32]:
    """The numbers of an int32 column without nulls, as they lie in memory (``to_numpy`` would import pandas)."""
    return np.frombuffer(column.buffers()[1], dtype=np.int32)[column.offset : column.offset + len(column)]


def _bytes_of(column: pa.Array, start: int, end: int) -> memoryview:
    """The text of rows ``start`` to ``end`` of a string column, as it lies in memory."""
    _, offsets, data = column.buffers()
    edges = np.frombuffer(offsets, dtype=np.int32)
    first, last = int(edges[column.offset + start]), int(edges[column.offset + end])
    return memoryview(data)[first:last]


@cache
def _template() -> tuple[tuple[tuple[str, bytes], ...], bytes, bytes]:
    """The parts of a workbook but its sheet, and what stands before and after the sheet's rows."""
    draft = io.BytesIO()
    with xlsxwriter.Workbook(draft, {"in_memory": True}) as book:
        book.set_properties({"created": datetime(2020, 1, 1)})
        book.add_worksheet("Du lieu")
    with zipfile.ZipFile(draft) as archive:
        head, tail = archive.read(_SHEET).decode().split("<sheetData/>")
        parts = tuple((n, archive.read(n)) for n in archive.namelist() if n != _SHEET)
    return parts, f"{head}<sheetData>".encode(), f"</sheetData>{tail}".encode()
