"""Writes one export file from a query, with its dirt, and notes what was planted.

The query gives ``ord`` (order of the rows), ``dirtable`` (may a broken copy stand beside the row),
``flags`` (warning rules that the row breaks by itself) and every column of the contract as text.
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb
import xlsxwriter

from pipelines.domain.contracts import Contract
from pipelines.simulate.config import SimulationConfig
from pipelines.simulate.truth import FILE, FLAGGED, NON_DATA, NORMALISED, QUARANTINED, Truth

SHEET_ROWS = 20_000
_SEPARATORS = {"plain": ",", "bom": ",", "sep": ";", "utf16": ","}


@dataclass(frozen=True)
class Fault:
    """A way to break a copy of a row: the rule it must be found under, and the values that break it.

    ``values`` maps columns to SQL expressions over the clean row; ``ragged`` changes the number of cells
    instead (delimited text only): ``cut`` takes cells off the end, ``added`` puts some on.
    """

    kind: str
    values: dict[str, str]
    ragged: str = ""


@dataclass(frozen=True)
class Dirt:
    """How the rows of one stream can be dirty.

    ``new_key`` gives the values that make a broken copy's key one that nobody uses; ``{n}`` is its number.
    ``odd`` are values written in another allowed way: the row is clean all the same.
    """

    new_key: dict[str, str]
    faults: tuple[Fault, ...]
    odd: dict[str, tuple[str, str]]


def period_name(stem: str, period: str, exported_at: datetime, suffix: str) -> str:
    """``stem_<period>_<stamp>.suffix``."""
    return f"{stem}_{period}_{exported_at:%Y%m%dT%H%M%S}.{suffix}"


def export_moment(day_after: date) -> datetime:
    """Exports run at one in the morning after the period."""
    return datetime(day_after.year, day_after.month, day_after.day, 1)


def periods(config: SimulationConfig, *, nightly: bool) -> list[tuple[str, date, date]]:
    """(name, first day, day after) of each export: months, and the nights of the last month if ``nightly``."""
    found = []
    for number in range(config.months):
        first, after = config.month(number), config.month(number + 1)
        if nightly and number == config.months - 1:
            days = [first + timedelta(days=n) for n in range((after - first).days)]
            found += [(f"{d:%Y%m%d}", d, d + timedelta(days=1)) for d in days]
        else:
            found.append((f"{first:%Y%m}", first, after))
    return found


class Exporter:
    """Writes the files of one stream."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        config: SimulationConfig,
        truth: Truth,
        contract: Contract,
        dirt: Dirt | None,
    ) -> None:
        self._connection, self._config, self._truth = connection, config, truth
        self._contract, self._dirt = contract, dirt
        self._columns = [c.name for c in contract.columns]

    def write(self, query: str, name: str, *, sheet: bool = False, shape: int = 0) -> None:
        """Write one file.

        Args:
            query: the rows, as the module says.
            name: the file's name without its folder; the suffix follows what is written.
            sheet: as XLSX, when there are at most 20,000 rows.
            shape: number of the file; every few get a mark, another separator or encoding when there is dirt.
        """
        count = self._make_rows(query)
        as_sheet = sheet and count <= SHEET_ROWS
        dirty = self._dirt is not None and self._config.dirt > 0
        form = "sheet" if as_sheet else ("plain", "bom", "sep", "utf16")[shape % 4 if dirty else 0]
        title, total = dirty and shape % 3 == 1, dirty and shape % 2 == 1 and count > 0
        if dirty:
            self._make_dirty(ragged=form != "sheet")
        folder = self._config.directory / self._contract.source / self._contract.stream
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{name}.{'xlsx' if as_sheet else 'csv'}"
        offset = 1 + title + (form == "sep")
        self._number(offset)
        label = str(path.relative_to(self._config.directory))
        self._note(label, form, title=title, total=total, offset=offset)
        if form == "sheet":
            self._write_sheet(path, title=title, total=total)
        else:
            self._write_text(path, form, title=title, total=total)
        self._truth.wrote(count)

    def _make_rows(self, query: str) -> int:
        columns = ", ".join(f'"{c}"' for c in self._columns)
        self._connection.execute(
            f"create or replace temp table export as select ord, dirtable, flags, null::varchar as kind, "
            f"null::varchar as odd, '' as ragged, {columns} from ({query})"
        )
        row = self._connection.execute("select count(*) from export").fetchone()
        return int(row[0]) if row else 0

    def _make_dirty(self, *, ragged: bool) -> None:
        """Odd but right values in clean rows; broken copies after the rows that they copy."""
        if self._dirt is None:
            return
        rate, key = self._config.dirt, self._key()
        for number, (kind, (column, value)) in enumerate(self._dirt.odd.items()):
            self._connection.execute(
                f"update export set \"{column}\" = {value}, odd = '{kind}' where dirtable and odd is null "
                f"and u('odd{number}', {key}) < {rate} / {len(self._dirt.odd)} and \"{column}\" <> '' "
                f'and "{column}" is distinct from ({value})'
            )
        faults = [f for f in self._dirt.faults if ragged or not f.ragged]
        for number, fault in enumerate(faults):
            changed = {**({} if fault.kind == "duplicate_key" else self._dirt.new_key), **fault.values}
            values = ", ".join(
                f'({changed[c].replace("{n}", "n")}) as "{c}"' if c in changed else f'"{c}"' for c in self._columns
            )
            self._connection.execute(
                f"insert into export select ord + {number + 1} * 0.01, false, [], '{fault.kind}', null, '{fault.ragged}', "
                f"{values} from (select *, {number + 1} * 1000000 + row_number() over (order by ord) as n from export "
                f"where dirtable and kind is null and odd is null and u('fault{number}', {key}) < {rate} / {len(faults)})"
            )

    def _key(self) -> str:
        return " || ".join(f'"{c}"' for c in self._contract.key)

    def _number(self, offset: int) -> None:
        self._connection.execute(
            f"create or replace temp table numbered as select {offset} + row_number() over (order by ord) as row, * from export"
        )

    def _note(self, label: str, form: str, *, title: bool, total: bool, offset: int) -> None:
        plant = self._truth.plant
        plant("select row, kind from numbered where kind is not null", label, QUARANTINED)
        plant("select row, unnest(flags) as kind from numbered where kind is null", label, FLAGGED)
        plant("select row, odd as kind from numbered where odd is not null", label, NORMALISED)
        if form in ("bom", "sep", "utf16"):
            self._truth.note(
                label, 0, {"bom": "byte_order_mark", "sep": "separator_line", "utf16": "utf_16"}[form], FILE
            )
        if title:
            self._truth.note(label, offset - 1, "title", NON_DATA)
        if total:
            row = self._connection.execute("select coalesce(max(row), 0) from numbered").fetchone()
            self._truth.note(label, (int(row[0]) if row else 0) + 1, "total", NON_DATA)

    def _write_text(self, path: Path, form: str, *, title: bool, total: bool) -> None:
        separator = _SEPARATORS[form]
        special = f'[{separator}"\\n\\r]'
        cells = [
            f"case when regexp_matches(\"{c}\", '{special}') then '\"' || replace(\"{c}\", '\"', '\"\"') || '\"' "
            f"else coalesce(\"{c}\", '') end"
            for c in self._columns
        ]
        whole = f"concat_ws('{separator}', {', '.join(cells)})"
        cut = f"concat_ws('{separator}', {', '.join(cells[: max(len(cells) - 3, 1)])})"
        added = f"concat_ws('{separator}', {', '.join(cells)}, 'thừa', 'thừa')"
        head = [*(["sep=;"] if form == "sep" else []), *([self._title()] if title else [])]
        head.append(separator.join(_csv_cell(c.label, separator) for c in self._contract.columns))
        tail = [separator.join(["Tổng cộng", *[""] * (len(self._columns) - 1)])] if total else []
        ends = "".join(
            f"union all select {place + n}, {_sql(text)} "
            for place, texts in ((-1000, head), (1e15, tail))
            for n, text in enumerate(texts)
        )
        lines = f"select ord, case ragged when 'cut' then {cut} when 'added' then {added} else {whole} end as line from numbered"
        self._connection.execute(
            f"copy (select line from ({lines} {ends}) order by ord) to {_sql(path)} "
            "(format csv, header false, quote '', escape '', delimiter '\x01')"
        )
        _recode(path, form)

    def _title(self) -> str:
        return self._contract.title.vi.upper()

    def _write_sheet(self, path: Path, *, title: bool, total: bool) -> None:
        columns = ", ".join(f'"{c}"' for c in self._columns)
        rows = self._connection.execute(f"select {columns} from numbered order by ord").fetchall()
        with xlsxwriter.Workbook(str(path), {"constant_memory": True, "strings_to_numbers": False}) as book:
            book.set_properties({"created": datetime(2020, 1, 1)})
            sheet = book.add_worksheet("Du lieu")
            if title:
                sheet.write_string(0, 0, self._title())
            sheet.write_row(title, 0, [c.label for c in self._contract.columns])
            for n, row in enumerate(rows, title + 1):
                for place, text in enumerate(row):
                    if text:
                        sheet.write_string(n, place, text)
            if total:
                sheet.write_string(len(rows) + title + 1, 0, "Tổng cộng")


def _recode(path: Path, form: str) -> None:
    if form not in ("bom", "utf16"):
        return
    draft = path.with_suffix(".recoding")
    encoding, mark = ("utf-8", codecs.BOM_UTF8) if form == "bom" else ("utf-16-le", codecs.BOM_UTF16_LE)
    with path.open(encoding="utf-8", newline="") as source, draft.open("wb") as out:
        out.write(mark)
        while text := source.read(1 << 20):
            out.write(text.encode(encoding))
    draft.replace(path)


def _csv_cell(text: str, separator: str) -> str:
    return '"' + text.replace('"', '""') + '"' if separator in text or '"' in text else text


def _sql(value: object) -> str:
    return "'" + str(value).replace("'", "''") + "'"
