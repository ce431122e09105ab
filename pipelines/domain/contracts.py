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
    the domain kept. ``free_text``: ID numbers, phones and mail addresses masked. ``drop``: never
    passes landing, the column is empty afterwards.
    """

    NONE = "none"
    PERSONAL = "personal"
    EMAIL = "email"
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
    severity: Severity = Severity.FAIL
    meaning: Bilingual | None = None


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
    """What happens when a file is not as promised."""

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
    """How lines of a log become rows: common prefix, then the first shape that fits."""

    prefix: str
    timestamp: Literal["syslog", "zimbra", "zmaccts"]
    noise: tuple[str, ...] = ()
    shapes: tuple[LogPattern, ...]


class Contract(_Frozen):
    """The promise of one stream. See the module's description."""

    source: str
    stream: str
    version: int
    title: Bilingual
    formats: tuple[Literal["delimited", "spreadsheet", "log"], ...]
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()
    surprises: Surprises = Surprises()
    log: LogFormat | None = None
    encoding: Literal["utf-8", "utf-16", "windows-1258", "tcvn3", "vni"] | None = None
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
        if ("log" in self.formats) != (self.log is not None):
            raise ValueError(f"{self.name}: a log format needs `log:` and only it does")
        return self
