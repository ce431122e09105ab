"""Rows of a database as text that the reader of delimited files takes for what it is."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.domain.errors import DataRefused, WrongUse
from pipelines.formats.numbers import number_text
from pipelines.storage.databases import Rows
from pipelines.storage.engine import quote_name, quote_text
from pipelines.storage.landing import VIETNAM

MARK = "_cchc_mark"
_BYTES = {bytes, bytearray, memoryview}
_NUMBERS = 10**30  # makes whole numbers of either sign texts of one length, in order


@dataclass(frozen=True)
class Watermark:
    """The newest value of a watermark column: a moment, a day, a whole number or a text."""

    value: dt.datetime | dt.date | int | str

    def before(self, overlap: int) -> Watermark:
        """As far back as the overlap reaches.

        Raises:
            WrongUse: a text has no distance.
        """
        value = self.value
        if isinstance(value, dt.datetime):
            return Watermark(value - dt.timedelta(seconds=overlap))
        if isinstance(value, dt.date):
            return Watermark(value - dt.timedelta(days=-(-overlap // 86_400)))
        if isinstance(value, int):
            return Watermark(value - overlap)
        if overlap:
            raise WrongUse("A watermark of text has no overlap.", next_step="Take `overlap` out of the file.")
        return self

    @property
    def sortable(self) -> str:
        """A text that sorts as the values do."""
        value = self.value
        if isinstance(value, dt.datetime):
            local = value.astimezone(dt.UTC).replace(tzinfo=None) if value.tzinfo else value
            return local.isoformat(timespec="microseconds")
        if isinstance(value, dt.date):
            return value.isoformat()
        return f"{value + _NUMBERS:031d}" if isinstance(value, int) else value

    def to_json(self) -> dict[str, Any]:
        """For the ledger."""
        kind = type(self.value).__name__
        return {"type": kind, "value": self.value if isinstance(self.value, int | str) else self.value.isoformat()}

    @classmethod
    def from_json(cls, told: dict[str, Any]) -> Watermark:
        """From the ledger."""
        text = str(told["value"])
        match told["type"]:
            case "datetime":
                return cls(dt.datetime.fromisoformat(text))
            case "date":
                return cls(dt.date.fromisoformat(text))
            case "int":
                return cls(int(text))
            case _:
                return cls(text)


def watermark_of(value: Any, column: str) -> Watermark:
    """A value of the watermark column.

    Raises:
        WrongUse: of a type that has no sound order.
    """
    if isinstance(value, Decimal) and value == value.to_integral_value():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, dt.date | int | str):
        raise WrongUse(
            f"{column} holds {type(value).__name__}, which is no watermark.",
            next_step="Name a column of times, days, whole numbers or text.",
        )
    return Watermark(value)


def write_parquet(
    rows: Rows, target: Path, *, watermark: str | None, max_bytes: int, codes: Collection[str] = ()
) -> tuple[int, Watermark | None]:
    """Stream rows to Parquet: every value as text, and the watermark once more as a sortable text.

    Args:
        rows: the result of a query.
        target: the file.
        watermark: the column to go by, if any.
        max_bytes: how large all may be.
        codes: columns that hold text for us, whatever they are in the database: a number there keeps its dot.

    Returns:
        the number of rows, and the newest watermark.

    Raises:
        DataRefused: a column holds bytes, or all is larger than ``max_bytes``.
        WrongUse: two columns of one name, or no watermark column.
    """
    _check_names(rows.names, watermark)
    schema = pa.schema([(name, pa.string()) for name in (*rows.names, MARK)])
    count, size, newest = 0, 0, None
    with pq.ParquetWriter(target, schema, compression="zstd") as writer:
        for columns in _columns(rows.parts):
            marks: list[Watermark | None] = [None] * len(columns[0])
            if watermark is not None:
                values = columns[rows.names.index(watermark)]
                marks = [None if v is None else watermark_of(v, watermark) for v in values]
                newest = max((m for m in (newest, *marks) if m), key=lambda m: m.sortable, default=None)
            arrays = [_as_text(c, n, is_code=n in codes) for c, n in zip(columns, rows.names, strict=True)]
            arrays.append(pa.array([m and m.sortable for m in marks], pa.string()))
            batch = pa.record_batch(arrays, schema=schema)
            count, size = count + batch.num_rows, size + batch.nbytes
            if size > max_bytes:
                raise DataRefused(
                    f"It is larger than the {max_bytes} bytes allowed.",
                    next_step="Narrow the query, or raise CCHC_MAX_FILE_BYTES.",
                )
            writer.write_batch(batch)
    return count, newest


def _check_names(names: Sequence[str], watermark: str | None) -> None:
    folded = [n.casefold() for n in (*names, MARK)]
    twice = sorted({n for n in folded if folded.count(n) > 1})
    if twice:
        raise WrongUse(f"The query gives more than one column {', '.join(twice)}.", next_step="Rename them with AS.")
    if watermark is not None and watermark not in names:
        raise WrongUse(f"There is no column {watermark} to go by.", next_step=f"It has {', '.join(names)}.")


def _columns(parts: Iterator[Sequence[Any]]) -> Iterator[list[tuple[Any, ...]]]:
    for part in parts:
        if part:
            yield list(zip(*part, strict=True))


def _as_text(values: tuple[Any, ...], name: str, *, is_code: bool) -> pa.Array:
    kinds = set(map(type, values))
    if kinds & _BYTES:
        raise DataRefused(f"The column {name} holds bytes, not text.", next_step="Leave it out of the query.")
    if kinds <= {str, type(None)}:
        return pa.array(values, pa.string())
    return pa.array([cell_of(v, is_code=is_code) for v in values], pa.string())


def cell_of(value: Any, *, is_code: bool = False) -> str | None:
    """A value as an export of Vietnam would write it: a comma before decimals, moments as local ISO time.

    A code that the database keeps as a number (``2020.33``) is no amount: it keeps its dot.
    """
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float | Decimal):
        return number_text(value).replace(",", ".") if is_code else number_text(value)
    if isinstance(value, dt.datetime):
        local = value.astimezone(VIETNAM).replace(tzinfo=None) if value.tzinfo else value
        return local.isoformat(sep=" ", timespec="microseconds" if local.microsecond else "seconds")
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, default=str)
    return value.isoformat() if isinstance(value, dt.date | dt.time) else str(value)


def write_new_rows(
    connection: duckdb.DuckDBPyConnection, parquet: Path, target: Path, *, names: Sequence[str], taken: Path | None
) -> int:
    """Write the rows that were not taken before as CSV; their number. ``taken`` holds hashes of those that were."""
    chosen = ", ".join(quote_name(n) for n in names)
    known = f"where {_hash(names)} not in (select h from read_parquet({quote_text(taken)}))" if taken else ""
    found = connection.execute(
        f"copy (select {chosen} from read_parquet({quote_text(parquet)}) {known}) "
        f"to {quote_text(target)} (format csv, header true, force_quote ({chosen}))"
    ).fetchone()
    return int(found[0]) if found else 0


def write_taken(
    connection: duckdb.DuckDBPyConnection, parquet: Path, target: Path, *, names: Sequence[str], since: Watermark
) -> None:
    """Hashes of the rows that the next look will see again: those of the overlap, and those without a watermark."""
    connection.execute(
        f"copy (select distinct {_hash(names)} as h from read_parquet({quote_text(parquet)}) "
        f"where {MARK} is null or {MARK} >= {quote_text(since.sortable)} order by h) "
        f"to {quote_text(target)} (format parquet)"
    )


def _hash(names: Sequence[str]) -> str:
    cells = ", ".join(f"coalesce('v' || {quote_name(n)}, 'n')" for n in names)
    return f"md5(concat_ws('\x1f', {cells}))"
