"""What ``cchc inspect`` finds out about a file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pipelines.flows.column_mapping import ColumnFound
from pipelines.formats.grids import Grid


@dataclass(frozen=True)
class FileInspected:
    """What the file is.

    ``stream`` is the contract that takes it in, None when there is none; ``nearest`` is then the one whose columns
    are most alike, and ``refusal`` says why it does not. ``columns`` map to either. ``header_row`` is the last row of
    the header (from 1), ``header_depth`` its rows, ``header`` one label for each column; they are of ``sheet``.
    ``sheets`` hold the rows as understood (up to the limit asked for); ``sheets_read`` names those that the contract
    takes in, ``sheets_left_over`` the others with rows. ``draft`` is where a drafted contract was written.
    """

    file_name: str
    format: str
    described: str
    stream: str | None
    header_row: int | None
    columns: tuple[ColumnFound, ...]
    left_over: tuple[str, ...]
    missing: tuple[str, ...]
    refusal: str | None
    encoding: str | None = None
    delimiter: str | None = None
    nearest: str | None = None
    sheet: str | None = None
    header_depth: int | None = None
    header: tuple[str, ...] = ()
    sheets: tuple[Grid, ...] = ()
    sheets_read: tuple[str, ...] = ()
    sheets_left_over: tuple[str, ...] = ()
    draft: Path | None = None
