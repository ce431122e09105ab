"""Logs into the table ``raw``: each line once, then one regular expression for each line that matters.

Which shape a line has is told by cheap literals (``contains``); only then its pattern is tried, on what the prefix
leaves over: short patterns of few groups are quick, one of both joined is not. Lines of noise cost none.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import NamedTuple

import duckdb

from pipelines.domain.contracts import Contract, LogFormat, LogPattern
from pipelines.formats.account_blocks import fold_account_blocks
from pipelines.formats.lines import LONGEST, UTF8, copy_lines, has_empty_lines
from pipelines.formats.log_match import NOTHING, by_shape, match_in_two, match_joined
from pipelines.storage.engine import quote_name, quote_text

NOISE, BLANK, STRAY, OTHER, CONTINUED = -1, -2, -3, -4, -5
NON_DATA = {NOISE: "noise", STRAY: "noise", BLANK: "blank", OTHER: "other_program", CONTINUED: "continuation"}
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
SAMPLE = 500
# What a terminal of that width leaves inside a word; no program of ours writes so many blanks.
_WRAP = 40
# Column: the key in Zimbra's [name=…;ip=…;oip=…;] context, and its pattern. Most lines lack most keys: to look for the
# key first costs a tenth of the pattern.
CONTEXT = {
    "client_ip": ("oip=", r"(?:^|;)oip=([^;,]+)"),
    "port": ("port=7", r"(?:^|;)port=(7\d{3})(?:;|$)"),  # one of the server's own ports; others are the client's
    "original_protocol": ("oproto=", r"(?:^|;)oproto=([^;]+)"),
    "mailbox": ("name=", r"(?:^|;)name=([^;]+)"),
    "acting_admin": ("aname=", r"(?:^|;)aname=([^;]+)"),
}
# Where the context says nothing: the other address, the port of the address that was asked.
_INSTEAD = {
    "client_ip": ("context", "ip=", r"(?:^|;)ip=([^;]+)"),
    "port": ("thread", "//", r"//[^/\s]*:(\d+)/"),
    "original_protocol": ("thread", ":smtp:", r"-\d+:(smtp)://"),
}


def read_log(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    log: LogFormat,
    *,
    encoding: str = "utf-8",
    scratch: Path | None = None,
    limit: int | None = None,
) -> None:
    """Fill ``raw(rn, line, shape)`` with every line, or the first ``limit``; ``rn`` is the line's number.

    A file that DuckDB cannot read line for line (another encoding, bytes that are no text, empty lines) is
    first copied to ``scratch``; without one such a file raises, or passes over empty lines.

    ``shape`` is the number of the shape whose literals the line holds; ``NOISE`` is known noise, ``BLANK`` a
    line of nothing but blanks, ``STRAY`` one of our program that no shape claims, ``OTHER`` one of another
    program, ``CONTINUED`` one that goes on with the entry before, null any other.
    """
    if scratch is None or (encoding in UTF8 and not has_empty_lines(path)):
        try:
            _read_lines(connection, path, log, limit)
        except duckdb.Error:
            if scratch is None:
                raise
        else:
            return
    if scratch is not None:
        _read_lines(connection, copy_lines(path, encoding, scratch / "lines"), log, limit)


def _read_lines(connection: duckdb.DuckDBPyConnection, path: Path, log: LogFormat, limit: int | None) -> None:
    blanks = " " * _WRAP
    joined = f"case when contains(line, '{blanks}') then regexp_replace(line, '{blanks}+', '', 'g') else line end"
    connection.execute(
        f"""
        create or replace table raw as
        select rn, line, {_shape_sql(log)} as shape
        from (
            select row_number() over () as rn, {joined if log.wrapped else "line"} as line
            from {_lines_sql(path)}{f" limit {limit}" if limit else ""}
        )
        """
    )
    if log.entry is not None:
        connection.execute(
            f"update raw set shape = null where shape = {CONTINUED} "
            f"and rn < coalesce((select min(rn) from raw where shape not in ({CONTINUED}, {BLANK})), {2**62})"
        )


def fold_blocks(connection: duckdb.DuckDBPyConnection, log: LogFormat) -> None:
    """Accounts that stand in ``raw`` as blocks of attributes become one line each."""
    if log.timestamp == "zmaccts":
        fold_account_blocks(connection, attributes=CONTINUED)


def set_others_apart(connection: duckdb.DuckDBPyConnection, log: LogFormat) -> None:
    """Lines of ``misfits`` that other programs wrote: they hold words of one of ours, and not its prefix."""
    if log.others is None:
        return
    connection.execute(
        f"update raw set shape = {OTHER} where rn in (select rn from misfits "
        f"where regexp_matches(line, {quote_text(log.others)}) and not regexp_matches(line, {quote_text(log.prefix)}))"
    )


def holds_nothing_of(connection: duckdb.DuckDBPyConnection, log: LogFormat, rows: int) -> bool:
    """Whether no line of ``raw`` is one that this log's program writes; ``rows`` of them have all their fields."""
    own = "" if log.timestamp == "zmaccts" else f" and regexp_matches(line, {quote_text(log.prefix)})"
    found = connection.execute(
        f"select {rows} > 0 or exists (select 1 from raw where shape = {STRAY}) "
        f"or exists (select 1 from raw where shape = {NOISE}{own})"
    ).fetchone()
    return found is not None and not found[0]


class KnownLines(NamedTuple):
    """How far a file's first lines are a log's: ``share``, 0 to 1, and how many ``fit`` one of its shapes.

    ``is_shared``: nearly all others were written by other programs of the same server.
    """

    share: float
    fit: int
    is_shared: bool


NONE_KNOWN = KnownLines(0.0, 0, False)


def known_lines(
    connection: duckdb.DuckDBPyConnection, path: Path, contract: Contract, lines: int = SAMPLE
) -> KnownLines:
    """How far a file's first lines are this log's: blanks and foreign noise apart.

    A line of a shape of this log counts whole; one that only its program may have written, half: several logs
    share a prefix, and then one line at least must be of a shape. A line of another program weighs a tenth: a mail
    server's syslog is shared by many.
    """
    if contract.log is None:
        return NONE_KNOWN
    try:
        connection.execute("drop table if exists raw")
        read_log(connection, path, contract.log, limit=lines)
        fold_blocks(connection, contract.log)
        fitted = log_rows_sql(contract, contract.log, shapes_met(connection))
        own = _own_sql(contract.log)
        counts = connection.execute(
            f"""
            select count(*) filter (fits), count(*) filter (not fits and (own or shape = {CONTINUED})),
                count(*) filter (not fits and not own and shape = {OTHER}),
                count(*) filter (fits or own or coalesce(shape, 0) not in ({NOISE}, {BLANK}))
            from (
                select shape, rn in (select rn from ({fitted}) where _fits) as fits, {own} as own from raw
            )
            """
        ).fetchone()
    except duckdb.Error:  # no lines of text
        return NONE_KNOWN
    fits, program, other, told = counts or (0, 0, 0, 0)
    is_named = contract.log.others is not None  # its prefix names the program
    if not fits and not (program and is_named):
        return NONE_KNOWN
    return KnownLines(
        (fits + 0.5 * program) / (told - 0.9 * other), fits, is_named and fits + program + other >= 0.9 * told
    )


def shapes_met(connection: duckdb.DuckDBPyConnection) -> set[int]:
    """The shapes that lines of ``raw`` have."""
    return {n for (n,) in connection.execute("select distinct shape from raw where shape >= 0").fetchall()}


def log_rows_sql(
    contract: Contract,
    log: LogFormat,
    met: Collection[int] | None = None,
    *,
    source: str = "raw",
    joined: bool = True,
) -> str:
    """A query over ``raw`` giving ``rn`` and every column as text, null where a shape has none.

    ``logged_at`` is what the line says of its moment: ``timestamp_sql`` puts that in form, once for many lines.

    A line whose shape's pattern fails gives a row whose ``_fits`` is false. Shapes that were not met are left out:
    in a small file to compile their patterns costs more than to read it.

    ``joined`` is what a contract means: the prefix ends where the pattern of the shape goes on. Without it the prefix
    ends where it would alone. What fits that way is the same; a line that does not may still fit joined, where a
    prefix can end in several places.
    """
    shapes = {n: s for n, s in enumerate(log.shapes) if s.data}
    shapes = {n: s for n, s in shapes.items() if met is None or n in met} or dict(list(shapes.items())[:1])
    match = (match_joined if joined else match_in_two)(log, shapes, source)
    columns = []
    for column in contract.columns:
        values = {n: _value_sql(column.name, s, log, match.groups[n]) for n, s in shapes.items()}
        columns.append(f"{by_shape(values)} as {quote_name(column.name)}")
    # A filter of what is not volatile would be put below the matches, each of which would be made twice.
    fits = f"coalesce({match.fits}, false) or random() < 0"
    # One pass, in the order of the lines: a union of the shapes would have to be sorted.
    return f"select rn, {', '.join(columns)}, {fits} as _fits from ({match.query})"


def _lines_sql(path: Path) -> str:
    return f"""read_csv({quote_text(path)}, columns = {{'line': 'VARCHAR'}}, header = false, auto_detect = false,
        delim = '\x01', quote = '', escape = '', nullstr = '\x02cchc-null\x02', max_line_size = {LONGEST},
        parallel = false, compression = 'none', encoding = 'utf-8', ignore_errors = false)"""


def _own_sql(log: LogFormat) -> str:
    """Whether a line is of the log's program; a list of accounts has no prefix of its own."""
    return "false" if log.timestamp == "zmaccts" else f"regexp_matches(line, {quote_text(log.prefix)})"


def _shape_sql(log: LogFormat) -> str:
    def all_of(literals: tuple[str, ...]) -> str:
        return " and ".join(f"contains(line, {quote_text(t)})" for t in literals) or "true"

    noise = " or ".join(f"contains(line, {quote_text(t)})" for t in log.noise) or "false"
    shapes = [f"when {all_of(s.contains)} then {n if s.data else NOISE}" for n, s in enumerate(log.shapes)]
    own = _own_sql(log)
    rest = f"when {noise} then {NOISE} when trim(line) = '' then {BLANK} when {own} then {STRAY}"
    if log.others is not None:
        rest += f" when regexp_matches(line, {quote_text(log.others)}) then {OTHER}"
    opens = f"not regexp_matches(line, {quote_text(log.entry)}) and trim(line) <> ''" if log.entry else ""
    continued = f"when {opens} then {CONTINUED}" if opens else ""
    return f"case {continued} {' '.join(shapes)} {rest} end"


def _value_sql(name: str, shape: LogPattern, log: LogFormat, values: dict[str, str]) -> str:
    if name in shape.constants:
        return quote_text(shape.constants[name])
    if name == "logged_at" and "timestamp" in values:
        return f"left({values['timestamp']}, 19)" if log.timestamp == "zimbra" else values["timestamp"]
    if name in CONTEXT and "context" in values and name not in values:
        found = [_found_sql(values["context"], *CONTEXT[name])]
        if name in _INSTEAD:
            group, sign, pattern = _INSTEAD[name]
            found.append(_found_sql(values[group], sign, pattern))
        return f"coalesce({', '.join(found)})"
    return f"nullif({values[name]}, '')" if name in values else NOTHING


def _found_sql(text: str, sign: str, pattern: str) -> str:
    """What a pattern finds in a text that holds the sign; null where there is nothing."""
    found = f"nullif(regexp_extract({text}, {quote_text(pattern)}, 1), '')"
    return f"case when contains({text}, {quote_text(sign)}) then {found} end"


def timestamp_sql(kind: str, text: str, period: str | None) -> str:
    """A log's moment as canonical text, local time of Vietnam; that of the server where no zone is written.

    Syslog writes no year: it is that of the file's period, and the one before or after for lines
    across the turn of the year (``domain.md`` §2.5).
    """
    if kind == "zimbra":
        return text
    zoned = f"(try_cast({text} as timestamptz) at time zone 'Asia/Ho_Chi_Minh')"
    iso = (
        f"case when length({text}) = 19 then replace({text}, 'T', ' ') else strftime({zoned}, '%Y-%m-%d %H:%M:%S') end"
    )
    if kind != "syslog" or period is None or not period[:6].isdigit():
        return iso
    year, month = int(period[:4]), int(period[4:6])
    # Put together letter by letter: to parse and print each moment costs more than to find the fields of the line.
    day = f"replace(substr({text}, length({text}) - 10, 2), ' ', '0')"
    syslog = f"{_year_and_month_sql(text, year, month)} || {day} || ' ' || right({text}, 8)"
    return f"case when substr({text}, 5, 1) = '-' then {iso} else {syslog} end"


def _year_and_month_sql(text: str, year: int, month: int) -> str:
    """``2021-04-`` of a text that opens with the name of a month, the nearest one to a period's."""
    # The period's own month first: for the others hardly a line is left.
    nearest = sorted(range(13), key=lambda m: (abs(m - month), m))
    told = {m: f"{year + (m - month < -6) - (m - month > 6)}-{m:02d}-" for m in nearest}
    cases = " ".join(f"when {quote_text(_MONTHS[m - 1])} then {quote_text(told[m])}" for m in nearest if m)
    return f"case left({text}, 3) {cases} else {quote_text(told[0])} end"
