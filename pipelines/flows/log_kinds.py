"""What a log is that is not of the stream it was dropped for: named, so that it can be taken where it belongs."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import duckdb

from pipelines.domain.contracts import Contract
from pipelines.domain.errors import DataRefused
from pipelines.formats.field_line import header_of_fields, uncovered_kind
from pipelines.formats.lines import UTF8
from pipelines.formats.log import NONE_KNOWN, SAMPLE, known_lines
from pipelines.formats.program_logs import is_stamped, program_log
from pipelines.formats.sniff import Sniffed
from pipelines.sources.registry import all_contracts

LEAST_KNOWN = 0.5
_FURTHER = 20_000


class LogFound(NamedTuple):
    """The log contract that fits a file best and how far (0 to 1); ``also`` are others with lines in it."""

    share: float
    name: str
    also: tuple[str, ...]


def best_log(path: Path, sniffed: Sniffed, contracts: Sequence[Contract]) -> LogFound | None:
    """The log contract that fits a file's first lines best, if one fits half of them.

    Of two that fit alike the one that stands first by name is meant. Where a log opens with many lines of others, such
    as those of a start of the server, it is looked at further on; there few lines are enough among those of other
    programs. A mail server's syslog may hold lines of several contracts.
    """
    logs = sorted((c for c in contracts if c.log is not None), key=lambda c: c.name)
    for lines in (SAMPLE, _FURTHER) if is_stamped(sniffed.head) else (SAMPLE,):
        with duckdb.connect() as connection, _plain_lines(path, sniffed) as plain:
            known = {c.name: known_lines(connection, plain, c, lines) for c in logs}
        name = max(known, key=lambda n: known[n].share, default="")
        if name and known[name].share < LEAST_KNOWN and lines > SAMPLE:
            name = max(known, key=lambda n: known[n].fit * known[n].is_shared)
        best = known.get(name, NONE_KNOWN)
        if best.share >= LEAST_KNOWN or (lines > SAMPLE and best.fit and best.is_shared):
            also = tuple(n for n in known if n != name and known[n].fit and known[n].is_shared)
            return LogFound(best.share, name, also)
    return None


@contextmanager
def _plain_lines(path: Path, sniffed: Sniffed) -> Iterator[Path]:
    """The file, or its first lines in UTF-8 where it is not so or holds what is no text."""
    if sniffed.encoding in UTF8 and not any(sign in sniffed.head for sign in "\0\ufffd"):
        yield path
        return
    with tempfile.TemporaryDirectory() as scratch:
        head = Path(scratch) / "head"
        head.write_text(sniffed.head.replace("\0", ""), encoding="utf-8", newline="")
        yield head


def kind_of_none(sniffed: Sniffed) -> str | None:
    """What a log is that no contract covers; None where that is not known."""
    return uncovered_kind(sniffed) or program_log(sniffed.head)


def best_field_log(sniffed: Sniffed, contracts: Sequence[Contract], *, file_name: str) -> str | None:
    """The contract of a log with comments and fields that the file is, if one is."""
    for contract in contracts:
        if contract.field_line is not None:
            try:
                header_of_fields(sniffed, contract, file_name=file_name)
            except DataRefused:
                continue
            return contract.name
    return None


def foreign_log(path: Path, sniffed: Sniffed, contract: Contract, *, file_name: str) -> DataRefused:
    """The refusal of a file without a single line of its stream, with what it is if that is known."""
    contracts = all_contracts()
    best = best_log(path, sniffed, contracts)
    name = best.name if best else best_field_log(sniffed, contracts, file_name=file_name)
    if name:
        source, _, stream = name.partition(".")
        return DataRefused(
            f"{file_name} holds no line of {contract.name}: it looks like {name}.",
            next_step=f"Drop it into inbox/{source}/{stream}/.",
        )
    kind = kind_of_none(sniffed)
    what = f": it is a {kind}, which no contract covers" if kind else ""
    return DataRefused(
        f"{file_name} holds no line of {contract.name}{what}.", next_step="`cchc inspect` shows what the file is."
    )
