"""The header and the rows of data of a sheet, told apart as ``prepare`` would: what a contract is drafted from."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from pipelines.domain.contracts import Bilingual, Column, Contract
from pipelines.domain.errors import DataRefused
from pipelines.domain.text import canonical_key, clean
from pipelines.formats.header_rows import guess_header, header_labels
from pipelines.formats.headers import LOOK_AHEAD, find_header
from pipelines.formats.package import kind_sql

_DECIMAL = re.compile(r"-?\d+\.\d+")

Rows = Sequence[Sequence[str]]


@dataclass(frozen=True)
class Table:
    """One label for each column, and the rows that are data."""

    header: list[str]
    rows: list[list[str]]


def table_of(rows: Rows, *, file_name: str, decimals: Collection[int] = ()) -> Table:
    """The table that stands in the rows of a sheet; in columns of ``decimals`` a point stands before decimals.

    Raises:
        DataRefused: none of the first rows looks like a header.
    """
    guessed = guess_header(rows[:LOOK_AHEAD])
    if guessed is None:
        raise DataRefused(
            f"{file_name} has no header from which a contract could be drafted.",
            next_step="Give its first row the names of the columns.",
        )
    top, depth = guessed
    labels = header_labels(rows[top - 1 : top - 1 + depth])
    data = _data(rows, labels, file_name)
    for row in data:
        for n in decimals:
            if n < len(row) and _DECIMAL.fullmatch(row[n]):
                row[n] = row[n].replace(".", ",")
    return Table(labels, data)


def _data(rows: Rows, labels: Sequence[str], file_name: str) -> list[list[str]]:
    """The rows below the header without blanks, totals, sections and notes."""
    contract = _of_text(labels)
    header = find_header(rows[:LOOK_AHEAD], contract, file_name=file_name)
    width = header.width
    names = ["rn", *(f"c{n}" for n in range(width))]
    padded = [[number, *row[:width], *[""] * (width - len(row))] for number, row in enumerate(rows, start=1)]
    cells = pa.table(dict(zip(names, map(list, zip(*padded, strict=True)), strict=True)))
    with duckdb.connect() as connection:
        connection.register("cells", cells)
        kind = kind_sql(header, contract, can_be_short=False)
        found = connection.execute(f"select * exclude (rn) from cells where {kind} is null order by rn").fetchall()
    return [list(row) for row in found]


def _of_text(labels: Sequence[str]) -> Contract:
    """A contract of nothing but the labels, by which a row is told from a title or a total."""
    distinct = {canonical_key(label): clean(label) for label in labels if canonical_key(label)}
    columns = tuple(Column(name=f"c{n}", label=label) for n, label in enumerate(distinct.values()))
    title = Bilingual(vi="", en="")
    return Contract(source="", stream="", version=1, title=title, formats=("delimited",), columns=columns)
