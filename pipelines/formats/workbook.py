"""Opens a workbook (xlsx, xls, xlsb, ods) through calamine; a size that a sheet misstates does not keep it shut."""

from __future__ import annotations

import re
import tempfile
import zipfile
from pathlib import Path

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from pipelines.domain.errors import DataRefused

# LibreOffice writes `ref="1:65536"` for a sheet with whole rows formatted; calamine wants a column there.
_SIZE = re.compile(rb"<dimension [^>]*/>")
_SHEET_PART = re.compile(r"xl/worksheets/[^/]+\.xml")
_HEAD = 1 << 16
_CHUNK = 1 << 20
_MOST_UNPACKED = 2 * 2**30


class Workbook:
    """The sheets of a file by name.

    Raises:
        DataRefused: protected, broken, or no workbook.
    """

    def __init__(self, path: Path, *, file_name: str) -> None:
        self._path = path
        self._file_name = file_name
        self._mended: CalamineWorkbook | None = None
        try:
            self._book = _opened(path)
        except (CalamineError, OSError, ValueError, zipfile.BadZipFile) as error:
            raise _unreadable(file_name, error) from error

    @property
    def names(self) -> list[str]:
        """Names of all sheets in order."""
        return list(self._book.sheet_names)

    def sheet(self, name: str) -> CalamineSheet:
        """One sheet.

        Raises:
            DataRefused: the sheet is broken.
        """
        try:
            return (self._mended or self._book).get_sheet_by_name(name)
        except (CalamineError, OSError, ValueError) as error:
            if self._mended is not None or not zipfile.is_zipfile(self._path):
                raise _unreadable(self._file_name, error) from error
            self._mended = _without_sizes(self._path, self._file_name)
            return self.sheet(name)


def _opened(path: Path) -> CalamineWorkbook:
    """Calamine goes by the name's ending: the file is opened under the ending that its content has."""
    ending = _ending(path)
    if path.suffix.lower() == ending:
        return CalamineWorkbook.from_path(str(path))
    with tempfile.TemporaryDirectory() as folder:
        named = Path(folder) / f"book{ending}"
        named.symlink_to(path.resolve())
        return CalamineWorkbook.from_path(str(named))


def _ending(path: Path) -> str:
    """``.xls``, ``.ods``, ``.xlsb`` or ``.xlsx`` by content."""
    if not zipfile.is_zipfile(path):
        return ".xls"
    with zipfile.ZipFile(path) as packed:
        names = set(packed.namelist())
    if "xl/workbook.bin" in names:
        return ".xlsb"
    return ".ods" if "content.xml" in names else ".xlsx"


def _unreadable(file_name: str, error: Exception) -> DataRefused:
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
                    raise DataRefused(f"{file_name} unpacks to more than {_MOST_UNPACKED >> 30} GB.")
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
