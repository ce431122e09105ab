"""The mail server's logs and its list of accounts (``domain.md`` §2.5).

Lines of one message at one second stand together in one block of text, so a message costs a row for each
second in which it is told of, not a row for each line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from pipelines.simulate import mail_accounts
from pipelines.simulate.config import SimulationConfig
from pipelines.simulate.exports import stream_lines
from pipelines.simulate.files import ExportFile, FileWriter, Period, file_batches, file_name, periods
from pipelines.simulate.literals import make_table
from pipelines.simulate.mail_lines import AUDIT, POSTFIX
from pipelines.simulate.randomness import COARSE, make_slots
from pipelines.simulate.truth import QUARANTINED, Truth

_MESSAGES = 600_000 / 16  # a month at scale 1.0; a message is about eight and a half lines
_LOGINS = 900_000 / 16
_TORN_SHARE = 20  # one line in so many of the dirt's rate is torn: lines are many, and break seldom


@dataclass(frozen=True)
class _Log:
    """One kind of log.

    ``blocks`` is a query over ``moment(file, id, logged_at)`` giving ``file, sort_at, id, block, line_count``
    and what ``told`` needs, the query that gives ``text`` its words; ``text`` is the SQL of a block's lines,
    ``last`` that of a line that a torn copy is made of.
    """

    stream: str
    stem: str
    per_month: float
    blocks: str
    told: str
    text: str
    last: str
    blocks_per_item: float


def write(connection: duckdb.DuckDBPyConnection, config: SimulationConfig, truth: Truth) -> None:
    """Write ``mail/postfix``, ``mail/zimbra_audit`` (nightly in the last month) and ``mail/accounts``."""
    make_slots(
        connection,
        "writer_slot",
        "select 0 as grp, staff_id as item, mail_habit as weight from staff where mail_habit > 0.08",
    )
    nights = periods(config, nightly=True)
    _plan(connection, nights)
    for log in (
        _Log("postfix", "mail", _MESSAGES, *POSTFIX, 2.4),
        _Log("zimbra_audit", "audit", _LOGINS, *AUDIT, 1.0),
    ):
        for first, last in file_batches(nights, log.per_month * log.blocks_per_item * config.scale):
            _write_log(connection, config, truth, log, nights[first : last + 1])
    mail_accounts.write(connection, config, truth)


def _plan(connection: duckdb.DuckDBPyConnection, nights: Sequence[Period]) -> None:
    """The table ``log_slot``: how likely each day of a file is; nobody writes much on days off."""
    rows = [(p.number, p.first, p.after) for p in nights]
    make_table(connection, "night", {"file": "integer", "first": "date", "after": "date"}, rows)
    make_slots(
        connection,
        "log_slot",
        "select file as grp, d as item, activity as weight from night join calendar on d >= first and d < after",
        count=COARSE,
    )


def _write_log(
    connection: duckdb.DuckDBPyConnection, config: SimulationConfig, truth: Truth, log: _Log, nights: Sequence[Period]
) -> None:
    folder = config.directory / "mail" / log.stream
    files = [ExportFile(p.number, folder / file_name(log.stem, p.name, p.exported_at, "log")) for p in nights]
    _make_blocks(connection, config, log, nights)
    labels = ", ".join(f"({f.number}, '{f.path.relative_to(config.directory)}')" for f in files)
    truth.plant(
        f"select label as file, last_line - before as row, 'unparsed_line' as kind from block "
        f"join extent using (file) join (values {labels}) as l(file, label) using (file) where torn",
        QUARANTINED,
    )
    writer = FileWriter(files)
    text = log.text if config.dirt == 0 else f"case when torn then concat({log.text}, {_torn(log)}) else {log.text} end"
    stream_lines(connection, f"select place, file::integer as number, {text} as line from ({log.told})", writer)
    writer.finish(nights[-1].number)
    counts = dict(connection.execute("select file, lines from extent").fetchall())
    for file in files:
        truth.wrote(counts.get(file.number, 0))


def _torn(log: _Log) -> str:
    """A line torn off at its start or its end, after the block's whole ones."""
    return (
        f"case when u('torn how', id) < 0.5 then '#033[2J' || substr({log.last}, 40) "
        f"else '~' || left({log.last}, 9) || chr(10) end"
    )


def _make_blocks(
    connection: duckdb.DuckDBPyConnection, config: SimulationConfig, log: _Log, nights: Sequence[Period]
) -> None:
    """The table ``block`` in the order of the files, with the number of each block's last line in the batch."""
    expected = log.per_month * config.scale
    counts = ", ".join(
        f"({p.number}, {p.first.toordinal() * 100_000_000}, {round(expected * (p.after - p.first).days / 30.4)})"
        for p in nights
    )
    salt = log.stem
    connection.execute(
        f"""
        create or replace temp table moment as
        select i.file, i.id, case when u('{salt} off', i.id) < 0.93 then office_time(s.item, u('{salt} t', i.id))
            else s.item + to_seconds(cast(floor(u('{salt} t', i.id) * 86390) as bigint)) end as logged_at
        from (select file, base + unnest(range(n)) as id from (values {counts}) as t(file, base, n)) as i
        join log_slot as s on s.grp = i.file and s.slot = coarse_slot(u('{salt} d', i.id))
        """
    )
    torn = f"u('{salt} torn', id * 4 + block) < line_count * {config.dirt / _TORN_SHARE}"
    connection.execute(
        f"""
        create or replace temp table block as
        select *, sum(line_count + torn::integer) over (rows unbounded preceding)::bigint as last_line
        from (select *, {torn} as torn from ({log.blocks}) order by file, sort_at, id, block)
        """
    )
    connection.execute(
        "create or replace temp table extent as select file, min(last_line - line_count - torn::integer) as before, "
        "sum(line_count + torn::integer)::bigint as lines from block group by file"
    )
