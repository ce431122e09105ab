"""The CSV for the data's owner, and its way back into the inbox.

Export reads the records back from landing as they came, personal data included: the file is for
their owner and for nobody else, so it is written where the user says, readable by the user alone.
"""

from __future__ import annotations

import re
import shutil
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from pipelines.domain.contracts import Contract
from pipelines.domain.errors import WrongUse
from pipelines.domain.formulas import bared_sql, guarded_sql
from pipelines.domain.rule_messages import SHARED, message_of
from pipelines.flows.quarantine import held_batches, select_findings
from pipelines.flows.sheet_places import sheet_places
from pipelines.flows.unpacking import plain_landed
from pipelines.formats.raw_records import LOG_LINE, read_raw
from pipelines.settings import Settings
from pipelines.sources.registry import contract_for
from pipelines.storage.atomic import whole_file
from pipelines.storage.engine import open_engine, quote_text
from pipelines.storage.home import Home
from pipelines.storage.landing import STAMP, VIETNAM, raw_scratch
from pipelines.storage.ledger import Batch, Ledger

BATCH, ROW, FAULT = "_lô", "_dòng", "_lỗi"
_BOM = "\ufeff".encode()


@dataclass(frozen=True)
class Exported:
    """One CSV written: of which file, where, and how many rows."""

    batch_id: str
    file: str
    path: Path
    rows: int


@dataclass(frozen=True)
class RedriveResult:
    """Where the corrected rows were dropped, and how many."""

    file: str
    path: str
    rows: int


def quarantine_export(
    settings: Settings,
    *,
    output: Path,
    file: str | None = None,
    source: str | None = None,
    stream: str | None = None,
    agency: str | None = None,
) -> tuple[Exported, ...]:
    """Write the rows held back as CSV, one for each file, with what is wrong in the last column.

    Args:
        settings: the installation.
        output: a folder; or the CSV itself when it ends in ``.csv`` and one file fits.
        file: only of this file: its name, ``source/stream/name``, or its batch id.
        source: only of this source.
        stream: only of this stream.
        agency: only rows of this agency, whose code may be of either generation.

    Raises:
        WrongUse: there is no such file, or several fit one CSV.
    """
    home = Home(settings.home)
    batches = held_batches(home, source=source, stream=stream, file=file)
    single = output.suffix.lower() == ".csv"
    if single and len(batches) > 1:
        raise WrongUse(f"{len(batches)} files have rows held back.", next_step="Give a folder as --output.")
    written = []
    for batch in batches:
        target = output if single else output / f"{batch.source}.{batch.stream}.{Path(batch.file_name).stem}.csv"
        with open_engine(home, **settings.engine) as connection:
            select_findings(connection, home, [batch], agency=agency)
            rows = _write(connection, settings, batch, target)
        if rows:
            written.append(Exported(batch.batch_id, batch.label, target, rows))
    return tuple(written)


def _write(connection: duckdb.DuckDBPyConnection, settings: Settings, batch: Batch, target: Path) -> int:
    found = connection.execute("select count(distinct _row_number) from held").fetchone()
    if not found or not found[0]:
        return 0
    home, contract = Home(settings.home), contract_for(batch.source, batch.stream)
    with raw_scratch(home) as scratch:
        path = plain_landed(settings, batch, scratch)
        labels = read_raw(
            connection, path, file_name=batch.file_name, contract=contract, scratch=scratch, period=batch.period
        )
        connection.execute(f"create table faults as {_faults_sql(contract)}")
        place = sheet_places(home, batch).place_sql("rn")
        cells = ", ".join(guarded_sql(c) for c in labels)
        rows = (
            f"select rn, {cells}, {quote_text(batch.batch_id)}, rn::varchar, {place} || fault "
            "from raw inner join faults on rn = _row_number"
        )
        _write_csv(connection, scratch / "held.csv", [*labels.values(), BATCH, ROW, FAULT], rows)
        with (
            whole_file(target, mode=0o600) as draft,
            (scratch / "held.csv").open("rb") as source,
            draft.open("wb") as out,
        ):
            out.write(_BOM)
            shutil.copyfileobj(source, out)
    return int(found[0])


def _faults_sql(contract: Contract) -> str:
    """One text for each row: every broken rule with the columns' labels."""
    labels = {c.name: c.label for c in contract.columns}
    codes = "case rule " + " ".join(
        f"when {quote_text(code)} then {quote_text(message_of(contract, code).vi)}" for code in _codes(contract)
    )
    columns = " ".join(f"when {quote_text(n)} then {quote_text(label)}" for n, label in labels.items())
    return (
        f"select _row_number, string_agg(distinct concat_ws(': ', case column_name {columns} else column_name end, "
        f"{codes} else rule end), '; ') as fault from held group by _row_number"
    )


def _codes(contract: Contract) -> Iterable[str]:
    return [*SHARED, *(r.code for r in contract.rules)]


def _write_csv(connection: duckdb.DuckDBPyConnection, target: Path, header: list[str], rows: str) -> None:
    """``rows`` begins with ``rn``, by which they are ordered, and has a column for each cell of the header."""
    names = [f"v{n}" for n in range(len(header))]
    first = ", ".join(quote_text(label) for label in header)
    connection.execute(
        f"copy (select {', '.join(names)} from (select 0, {first} union all {rows}) as t(rn, {', '.join(names)}) "
        f"order by rn) to {quote_text(target)} (format csv, header false, force_quote *)"
    )


def redrive(settings: Settings, path: Path, *, inbox: str | None = None, now: datetime | None = None) -> RedriveResult:
    """Drop a corrected CSV (or sheet) of ``quarantine export`` into the inbox as a new export of its stream.

    Args:
        settings: the installation.
        path: the corrected file; its marks say where it came from and are taken off.
        inbox: where to drop it; the inbox that runs collect from when None.
        now: the moment of the new export, local time.

    Raises:
        WrongUse: the file is not one of ours, or its stream takes whole exports only.
    """
    if not path.is_file():
        raise WrongUse(
            f"There is no file {path}.",
            next_step="Look at its name; the path is taken from the folder that you are in.",
        )
    home = Home(settings.home)
    with open_engine(home, **settings.engine) as connection, raw_scratch(home) as scratch:
        labels = read_raw(connection, path, file_name=path.name, contract=None, scratch=scratch)
        marks = {_plain(label): column for column, label in labels.items() if _plain(label).startswith("_")}
        batch = _batch_of(connection, home, path, marks)
        kept = {c: label for c, label in labels.items() if c not in marks.values()}
        filled = " or ".join(f"nullif(trim({c}), '') is not null" for c in kept)
        connection.execute(f"create table corrected as select * from raw where rn > 1 and ({filled})")
        draft = scratch / "corrected"
        if list(map(_plain, kept.values())) == [LOG_LINE]:
            _write_lines(connection, draft, *kept)
        else:
            rows = f"select rn, {', '.join(bared_sql(c) for c in kept)} from corrected"
            _write_csv(connection, draft, list(kept.values()), rows)
        found = connection.execute("select count(*) from corrected").fetchone()
        place = inbox or settings.inbox or str(home.inbox)
        name = _drop(draft, place, batch, now or datetime.now(VIETNAM).replace(tzinfo=None))
    return RedriveResult(f"{batch.source}/{batch.stream}/{Path(name).name}", name, int(found[0]) if found else 0)


def _plain(label: str) -> str:
    return unicodedata.normalize("NFC", label).strip()


def _batch_of(connection: duckdb.DuckDBPyConnection, home: Home, path: Path, marks: dict[str, str]) -> Batch:
    if BATCH not in marks:
        raise WrongUse(
            f"{path.name} has no column {BATCH}, so it is not known where its rows belong.",
            next_step="Correct the CSV that `cchc quarantine export` wrote, and keep its last three columns.",
        )
    rows = connection.execute(
        f"select distinct trim({marks[BATCH]}) from raw where rn > 1 and trim({marks[BATCH]}) <> ''"
    ).fetchall()
    if len(rows) != 1:
        raise WrongUse(f"{path.name} holds rows of {len(rows)} exports.", next_step="Send one CSV for each.")
    batch = Ledger(home.ledger).batch(rows[0][0])
    if contract_for(batch.source, batch.stream).full_export:
        raise WrongUse(
            f"{batch.source}.{batch.stream} is exported whole, and some rows of it would say that the others are gone.",
            next_step="Correct them in the source and export it again.",
        )
    return batch


def _write_lines(connection: duckdb.DuckDBPyConnection, target: Path, column: str) -> None:
    connection.execute(
        f"copy (select {bared_sql(column)} from corrected order by rn) to {quote_text(target)} "
        "(format csv, header false, delimiter '\x01', quote '', escape '')"
    )


def _drop(draft: Path, place: str, batch: Batch, moment: datetime) -> str:
    """Put the file under a name of its own into the inbox; it appears there whole."""
    import fsspec

    filesystem, root = fsspec.url_to_fs(place)
    folder = f"{root.rstrip('/')}/{batch.source}/{batch.stream}"
    stem = re.split(STAMP, batch.file_name)[0] if STAMP.search(batch.file_name) else Path(batch.file_name).stem + "_"
    period = batch.period or re.sub(r"\D", "", batch.exported_at)[:6]
    end = ".log" if contract_for(batch.source, batch.stream).log is not None else ".csv"
    filesystem.makedirs(folder, exist_ok=True)
    while filesystem.exists(name := f"{folder}/{stem}{period}_{moment:%Y%m%dT%H%M%S}{end}"):
        moment += timedelta(seconds=1)
    _put(filesystem, draft, name)
    return name


def _put(filesystem: Any, draft: Path, name: str) -> None:
    filesystem.put_file(str(draft), name + ".part")
    filesystem.mv(name + ".part", name)
