"""Holds prepared packages to their contracts: findings, quarantine and a verdict for each file."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import structlog

from pipelines.domain.contracts import Contract
from pipelines.settings import Settings
from pipelines.sources.registry import contract_for
from pipelines.storage.engine import open_engine
from pipelines.storage.home import Home
from pipelines.storage.ledger import Batch, Ledger
from pipelines.storage.ledger import batches as batch_table

if TYPE_CHECKING:
    from expectations.runner import SuiteOutcome
    from expectations.verdicts import BatchCounts

_log = structlog.get_logger()
_MOST_RULES_TOLD = 5


@dataclass(frozen=True)
class ValidateResult:
    """The verdict on one file.

    ``failed_rows`` are held back in quarantine, ``flagged_rows`` break a warning (a row may do
    both); ``rejected`` are the records that were no rows. ``refusal`` tells why the file as a
    whole is not taken in; None when it is.
    """

    batch_id: str
    passed: bool
    rows: int
    failed_rows: int
    flagged_rows: int
    rejected: int
    refusal: str | None = None


@dataclass(frozen=True)
class _Package:
    batch: Batch
    folder: Path
    rows: int
    rejected: int
    missing_columns: tuple[str, ...]
    contract_version: int | None


def validate(
    settings: Settings,
    *,
    batch_ids: Sequence[str] | None = None,
    on_progress: Callable[[str], None] | None = None,
) -> tuple[ValidateResult, ...]:
    """Validate every prepared batch (or those named), all of one stream together.

    A file that cannot be taken in is refused alone; the others go on. ``on_progress`` is told
    each batch id when its verdict stands. Writing comes before the ledger: a killed validation
    is done again, with the same result.

    Raises:
        InternalFault: Great Expectations could not run, or counts other than the row rules.
    """
    home = Home(settings.home)
    ledger = Ledger(home.ledger)
    prepared = ledger.select(states=["prepared"], batch_ids=batch_ids)
    prepared.sort(key=lambda b: (b.source, b.stream))
    if not prepared:
        return ()
    results: list[ValidateResult] = []
    with open_engine(home, **settings.engine) as engine:
        for (source, stream), group in groupby(prepared, key=lambda b: (b.source, b.stream)):
            contract = contract_for(source, stream)
            packages = _current_packages(home, ledger, contract, list(group))
            found = _validate_stream(settings, engine, ledger, contract, packages)
            results += found
            if on_progress:
                for result in found:
                    on_progress(result.batch_id)
    return tuple(results)


def _current_packages(home: Home, ledger: Ledger, contract: Contract, group: list[Batch]) -> list[_Package]:
    """The packages made by the contract as it is now; others go back, to be prepared again."""
    packages = [_read_package(home, batch) for batch in group]
    stale = [p.batch.batch_id for p in packages if p.contract_version != contract.version]
    _update(ledger, {batch_id: {"state": "landed"} for batch_id in stale})
    for batch_id in stale:
        _log.warning("package of another contract version; to be prepared again", batch_id=batch_id)
    return [p for p in packages if p.batch.batch_id not in stale]


def _read_package(home: Home, batch: Batch) -> _Package:
    folder = home.package_of(batch.source, batch.stream, batch.batch_id)
    told = json.loads((folder / "package.json").read_text(encoding="utf-8"))
    return _Package(
        batch=batch,
        folder=folder,
        rows=told["counts"]["rows"],
        rejected=told["counts"]["rejected"],
        missing_columns=tuple(told.get("missing_columns") or ()),
        contract_version=told.get("contract_version"),
    )


def _validate_stream(
    settings: Settings,
    engine: duckdb.DuckDBPyConnection,
    ledger: Ledger,
    contract: Contract,
    packages: list[_Package],
) -> list[ValidateResult]:
    refusals = {p.batch.batch_id: r for p in packages if (r := _refusal_of_file(contract, p)) is not None}
    whole = [p for p in packages if p.batch.batch_id not in refusals]
    outcomes, counts = _check_all(settings, engine, contract, whole)
    results = []
    for package in packages:
        batch_id = package.batch.batch_id
        found = counts.get(batch_id)
        refusal = refusals.get(batch_id) or _refusal_of_rows(settings, contract, package, found)
        results.append(_verdict(package, found, outcomes.get(batch_id), refusal))
    os.sync()  # every file of the group is on the disk before the ledger relies on it
    _commit(ledger, contract, results, list(outcomes.values()))
    return results


def _check_all(
    settings: Settings, engine: duckdb.DuckDBPyConnection, contract: Contract, packages: list[_Package]
) -> tuple[dict[str, SuiteOutcome], dict[str, BatchCounts]]:
    """Outcome and counts by batch; files that lack the same required columns are held to the rest together."""
    outcomes: dict[str, SuiteOutcome] = {}
    counts: dict[str, BatchCounts] = {}
    packages.sort(key=lambda p: _excused(contract, p))
    for excused, group in groupby(packages, key=lambda p: _excused(contract, p)):
        together = list(group)
        columns = tuple(
            c.model_copy(update={"required": c.required and c.name not in excused}) for c in contract.columns
        )
        outcome, found = _check(settings, engine, contract.model_copy(update={"columns": columns}), together)
        outcomes |= {p.batch.batch_id: outcome for p in together}
        counts |= found
    return outcomes, counts


def _excused(contract: Contract, package: _Package) -> tuple[str, ...]:
    """Required columns that a file may lack: the contract lets it pass, with nothing in them."""
    if contract.surprises.missing_columns not in ("evolve", "discard_value"):
        return ()
    return tuple(c.name for c in contract.columns if c.required and {c.name, c.label} & set(package.missing_columns))


def _check(
    settings: Settings, engine: duckdb.DuckDBPyConnection, contract: Contract, packages: list[_Package]
) -> tuple[SuiteOutcome, Mapping[str, BatchCounts]]:
    """Great Expectations and the row rules over all packages; writes findings and quarantine of each."""
    from expectations import batches, data_docs, verdicts

    folders = {p.batch.batch_id: p.folder for p in packages}
    rows = {p.batch.batch_id: p.folder / "rows.parquet" for p in packages}
    rejects = [p.folder / "rejects.parquet" for p in packages if p.rejected]
    outcome = batches.check_packages(engine, contract, rows=list(rows.values()), rejects=rejects)
    verdicts.write_findings(engine, folders)
    verdicts.write_quarantine(engine, folders, rows)
    counts = verdicts.counts_by_batch(engine)
    data_docs.keep_result(Home(settings.home), contract.name, outcome.document)
    return outcome, counts


def _refusal_of_file(contract: Contract, package: _Package) -> str | None:
    """Why a file is refused before its rows are looked at, with the next step."""
    missing = [
        f"{column.label} ({column.name})"
        for column in contract.columns
        if column.required and {column.name, column.label} & set(package.missing_columns)
    ]
    if missing and contract.surprises.missing_columns == "freeze":
        return (
            f"{package.batch.file_name} lacks the required column {', '.join(missing)}. Next: ask for an export "
            f"with it, or, if it has got another header, add that as an alias to the contract {contract.name}."
        )
    if contract.full_export and package.rows + package.rejected == 0:
        return (
            f"{package.batch.file_name} is a full export of {contract.name} and has no rows: taken in, it would say "
            "that everything is gone. Next: ask for the export again."
        )
    return None


def _refusal_of_rows(
    settings: Settings, contract: Contract, package: _Package, found: BatchCounts | None
) -> str | None:
    """Why a file is refused for its rows: too many are at fault; rejected records count as such.

    A handful says nothing of a file: of a night's three rows, two may well be at fault.
    """
    total = package.rows + package.rejected
    if found is None or total == 0:
        return None
    frozen = _refusal_of_types(contract, package, found)
    if frozen is not None:
        return frozen
    faulty = found.failed_rows + package.rejected
    if faulty < settings.min_refusal_rows or faulty <= settings.max_quarantine_share * total:
        return None
    worst = sorted(found.by_rule.items(), key=lambda item: (-item[1], item[0]))[:_MOST_RULES_TOLD]
    return (
        f"{package.batch.file_name}: {faulty} of {total} rows are at fault, more than the share of "
        f"{settings.max_quarantine_share:g} that is allowed ({', '.join(f'{rule} {n}' for rule, n in worst)}). "
        "Next: send the findings to the source and ask for a new export; the file was kept as it came."
    )


def _refusal_of_types(contract: Contract, package: _Package, found: BatchCounts) -> str | None:
    """Why a file is refused for values of a wrong type, where the contract allows none."""
    from expectations.row_rules import is_wrong_type

    wrong = {rule: n for rule, n in sorted(found.by_rule.items()) if is_wrong_type(rule)}
    if not wrong or contract.surprises.wrong_type != "freeze":
        return None
    return (
        f"{package.batch.file_name}: {sum(wrong.values())} values are of another type than the contract "
        f"{contract.name} says, and it allows none ({', '.join(f'{rule} {n}' for rule, n in wrong.items())}). "
        "Next: ask for an export without them; the file was kept as it came."
    )


def _verdict(
    package: _Package, found: BatchCounts | None, outcome: SuiteOutcome | None, refusal: str | None
) -> ValidateResult:
    """Write ``verdict.json`` and give the same as a result."""
    from expectations.verdicts import replaced

    failed, flagged = (found.failed_rows, found.flagged_rows) if found else (0, 0)
    suite: dict[str, Any] = {"success": None, "evaluated": 0, "failed": 0}
    if outcome is not None:
        suite = {"success": outcome.success, "evaluated": outcome.evaluated, "failed": outcome.failed}
    content = {
        "batch_id": package.batch.batch_id,
        "passed": refusal is None,
        "refusal": refusal,
        "rows": package.rows,
        "failed_rows": failed,
        "flagged_rows": flagged,
        "by_rule": dict(found.by_rule) if found else {},
        "gx": suite,
    }
    with replaced(package.folder / "verdict.json") as draft:
        draft.write_text(json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True), encoding="utf-8")
    return ValidateResult(
        package.batch.batch_id, refusal is None, package.rows, failed, flagged, package.rejected, refusal
    )


def _commit(ledger: Ledger, contract: Contract, results: list[ValidateResult], outcomes: list[SuiteOutcome]) -> None:
    changes: dict[str, dict[str, Any]] = {}
    for result in results:
        state = "validated" if result.passed else "refused"
        changes[result.batch_id] = {
            "state": state,
            "refusal": result.refusal,
            "rows_quarantined": result.failed_rows + result.rejected,
            "rows_flagged": result.flagged_rows,
        }
        _log.info(state, batch_id=result.batch_id, rows=result.rows, quarantined=result.failed_rows + result.rejected)
    _update(ledger, changes)
    if not results:
        return
    refused = [r.batch_id for r in results if not r.passed]
    told = {
        "batches": len(results),
        "refused": refused,
        "rows": sum(r.rows for r in results),
        "failed_rows": sum(r.failed_rows for r in results),
        "flagged_rows": sum(r.flagged_rows for r in results),
    }
    ledger.add_gate(
        kind="incoming",
        subject=contract.name,
        passed=not refused,
        evaluated=max((o.evaluated for o in outcomes), default=0),
        failed=max((o.failed for o in outcomes), default=0),
        detail=json.dumps(told),
    )


def _update(ledger: Ledger, changes: Mapping[str, Mapping[str, Any]]) -> None:
    """All changes or none."""
    if not changes:
        return
    with ledger.transaction() as connection:
        for batch_id, values in changes.items():
            connection.execute(batch_table.update().where(batch_table.c.batch_id == batch_id).values(**values))
