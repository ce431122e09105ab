"""One table of a contract, exported in each of the ways that a province's systems know.

A table is typed values; a way writes them as such a system would: text in the Vietnamese form where all is text,
numbers, moments and nothing where the format has them.
"""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import html
import io
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import sqlalchemy as sa
import xlsxwriter

from pipelines.domain.contracts import Column, ColumnType, Contract
from pipelines.formats import legacy_fonts  # noqa: F401 - registers the codecs

Value = str | int | Decimal | bool | dt.date | dt.datetime | None


@dataclass(frozen=True)
class Table:
    """Columns of a contract in the order of an export, and rows of typed values, None for an empty cell."""

    contract: Contract
    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]

    @property
    def header(self) -> list[str]:
        return [c.label for c in self.columns]

    def texts(self) -> list[list[str]]:
        """The header and the rows as a Vietnamese export writes them."""
        written = [[shown(v, c) for v, c in zip(row, self.columns, strict=True)] for row in self.rows]
        return [self.header, *written]

    def with_cell(self, row: int, column: str, value: Value) -> Table:
        """The same table with another value in one cell; rows count from 0."""
        at = [c.name for c in self.columns].index(column)
        changed = list(self.rows)
        changed[row] = (*changed[row][:at], value, *changed[row][at + 1 :])
        return Table(self.contract, self.columns, tuple(changed))


def shown(value: Value, column: Column) -> str:
    """A value as text in the Vietnamese form: dd/mm/yyyy, a comma before decimals, dots between thousands."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "Có" if value else "Không"
    if isinstance(value, dt.datetime):
        return f"{value:%d/%m/%Y %H:%M:%S}"
    if isinstance(value, dt.date):
        return f"{value:%m/%Y}" if column.formats[0] == "%m/%Y" else f"{value:%d/%m/%Y}"
    if column.type is ColumnType.DECIMAL and not isinstance(value, str):
        return f"{Decimal(value):,f}".translate(str.maketrans(",.", ".,"))
    return str(value)


def read_simulated(path: Path, contract: Contract) -> Table:
    """What the simulator wrote as CSV, typed by the contract."""
    found = duckdb.execute("from read_csv($1, header = true, all_varchar = true)", [str(path)])
    labels = [d[0] for d in found.description or []]
    by_label = {c.label: c for c in contract.flat_columns}
    columns = tuple(by_label[label] for label in labels)
    rows = [tuple(_typed(v, c) for v, c in zip(row, columns, strict=True)) for row in found.fetchall()]
    return Table(contract, columns, tuple(rows))


def _typed(text: str | None, column: Column) -> Value:
    if not text:
        return None
    match column.type:
        case ColumnType.INTEGER:
            return int(text)
        case ColumnType.DECIMAL:
            return Decimal(text.replace(",", "."))
        case ColumnType.BOOLEAN:
            return {"Có": True, "Không": False}[text]
        case ColumnType.DATETIME:
            return dt.datetime.strptime(text, "%d/%m/%Y %H:%M:%S")
        case ColumnType.DATE:
            return dt.datetime.strptime(text, "%d/%m/%Y" if text.count("/") == 2 else "%m/%Y").date()
        case _:
            return text


def _delimited(table: Table, delimiter: str) -> str:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, lineterminator="\r\n").writerows(table.texts())
    return out.getvalue()


def csv_utf_8(table: Table) -> bytes:
    return _delimited(table, ",").encode()


def csv_utf_16(table: Table) -> bytes:
    """As Excel's "Unicode text": a mark, and tabs between."""
    return _delimited(table, "\t").encode("utf-16")


def csv_1258(table: Table) -> bytes:
    """A letter and its tone apart where the code page has no sign for both."""
    return _delimited(table, ";").encode("windows-1258-nfc")


def csv_tcvn3(table: Table) -> bytes:
    return _delimited(table, ",").encode("tcvn3")


def csv_letters_of_tcvn3(table: Table) -> bytes:
    """UTF-8 of what TCVN3 can hold: no capital with a tone."""
    return _delimited(table, ",").encode("tcvn3").decode("tcvn3").encode()


def xlsx(table: Table) -> bytes:
    """Numbers, days, moments and yes or no as Excel has them; all else is text."""
    return _workbook([table.header, *table.rows])


def _workbook(rows: Sequence[Sequence[Value]]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_numbers": False, "strings_to_formulas": False}) as b:
        sheet = b.add_worksheet("Sheet1")
        forms = {dt.date: b.add_format({"num_format": "dd/mm/yyyy"})}
        forms[dt.datetime] = b.add_format({"num_format": "dd/mm/yyyy hh:mm:ss"})
        for number, row in enumerate(rows):
            for column, value in enumerate(row):
                if isinstance(value, str):
                    sheet.write_string(number, column, value)
                elif isinstance(value, dt.date):
                    sheet.write_datetime(number, column, value, forms[type(value)])
                elif isinstance(value, bool):
                    sheet.write_boolean(number, column, value)
                elif value is not None:
                    sheet.write_number(number, column, float(value))
    return out.getvalue()


def html_xls(table: Table) -> bytes:
    """A page that a browser-minded export calls ``.xls``: merged title above, lines broken by ``<br>``."""
    title, width = html.escape(table.contract.title.vi.upper()), len(table.columns)
    rows = ["".join(f"<td>{html.escape(c).replace(chr(10), '<br>')}</td>" for c in row) for row in table.texts()]
    body = "\n".join(f"<tr>{row}</tr>" for row in rows)
    return (
        '<html xmlns:x="urn:schemas-microsoft-com:office:excel"><head><meta charset="utf-8"></head><body>'
        f'<table border="1"><tr><td colspan="{width}">{title}</td></tr>\n{body}\n</table></body></html>'
    ).encode()


def json_array(table: Table) -> bytes:
    """An array of records under the names of the DVCQG where the contract has them; numbers are numbers."""
    names = [json_name(c) for c in table.columns]
    records = [dict(zip(names, map(_json_value, row, table.columns), strict=True)) for row in table.rows]
    return json.dumps(records, ensure_ascii=False).encode()


def json_name(column: Column) -> str:
    """The first name of a column that is one word of plain letters, else its label."""
    return next((a for a in column.aliases if a.isascii() and a.isalnum()), column.label)


def _json_value(value: Value, column: Column) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, dt.datetime):
        return f"{value:%Y%m%d%H%M%S}" if "%Y%m%d%H%M%S" in column.formats else f"{value:%Y-%m-%dT%H:%M:%S}"
    return value.isoformat() if isinstance(value, dt.date) else value


def ndjson(table: Table) -> bytes:
    """A record a line under the labels, every value as text; what is empty is left out."""
    header, *rows = table.texts()
    lines = [json.dumps({k: v for k, v in zip(header, row, strict=True) if v}, ensure_ascii=False) for row in rows]
    return "".join(f"{line}\n" for line in lines).encode()


def csv_marked(table: Table) -> bytes:
    """As Excel likes it: a byte order mark, and a line that tells the delimiter."""
    return b"\xef\xbb\xbf" + f"sep=;\r\n{_delimited(table, ';')}".encode()


def csv_vni(table: Table) -> bytes:
    return _delimited(table, ",").encode("vni")


def csv_gz(table: Table) -> bytes:
    return gzip.compress(_delimited(table, "|").encode("utf-16-be"))


def xlsx_serials(table: Table) -> bytes:
    """Days and moments as the bare numbers that Excel keeps."""
    return _workbook([table.header, *([_serial(v) for v in row] for row in table.rows)])


def _serial(value: Value) -> Any:
    if not isinstance(value, dt.date):
        return value
    moment = value if isinstance(value, dt.datetime) else dt.datetime.combine(value, dt.time())
    return (moment - dt.datetime(1899, 12, 30)) / dt.timedelta(days=1)


def xlsx_text(table: Table) -> bytes:
    """Every cell as text, in the Vietnamese form."""
    return _workbook(table.texts())


_SQL_TYPES: dict[ColumnType, type[sa.types.TypeEngine[Any]]] = {
    ColumnType.INTEGER: sa.BigInteger,
    ColumnType.DECIMAL: sa.Numeric,
    ColumnType.BOOLEAN: sa.Boolean,
    ColumnType.DATE: sa.Date,
    ColumnType.DATETIME: sa.DateTime,
}


def into_database(url: sa.URL, table: Table) -> str:
    """Make a table of a database, its columns called and typed as the contract says; its name."""
    name = table.contract.table
    columns = [sa.Column(c.label, _SQL_TYPES.get(c.type, sa.Text)()) for c in table.columns]
    made = sa.Table(name, sa.MetaData(), *columns)
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        made.drop(connection, checkfirst=True)
        made.create(connection)
        rows = [dict(zip(table.header, row, strict=True)) for row in table.rows]
        if rows:
            connection.execute(made.insert(), rows)
    return name


Write = Callable[[Table], bytes]
# How each way of files writes, and what its files are called.
FILES: dict[str, tuple[Write, str]] = {
    "csv_utf_8": (csv_utf_8, "csv"),
    "csv_utf_16": (csv_utf_16, "txt"),
    "csv_1258": (csv_1258, "csv"),
    "csv_tcvn3": (csv_tcvn3, "csv"),
    "xlsx": (xlsx, "xlsx"),
    "html_xls": (html_xls, "xls"),
    "json": (json_array, "json"),
}
# More of them, which differ from those by little.
MORE_FILES: dict[str, tuple[Write, str]] = {
    "csv_marked": (csv_marked, "csv"),
    "csv_vni": (csv_vni, "csv"),
    "csv_gz": (csv_gz, "csv.gz"),
    "xlsx_serials": (xlsx_serials, "xlsx"),
    "xlsx_text": (xlsx_text, "xlsx"),
    "ndjson": (ndjson, "json"),
}
DATABASE = "database"
WAYS: Sequence[str] = (*FILES, DATABASE)
