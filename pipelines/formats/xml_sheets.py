"""Sheets in the XML of Excel 2003 (SpreadsheetML), which many systems write and call ``.xls``.

Rows and cells may say their place (``ss:Index``); what lies between is empty. Entities are not resolved, nothing is
fetched. The vocabulary is Microsoft's "XML Spreadsheet Reference" (2001–2003).
"""

from __future__ import annotations

import datetime as dt
import mmap
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from lxml import etree

from pipelines.domain.errors import DataRefused
from pipelines.formats.html_tables import MOST_COLUMNS, Row, forget
from pipelines.formats.lines import UTF8, copy_text

_NS = "{urn:schemas-microsoft-com:office:spreadsheet}"
_VISIBLE = "{urn:schemas-microsoft-com:office:excel}Visible"
_MAY_HIDE = re.compile(rb">\s*Sheet(?:Very)?Hidden\s*<")
_MOST_ROWS = 1_048_576


def xml_sheet_rows(path: Path, encoding: str, *, file_name: str, scratch: Path) -> Iterator[Row]:
    """The rows of all sheets in order, from the first of each; numbers and moments are such.

    Raises:
        DataRefused: it is not well-formed, or a row lies beyond what a sheet can hold.
    """
    sheet, number, name = -1, 0, ""
    try:
        for event, element in _events(_in_utf8(path, encoding, scratch), f"{_NS}Worksheet", f"{_NS}Row"):
            if element.tag == f"{_NS}Worksheet":
                if event == "start":
                    sheet, number, name = sheet + 1, 0, element.get(f"{_NS}Name") or f"sheet {sheet + 2}"
            elif event == "end":
                place = _place(element, number, _MOST_ROWS, file_name)
                yield from (Row(sheet, [], name=name) for _ in range(number, place))
                yield _row(element, sheet, place, name, file_name)
                number = place + 1
                forget(element)
    except etree.XMLSyntaxError as error:
        raise DataRefused(
            f"{file_name} is XML of a sheet that is not well-formed: {error.msg}.",
            next_step="Export it again, best as XLSX or CSV.",
        ) from error


def hidden_sheets(path: Path, encoding: str, *, scratch: Path) -> frozenset[int]:
    """Places of the sheets that nobody sees who opens the file. What a sheet says of itself stands after its rows.

    None where it is not well-formed: whoever reads its rows says so.
    """
    utf8 = _in_utf8(path, encoding, scratch)
    # Most files hide nothing, and to find that out takes no parser.
    with utf8.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as content:
        if not _MAY_HIDE.search(content):
            return frozenset()
    found: set[int] = set()
    sheet = -1
    with suppress(etree.XMLSyntaxError):
        for event, element in _events(utf8, f"{_NS}Worksheet", f"{_NS}Row", _VISIBLE):
            if event == "start":
                sheet += element.tag == f"{_NS}Worksheet"
            elif element.tag == _VISIBLE and (element.text or "").strip() in ("SheetHidden", "SheetVeryHidden"):
                found.add(sheet)
            elif element.tag == f"{_NS}Row":
                forget(element)
    return frozenset(found)


def _in_utf8(path: Path, encoding: str, scratch: Path) -> Path:
    return path if encoding in UTF8 else copy_text(path, encoding, scratch / "sheets.xml")


def _events(utf8: Path, *tags: str) -> Iterator[tuple[str, Any]]:
    """Beginnings and ends of elements, one after the other."""
    yield from etree.iterparse(
        str(utf8), events=("start", "end"), tag=tags, encoding="utf-8", resolve_entities=False, no_network=True
    )


def _row(element: Any, sheet: int, number: int, name: str, file_name: str) -> Row:
    row = Row(sheet, [], name=name)
    for cell in element.iterchildren(f"{_NS}Cell"):
        column = _place(cell, len(row.cells), MOST_COLUMNS, file_name)
        row.cells.extend([""] * (column - len(row.cells)))
        wide, high = _more(cell, "MergeAcross"), _more(cell, "MergeDown")
        row.cells.extend([_value(cell), *[""] * min(wide, MOST_COLUMNS - column - 1)])
        if wide or high:
            row.areas.append((number, column, number + high, column + wide))
    return row


def _place(element: Any, expected: int, most: int, file_name: str) -> int:
    """Where a row or cell stands, from 0: where it says so, else after the one before."""
    told = element.get(f"{_NS}Index") or ""
    place = int(told) - 1 if told.isdecimal() and len(told) < 9 else expected
    if place >= most:
        raise DataRefused(
            f"{file_name}: a cell lies outside of any sheet ({place + 1}).", next_step="Export it as CSV."
        )
    return max(place, expected)


def _more(cell: Any, name: str) -> int:
    told = cell.get(f"{_NS}{name}") or ""
    return min(int(told), _MOST_ROWS) if told.isdecimal() and len(told) < 9 else 0


def _value(cell: Any) -> Any:
    """Text as it stands, numbers and moments as such; what is of no type is text."""
    data = cell.find(f"{_NS}Data")
    if data is None:
        return ""
    text = "".join(data.itertext())
    with suppress(ValueError):
        match data.get(f"{_NS}Type"):
            case "Number":
                return float(text)
            case "DateTime":
                return dt.datetime.fromisoformat(text)
            case "Boolean":
                return text.strip() == "1"
    return text.strip()
