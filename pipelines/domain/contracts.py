"""What a stream promises, as data: columns, keys, rules, privacy.

A contract is one YAML file under ``pipelines/sources/<source>/<stream>.yml``. Readers, the
Great Expectations suites, the quarantine rules and the raw relations of the warehouse are all
derived from it, so that a rule has one home.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ColumnType(StrEnum):
    """Type of a column once it is cast. In the lake every value is canonical text."""

    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    BOOLEAN = "boolean"
    DATE = "date"
    DATETIME = "datetime"


class Privacy(StrEnum):
    """What ``prepare`` does with a column (``domain.md`` §1.6).

    ``personal``: replaced by a keyed hash. ``email``: the local part replaced by a keyed hash,
    the domain kept; ``emails``: the same for each of several addresses between semicolons.
    ``free_text``: ID numbers, phones and mail addresses masked. ``drop``: never passes landing, the
    column is empty afterwards.
    """

    NONE = "none"
    PERSONAL = "personal"
    EMAIL = "email"
    EMAILS = "emails"
    FREE_TEXT = "free_text"
    DROP = "drop"


class Severity(StrEnum):
    """``fail`` holds the row back in quarantine; ``warn`` lets it pass and reports it."""

    FAIL = "fail"
    WARN = "warn"


class Bilingual(_Frozen):
    """A label or a sentence in Vietnamese (what users see) and English."""

    vi: str
    en: str


class Column(_Frozen):
    """One column of a stream.

    ``label`` is the header as the source writes it, ``aliases`` other headers that mean the
    same. ``formats`` are the strptime patterns a date or time may come in, tried in order.
    ``enum`` maps each allowed code to its meaning. ``severity`` is for this column's own rules.
    ``children`` are the fields of a list inside the record: the column then holds the list as JSON text,
    ``[{"item": 1, "<field>": "<canonical text>", …}, …]``, each field under its own ``privacy``.
    ``trim`` holds signs that may stand around a value and are no part of it. ``system_names`` is a
    pattern of addresses that are no person's (the server's own): those are kept as they are.
    ``filled_from``: the value is not in a cell of the row but told by what stands around it, the name of its sheet
    or the period of the title rows, of the file's name or of its manifest.
    """

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    label: str
    aliases: tuple[str, ...] = ()
    type: ColumnType = ColumnType.TEXT
    required: bool = False
    privacy: Privacy = Privacy.NONE
    pattern: str | None = None
    enum: dict[str, str] | None = None
    min: float | None = None
    max: float | None = None
    formats: tuple[str, ...] = ()
    trim: str = ""
    system_names: str | None = None
    filled_from: Literal["sheet_name", "period_from", "period_to"] | None = None
    severity: Severity = Severity.FAIL
    meaning: Bilingual | None = None
    children: tuple[Column, ...] = ()

    @property
    def is_number(self) -> bool:
        """Whether its values are whole numbers or decimals."""
        return self.type in (ColumnType.INTEGER, ColumnType.DECIMAL)


class Rule(_Frozen):
    """A rule over several columns of a row.

    ``fault`` is an SQL predicate, true for a faulty row, over the *typed* columns.
    """

    code: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    severity: Severity = Severity.FAIL
    columns: tuple[str, ...]
    fault: str
    message: Bilingual


SurpriseMode = Literal["evolve", "freeze", "discard_row", "discard_value"]


class Surprises(_Frozen):
    """What happens when a file is not as promised.

    ``freeze``: the file is refused. ``discard_row``: a row that shows the surprise is held back.
    ``discard_value``: the row is loaded without the value. ``evolve``: the file is taken as it is: a new column is
    told and stays in landing, a missing one is empty, a value of a wrong type stays in the lake as text and is
    empty in staging. A value of a wrong type is a finding in every mode, and in a required column holds its row back.
    """

    new_columns: SurpriseMode = "evolve"
    missing_columns: SurpriseMode = "freeze"
    wrong_type: SurpriseMode = "discard_row"


class LogPattern(_Frozen):
    """One shape of a log line, as an RE2 pattern with named groups (groups are column names).

    ``contains`` is a cheap literal test that a line must pass before the pattern is tried;
    ``constants`` are values this shape implies. ``data`` false: the shape is known noise.
    """

    name: str
    contains: tuple[str, ...] = ()
    pattern: str = ""
    constants: dict[str, str] = {}
    data: bool = True


class LogFormat(_Frozen):
    """How lines of a log become rows: common prefix, then the first shape that fits.

    ``others`` fits lines that other programs write into the same file; ``entry`` is how a line begins
    that opens an entry, where an entry may go on over more lines. ``wrapped``: the log may have been copied
    from a narrow terminal, which leaves long runs of blanks inside words.
    """

    prefix: str
    timestamp: Literal["syslog", "zimbra", "zmaccts"]
    noise: tuple[str, ...] = ()
    others: str | None = None
    entry: str | None = None
    wrapped: bool = False
    shapes: tuple[LogPattern, ...]


class FieldLine(_Frozen):
    """A log written as comma-separated records, whose comments tell its kind and its fields.

    ``fields`` opens the comment that names the fields; without one the columns of the contract, in order,
    are the fields. ``kind`` opens the comment that names the kind of log, which must be ``is_kind``.
    ``told_by`` are patterns of columns by which a record without any header is known.
    """

    comment: str = "#"
    fields: str
    kind: str
    is_kind: str
    told_by: dict[str, str]


class Contract(_Frozen):
    """The promise of one stream. See the module's description.

    ``sheet`` names the sheet of a workbook that is meant; without it those are read whose header fits best.
    """

    source: str
    stream: str
    version: int
    title: Bilingual
    formats: tuple[Literal["delimited", "spreadsheet", "json", "edxml", "log"], ...]
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()
    surprises: Surprises = Surprises()
    log: LogFormat | None = None
    field_line: FieldLine | None = None
    encoding: Literal["utf-8", "utf-16", "windows-1258", "tcvn3", "vni"] | None = None
    sheet: str | None = None
    full_export: bool = False
    stale_after_days: int = 40

    @property
    def name(self) -> str:
        """``source.stream``."""
        return f"{self.source}.{self.stream}"

    @property
    def table(self) -> str:
        """Name of the raw relation, ``source__stream``."""
        return f"{self.source}__{self.stream}"

    @property
    def flat_columns(self) -> tuple[Column, ...]:
        """The columns that a table has: all but lists inside a record."""
        return tuple(c for c in self.columns if not c.children)

    @property
    def is_log(self) -> bool:
        """Whether its rows are events, read where they lie and never copied into the warehouse."""
        return self.log is not None or self.field_line is not None

    def column(self, name: str) -> Column:
        """The column called ``name``; KeyError when there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.name} has no column {name}")

    @model_validator(mode="after")
    def _references_exist(self) -> Contract:
        names = [c.name for c in self.columns]
        if len(set(names)) != len(names):
            raise ValueError(f"{self.name}: a column name stands twice")
        for used in (*self.key, *(c for r in self.rules for c in r.columns)):
            if used not in names:
                raise ValueError(f"{self.name}: unknown column {used}")
        for column in self.columns:
            if column.children and (column.type is not ColumnType.TEXT or column.privacy is not Privacy.NONE):
                raise ValueError(f"{self.name}: {column.name} has children, so it is text and they have the privacy")
        if ("log" in self.formats) != (self.log is not None):
            raise ValueError(f"{self.name}: a log format needs `log:` and only it does")
        return self
