"""Opens a workbook (xlsx, xls, xlsb, ods) through calamine; a size that a sheet misstates does not keep it shut."""

from __future__ import annotations

import re
import tempfile
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from pipelines.domain.errors import DataRefused
from pipelines.formats.documents import locked_workbook
from pipelines.formats.error_cells import Errors, xls_errors, xlsx_errors
from pipelines.formats.error_cells_packed import ods_errors, xlsb_errors

# LibreOffice writes `ref="1:65536"` for a sheet with whole rows formatted; calamine wants a column there.
_SIZE = re.compile(rb"<dimension [^>]*/>")
_SHEET_PART = re.compile(r"xl/worksheets/[^/]+\.xml")
_HEAD = 1 << 16
_CHUNK = 1 << 20
_MOST_UNPACKED = 2 * 2**30


class Sheet:
    """One sheet: its rows from the very first, and what a person sees where a formula failed (``#DIV/0!``)."""

    def __init__(self, sheet: CalamineSheet, errors: Errors) -> None:
        self._sheet = sheet
        self.errors = errors
        self.height = sheet.height
        self.width = sheet.width
        self.start = sheet.start
        self.end = sheet.end
        self.merged_cell_ranges = sheet.merged_cell_ranges

    def iter_rows(self) -> Iterator[list[Any]]:
        """Cells as the library gives them, from the first column in use."""
        return self._with_errors() if self.errors else self._sheet.iter_rows()

    def _with_errors(self) -> Iterator[list[Any]]:
        left = self.start[1] if self.start else 0
        for number, row in enumerate(self._sheet.iter_rows()):
            for column, text in self.errors.get(number, {}).items():
                if 0 <= column - left < len(row):
                    row[column - left] = text
            yield row


class Workbook:
    """The sheets of a file by name; ``hidden`` are those that nobody sees who opens it.

    Raises:
        DataRefused: protected, broken, or no workbook.
    """

    def __init__(self, path: Path, *, file_name: str) -> None:
        self._path = path
        self._file_name = file_name
        self._mended: CalamineWorkbook | None = None
        self._xls_errors: list[Errors] | None = None
        self._ods_errors: dict[str, Errors] | None = None
        try:
            self._ending = _ending(path)
            self._book = _opened(path, self._ending)
            # Asked for once: while a sheet is being opened, the library answers nobody else.
            sheets = self._book.sheets_metadata
            self._all = [s.name for s in sheets]
            self._names = [s.name for s in sheets if s.typ is not SheetTypeEnum.ChartSheet]
            self.hidden = frozenset(s.name for s in sheets if s.visible is not SheetVisibleEnum.Visible)
        except (CalamineError, OSError, ValueError, zipfile.BadZipFile) as error:
            raise _unreadable(file_name, error) from error

    @property
    def names(self) -> list[str]:
        """Names of all sheets in order; one that is nothing but a chart is none."""
        return list(self._names)

    def sheet(self, name: str) -> Sheet:
        """One sheet.

        Raises:
            DataRefused: the sheet is broken, or more cells of it failed than are held.
        """
        # Both look through the whole sheet, and neither keeps the other waiting.
        with ThreadPoolExecutor(1) as pool:
            errors = pool.submit(self._errors_of, name)
            sheet = self._cells_of(name)
            return Sheet(sheet, errors.result())

    def _errors_of(self, name: str) -> Errors:
        if self._ending == ".xlsx":
            return xlsx_errors(self._path, name, file_name=self._file_name)
        if self._ending == ".xlsb":
            return xlsb_errors(self._path, name, file_name=self._file_name)
        if self._ending == ".ods":
            if self._ods_errors is None:
                self._ods_errors = ods_errors(self._path, file_name=self._file_name)
            return self._ods_errors.get(name, {})
        if self._xls_errors is None:
            self._xls_errors = xls_errors(self._path, file_name=self._file_name)
        named = len(self._xls_errors) == len(self._all)
        return self._xls_errors[self._all.index(name)] if named else {}

    def _cells_of(self, name: str) -> CalamineSheet:
        try:
            return (self._mended or self._book).get_sheet_by_name(name)
        except (CalamineError, OSError, ValueError) as error:
            if self._mended is not None or self._ending == ".xls":
                raise _unreadable(self._file_name, error) from error
            self._mended = _without_sizes(self._path, self._file_name)
            return self._cells_of(name)


def _opened(path: Path, ending: str) -> CalamineWorkbook:
    """Calamine goes by the name's ending: the file is opened under the ending that its content has."""
    if path.suffix.lower() == ending:
        return CalamineWorkbook.from_path(str(path))
    with tempfile.TemporaryDirectory() as folder:
        named = Path(folder) / f"book{ending}"
        named.symlink_to(path.resolve())
        return CalamineWorkbook.from_path(str(named))


def _ending(path: Path) -> str:
    """``.xls``, ``.ods``, ``.xlsb`` or ``.xlsx`` by content.

    By how it begins: an ``.xls`` of a newer Excel holds a zip of its colours near its end, and would pass for one.
    """
    with path.open("rb") as stream:
        if not stream.read(4).startswith(b"PK"):
            return ".xls"
    with zipfile.ZipFile(path) as packed:
        names = set(packed.namelist())
    if "xl/workbook.bin" in names:
        return ".xlsb"
    return ".ods" if "content.xml" in names else ".xlsx"


def _unreadable(file_name: str, error: Exception) -> DataRefused:
    if isinstance(error, PasswordError):
        return locked_workbook(file_name)
    return DataRefused(
        f"{file_name} cannot be opened as a sheet ({type(error).__name__}).",
        next_step="Save it again without a password, as .xlsx or CSV.",
    )


def _without_sizes(path: Path, file_name: str) -> CalamineWorkbook:
    """The same workbook from a copy whose sheets state no size: calamine then measures them itself."""
    with tempfile.NamedTemporaryFile(suffix=".xlsx") as copy:
        try:
            with zipfile.ZipFile(path) as old, zipfile.ZipFile(copy, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as new:
                if sum(part.file_size for part in old.infolist()) > _MOST_UNPACKED:
                    raise DataRefused(
                        f"{file_name} unpacks to more than {_MOST_UNPACKED >> 30} GB.",
                        next_step="Export it as CSV, or in parts.",
                    )
                for part in old.infolist():
                    with old.open(part) as source, new.open(part.filename, "w") as target:
                        head = source.read(_HEAD)
                        target.write(_SIZE.sub(b"", head, count=1) if _SHEET_PART.fullmatch(part.filename) else head)
                        while chunk := source.read(_CHUNK):
                            target.write(chunk)
            copy.flush()
            return CalamineWorkbook.from_path(copy.name)
        except (CalamineError, OSError, ValueError, zipfile.BadZipFile, RuntimeError) as error:
            raise _unreadable(file_name, error) from error
