"""Bytes and contract to a package: text in one form, personal values hashed, every row numbered.

A package is a pure function of (bytes, contract, key): made again, it is the same byte for byte.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import duckdb
import structlog

from pipelines.domain.contracts import Contract
from pipelines.domain.errors import DataRefused
from pipelines.flows.reading import Read, read_landed
from pipelines.settings import ENGINE_SHARE, Settings
from pipelines.sources.registry import contract_for
from pipelines.storage.engine import open_engine, own_tables
from pipelines.storage.home import Home
from pipelines.storage.landing import raw_scratch
from pipelines.storage.ledger import Batch, Ledger

_log = structlog.get_logger()


@dataclass(frozen=True)
class PrepareResult:
    """One file prepared, or refused as a whole with the reason.

    ``sheets_left_over`` are the sheets of a workbook that hold rows and were not read.
    """

    batch_id: str
    file_name: str
    rows_in_file: int
    rows: int
    rejected: int
    non_data: int
    refusal: str | None = None
    sheets_left_over: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Taker:
    """One of those that work side by side: its engine, and how it comes by its next file."""

    engine: duckdb.DuckDBPyConnection
    take: Callable[[], Batch]


def prepare(
    settings: Settings,
    *,
    batch_ids: Sequence[str] | None = None,
    on_progress: Callable[[PrepareResult], None] | None = None,
) -> tuple[PrepareResult, ...]:
    """Prepare every landed batch (or those named), several side by side.

    A file that cannot be read is refused with its reason in the ledger; the others go on.

    Raises:
        WrongUse: there is no pseudonym key.
        InternalFault: the records of a file do not add up.
    """
    home = Home(settings.home)
    ledger = Ledger(home.ledger)
    todo = ledger.select(states=["landed"], batch_ids=batch_ids)
    _ = settings.key  # refuse before the first byte is read
    workers = min(settings.workers, max(len(todo), 1))

    largest_first = deque(sorted(todo, key=lambda b: (-b.size_bytes, b.batch_id)))
    # One takes the largest, the others the smallest: two large files side by side would need the memory of two.
    takers: SimpleQueue[_Taker] = SimpleQueue()

    def one() -> PrepareResult:
        taker = takers.get()
        try:
            batch = taker.take()
            result = _prepare_one(settings, home, batch, taker.engine)
        finally:
            takers.put(taker)
        _note(ledger, batch, result)
        if on_progress:
            on_progress(result)
        return result

    # A run tries a file that is too large for its part again, alone.
    memory = settings.memory(1 if workers == 1 else ENGINE_SHARE / workers)
    threads = max(settings.threads // workers, 1)
    with ExitStack() as opened, ThreadPoolExecutor(workers) as pool:
        for number in range(workers):
            engine = opened.enter_context(open_engine(home, memory_limit=memory, threads=threads))
            takers.put(_Taker(engine, largest_first.pop if number else largest_first.popleft))
        results = [future.result() for future in [pool.submit(one) for _ in todo]]
    return tuple(sorted(results, key=lambda r: r.batch_id))


def _note(ledger: Ledger, batch: Batch, result: PrepareResult) -> None:
    if result.refusal:
        ledger.update(batch.batch_id, state="refused", refusal=result.refusal)
        _log.warning("refused", batch_id=batch.batch_id, reason=result.refusal)
        return
    version = contract_for(batch.source, batch.stream).version
    ledger.update(
        batch.batch_id,
        left_over=result.sheets_left_over,
        state="prepared",
        contract_version=version,
        rows_in_file=result.rows_in_file,
        rows_non_data=result.non_data,
    )


def _prepare_one(settings: Settings, home: Home, batch: Batch, engine: duckdb.DuckDBPyConnection) -> PrepareResult:
    package = home.package_of(batch.source, batch.stream, batch.batch_id)
    contract = contract_for(batch.source, batch.stream)
    known = _kept(package, contract, settings.key_fingerprint)
    if known is not None:
        return _result(batch, known)
    package.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=".package-", dir=package.parent))
    try:
        with own_tables(engine):
            try:
                with raw_scratch(home) as scratch:
                    read = read_landed(engine, settings, batch, contract, draft, scratch)
            except DataRefused as refused:
                return PrepareResult(batch.batch_id, batch.file_name, 0, 0, 0, 0, refusal=str(refused))
        described = _describe(batch, contract, read, settings.key_fingerprint)
        (draft / "package.json").write_text(
            json.dumps(described, ensure_ascii=False, indent=1, sort_keys=True), encoding="utf-8"
        )
        shutil.rmtree(package, ignore_errors=True)
        draft.chmod(0o755)
        draft.rename(package)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return _result(batch, described)


def _kept(package: Path, contract: Contract, fingerprint: str) -> dict[str, Any] | None:
    """What is told of a package made before from the same bytes, contract and key."""
    try:
        described = json.loads((package / "package.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    same = (described["contract_version"], described["key_fingerprint"]) == (contract.version, fingerprint)
    return described if same else None


def _describe(batch: Batch, contract: Contract, read: Read, fingerprint: str) -> dict[str, Any]:
    header, sniffed = read.header, read.sniffed
    text = sniffed if sniffed and sniffed.family == "text" else None
    return {
        "batch_id": batch.batch_id,
        "source": batch.source,
        "stream": batch.stream,
        "file_name": batch.file_name,
        "sha256": batch.sha256,
        "period": batch.period,
        "exported_at": batch.exported_at,
        "contract_version": contract.version,
        "key_fingerprint": fingerprint,
        "format": "delimited" if read.family == "text" else read.family,
        "encoding": text.encoding if text else None,
        "delimiter": text.delimiter if text and header else None,
        "header_row": header.row if header else None,
        "columns": {v: k for k, v in header.labels.items()} if header else {},
        "unknown_columns": list(header.unknown) if header else [],
        "missing_columns": list(header.missing) if header else [],
        "sheets": [asdict(s) for s in read.sheets.read],
        "sheets_left_over": [asdict(s) for s in read.sheets.left_over],
        "totals": asdict(read.totals) if read.totals else None,
        "counts": {**asdict(read.counts), "non_data": read.counts.non_data},
    }


def _result(batch: Batch, told: dict[str, Any]) -> PrepareResult:
    counts = told["counts"]
    left = tuple(sheet["name"] for sheet in told.get("sheets_left_over") or ())
    return PrepareResult(
        batch.batch_id, batch.file_name, counts["rows_in_file"], counts["rows"], counts["rejected"], counts["non_data"],
        sheets_left_over=left,
    )  # fmt: skip
