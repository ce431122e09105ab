"""Writes the files of a stream from one query over many files, with their dirt, and notes what was planted.

A stream's query gives, for the files asked for, ``file`` (number of the file), ``sort_at`` and ``ident`` (their
order; ``ident`` occurs once in a file), ``dirtable`` (may a broken copy stand beside the row), ``flags``
(warning rules that the row breaks by itself, as bits), ``signs`` (traps that no rule of a row sees, as bits)
and typed columns. The texts of the cells are made from these while the files are written.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import duckdb
import pyarrow as pa

from pipelines.domain.contracts import Column, Contract
from pipelines.simulate.config import SimulationConfig
from pipelines.simulate.dirt import Dirt
from pipelines.simulate.files import (
    ROW_CLOSES,
    ROW_OPENS,
    SEPARATORS,
    SHEET_ROWS,
    ExportFile,
    FileWriter,
    Period,
    file_batches,
    file_name,
)
from pipelines.simulate.in_order import in_order
from pipelines.simulate.literals import make_table
from pipelines.simulate.truth import FILE, FLAGGED, NON_DATA, NORMALISED, QUARANTINED, SIGNAL, Truth

_ARROW_ROWS = 65_536
_NO_DIRT = Dirt({}, (), {})
_FORMS = ("plain", "bom", "sep", "utf16")
_MARKS = {"bom": "byte_order_mark", "sep": "separator_line", "utf16": "utf_16"}


@dataclass(frozen=True)
class Stream:
    """What a stream exports.

    Attributes:
        contract: its columns and their labels.
        stem: how the files' names begin.
        periods: one file each.
        query: the rows of the files from one number to another, as the module says.
        texts: SQL of each column's text over the query's columns and ``joins``.
        rows_per_month: rows expected at this scale, to choose how many files are made at once.
        dirt: how rows can be dirty, if they can.
        joins: joins to small tables, for the texts.
        sheets: whether the file of that number is a sheet when it is short enough.
        quoted: columns whose clean texts may hold a separator.
        flags, signs: names of the bits of ``flags`` and ``signs``.
    """

    contract: Contract
    stem: str
    periods: Sequence[Period]
    query: Callable[[int, int], str]
    texts: dict[str, str]
    rows_per_month: float = 0.0
    dirt: Dirt = _NO_DIRT
    joins: str = ""
    sheets: Callable[[int], bool] = lambda _: False
    quoted: frozenset[str] = frozenset()
    flags: tuple[str, ...] = ()
    signs: tuple[str, ...] = field(default=())

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns that its files have: those of the contract that a register of the province holds."""
        return tuple(c for c in self.contract.flat_columns if c.name in self.texts)


def bits(tests: dict[str, str]) -> str:
    """SQL of a number whose bits tell which of the tests hold."""
    return " + ".join(f"case when {test} then {1 << n} else 0 end" for n, test in enumerate(tests.values())) or "0"


def stream_lines(connection: duckdb.DuckDBPyConnection, query: str, writer: FileWriter) -> None:
    """Write what a query of (place, number, line) gives: the row's place in its table, its file, its text.

    Nothing but small tables may be joined to that one, each on the building side, so that rows come nearly in
    order.
    """
    reader: pa.RecordBatchReader = connection.execute(query).to_arrow_reader(_ARROW_ROWS)
    writer.feed(in_order(reader))


def export(connection: duckdb.DuckDBPyConnection, config: SimulationConfig, truth: Truth, stream: Stream) -> None:
    """Write the files of a stream."""
    exporter = _Exporter(connection, config, truth, stream)
    for first, last in file_batches(stream.periods, stream.rows_per_month):
        exporter.write(first, last)


class _Exporter:
    """Writes the files of one stream, batch by batch."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, config: SimulationConfig, truth: Truth, stream: Stream
    ) -> None:
        self._connection, self._config, self._truth, self._stream = connection, config, truth, stream
        self._dirty = config.dirt > 0 and bool(stream.dirt.faults)
        # Some files have an empty row in their middle: a reader that stops there loses the rest.
        self._blanks = "file % 5 in (2, 3)" if self._dirty else "false"

    def write(self, first: int, last: int) -> None:
        """Write the files from number ``first`` to ``last``."""
        self._make_rows(first, last)
        files = self._files(first, last)
        self._register(files)
        self._plant(files)
        writer = FileWriter(files)
        stream_lines(self._connection, self._lines(), writer)
        writer.finish(last)

    def _make_rows(self, first: int, last: int) -> None:
        """The rows of the files in order, broken copies right after the rows that they copy."""
        dirt, rate = self._stream.dirt, self._config.dirt
        rows = self._stream.query(first, last)
        if not self._dirty:
            rows = f"select *, 0 as copy, 0 as fault_no, 0 as odd_no from ({rows})"
        else:
            sheets = [p.number for p in self._stream.periods[first : last + 1] if self._stream.sheets(p.number)]
            kinds = (
                f"case when file in ({', '.join(map(str, sheets)) or -1}) then {dirt.whole} else {len(dirt.faults)} end"
            )
            # One pass: a row that is copied is unnested into itself and its broken copy.
            rows = f"""
                select * exclude (chance) replace (case when copy = 0 then flags else 0 end as flags,
                        case when copy = 0 then signs else 0 end as signs),
                    case when copy = 1 then 1 + cast(floor(chance * {kinds}) as integer) else 0 end as fault_no,
                    case when chance >= 1 and chance < 2 then 1 + cast(floor((chance - 1) * {len(dirt.odd)}) as integer)
                        else 0 end as odd_no
                from (
                    select *, unnest(case when chance < 1 then [0, 1] else [0] end) as copy
                    from (select *, case when dirtable then u('dirt', ident * 1000 + file) / {rate} else 9 end as chance
                        from ({rows}))
                )
            """
        self._connection.execute(
            f"create or replace temp table shown as select * from ({rows}) order by file, sort_at, ident, copy"
        )
        self._connection.execute(
            "create or replace temp table extent as select file, min(rowid) as low, count(*) as n, "
            f"case when {self._blanks} and n > 1 then low + n // 2 end as gap from shown group by file"
        )

    def _files(self, first: int, last: int) -> list[ExportFile]:
        counts = self._counts()
        folder = self._config.directory / self._stream.contract.source / self._stream.contract.stream
        files = []
        for period in self._stream.periods[first : last + 1]:
            number = period.number
            count = counts.get(number, 0)
            as_sheet = self._stream.sheets(number) and count <= SHEET_ROWS
            form = "sheet" if as_sheet else _FORMS[number % 4 if self._dirty else 0]
            name = file_name(self._stream.stem, period.name, period.exported_at, "xlsx" if as_sheet else "csv")
            file = ExportFile(number, folder / name, form, self._head(form, self._dirty and number % 3 == 1))
            if self._dirty and number % 2 == 1 and count:
                file = replace(file, tail=(self._record(["Tổng cộng"], form),))
            files.append(file)
            self._truth.wrote(count)
        return files

    def _counts(self) -> dict[int, int]:
        """Rows of each file of the batch that has any."""
        return dict(self._connection.execute("select file, n from extent").fetchall())

    def _head(self, form: str, title: bool) -> tuple[str, ...]:
        labels = self._record([c.label for c in self._stream.columns], form)
        titles = [self._stream.contract.title.vi.upper()] if title else []
        return (*(["sep=;"] if form == "sep" else []), *titles, labels)

    def _record(self, cells: list[str], form: str) -> str:
        separator = SEPARATORS[form]
        padded = [*cells, *[""] * (len(self._stream.columns) - len(cells))]
        return separator.join(f'"{c}"' if separator in c else c for c in padded)

    def _register(self, files: list[ExportFile]) -> None:
        """The table ``file_form`` tells the queries about the files: signs around cells, label, lines of the head."""
        columns = {
            "file": "integer",
            "sep": "varchar",
            "opens": "varchar",
            "closes": "varchar",
            "is_sheet": "boolean",
            "label": "varchar",
            "before": "integer",
        }
        rows = [
            (
                f.number,
                SEPARATORS[f.form],
                ROW_OPENS if f.form == "sheet" else "",
                ROW_CLOSES + "\n" if f.form == "sheet" else "\n",
                f.form == "sheet",
                str(f.path.relative_to(self._config.directory)),
                len(f.head),
            )
            for f in files
        ]
        make_table(self._connection, "file_form", columns, rows)

    def _cells(self) -> str:
        """Every column's text, from the rows and the small tables joined."""
        texts = ", ".join(f'{self._stream.texts[c.name]} as "{c.name}"' for c in self._stream.columns)
        return (
            f"select shown.rowid as place, shown.file::integer as number, shown.ident as ident, "
            f"fault_no, odd_no, {texts} "
            f"from shown {self._stream.joins}"
        )

    def _lines(self) -> str:
        columns = [c.name for c in self._stream.columns]
        cells = [self._written(c) for c in columns]
        whole, cut = ", sep, ".join(cells), ", sep, ".join(cells[: max(len(cells) - 3, 1)])
        line = f"concat(opens, {whole}, closes)"
        if self._dirty:
            gap = f"case when place = gap then concat(opens, repeat(sep, {len(columns) - 1}), closes) else '' end"
            line = f"""case when fault_no = 0 and place is distinct from gap then {line}
                when fault_no in ({self._stream.dirt.ragged_numbers("cut")}) then concat({cut}, closes, {gap})
                when fault_no in ({self._stream.dirt.ragged_numbers("added")})
                    then concat({whole}, sep, 'thừa', sep, 'thừa', closes, {gap})
                else concat({line}, {gap}) end"""
        return (
            f"select place, number, {line} as line from ({self._dirtied()}) "
            "join file_form on file_form.file = number "
            "join extent on extent.file = number"
        )

    def _dirtied(self) -> str:
        """The cells with what is planted in them."""
        touched = self._stream.dirt.touched if self._dirty else set()
        changed = ", ".join(f'{self._stream.dirt.cell(c)} as "{c}"' for c in sorted(touched))
        return f"select * replace ({changed}) from ({self._cells()})" if touched else self._cells()

    def _written(self, column: str) -> str:
        """A column's text with quotation marks where the file needs them."""
        may_need = column in self._stream.quoted or (self._dirty and column in self._stream.dirt.touched)
        return f'cell("{column}", sep, is_sheet)' if may_need else f'"{column}"'

    def _plant(self, files: list[ExportFile]) -> None:
        """Note the planted rows of the batch with their line or row numbers."""
        self._plant_bits("flags", self._stream.flags, FLAGGED)
        self._plant_bits("signs", self._stream.signs, SIGNAL)
        if not self._dirty:
            return
        dirt = self._stream.dirt
        self._truth.plant(self._placed(f"{dirt.fault_kind} as kind", "shown", "fault_no > 0"), QUARANTINED)
        gaps = (
            "select f.label as file, f.before + e.gap - e.low + 2 as row, 'blank' as kind "
            "from extent as e join file_form as f using (file)"
        )
        self._truth.plant(f"{gaps} where gap is not null", NON_DATA)
        odd = f"select place as rowid, number as file, {dirt.odd_kind} as kind from ({self._cells()} where odd_no > 0)"
        self._truth.plant(self._placed("kind", f"({odd})", "kind is not null"), NORMALISED)
        gaps_in = {n for (n,) in self._connection.execute("select file from extent where gap is not null").fetchall()}
        counts = self._counts()
        for file in files:
            label = str(file.path.relative_to(self._config.directory))
            if file.form in _MARKS:
                self._truth.note(label, 0, _MARKS[file.form], FILE)
            if len(file.head) > 1 + (file.form == "sep"):
                self._truth.note(label, len(file.head) - 1, "title", NON_DATA)
            if file.tail:
                self._truth.note(
                    label, len(file.head) + counts[file.number] + (file.number in gaps_in) + 1, "total", NON_DATA
                )

    def _plant_bits(self, column: str, names: tuple[str, ...], outcome: str) -> None:
        if names:
            values = ", ".join(f"({1 << n}, '{name}')" for n, name in enumerate(names))
            source = (
                f"(select shown.rowid, file, kind from shown join (values {values}) as b(bit, kind) "
                f"on {column} & bit > 0 where {column} > 0)"
            )
            self._truth.plant(self._placed("kind", source, "true"), outcome)

    @staticmethod
    def _placed(kind: str, source: str, condition: str) -> str:
        return (
            "select f.label as file, "
            "f.before + s.rowid - e.low + 1 + case when s.rowid > e.gap then 1 else 0 end as row, "
            f"{kind} from {source} as s "
            f"join extent as e on e.file = s.file join file_form as f on f.file = s.file where {condition}"
        )
