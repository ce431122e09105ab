"""What a log is that is not of the stream it was dropped for: named, so that it can be taken where it belongs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb

from pipelines.domain.contracts import Contract
from pipelines.domain.errors import DataRefused
from pipelines.formats.field_line import header_of_fields, uncovered_kind
from pipelines.formats.log import share_of_known_lines
from pipelines.formats.sniff import Sniffed
from pipelines.sources.registry import all_contracts

LEAST_KNOWN = 0.5


def best_log(path: Path, contracts: Sequence[Contract]) -> tuple[float, str] | None:
    """The log contract that fits a file's first lines best and how far (0.5 to 1), if one does.

    Of two that fit alike the one that stands first by name is meant.
    """
    with duckdb.connect() as connection:
        shares = [(share_of_known_lines(connection, path, c), c.name) for c in contracts if c.log is not None]
    share, name = max(sorted(shares, key=lambda s: s[1]), key=lambda s: s[0], default=(0.0, ""))
    return (share, name) if share >= LEAST_KNOWN else None


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
    best = best_log(path, contracts)
    name = best[1] if best else best_field_log(sniffed, contracts, file_name=file_name)
    if name:
        source, _, stream = name.partition(".")
        return DataRefused(
            f"{file_name} holds no line of {contract.name}: it looks like {name}.",
            next_step=f"Drop it into inbox/{source}/{stream}/.",
        )
    kind = uncovered_kind(sniffed)
    what = f": it is a {kind}, which no contract covers" if kind else ""
    return DataRefused(
        f"{file_name} holds no line of {contract.name}{what}.", next_step="`cchc inspect` shows what the file is."
    )
