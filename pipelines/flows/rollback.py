"""Moves the pointer back to a snapshot that was published before."""

from __future__ import annotations

from dataclasses import dataclass

import structlog

from pipelines.domain.errors import WrongUse
from pipelines.settings import Settings
from pipelines.storage.home import Home
from pipelines.storage.lock import single_writer
from pipelines.storage.snapshots import current_name, manifest_of, point_to, snapshot_names

_log = structlog.get_logger()


@dataclass(frozen=True)
class RollbackResult:
    """Which snapshot was current, which is now, and what that one knows (``as_of``)."""

    before: str
    now: str
    as_of: str | None


def rollback(settings: Settings, *, to: str | None = None) -> RollbackResult:
    """Make an older snapshot current, with its pages. It stays so until a run brings new data.

    Args:
        settings: the installation.
        to: name of a snapshot kept; the one before the current when None.

    Raises:
        WrongUse: there is no such snapshot, or none before the current.
    """
    home = Home(settings.home)
    with single_writer(home):
        before = current_name(home)
        if before is None:
            raise WrongUse("Nothing is published yet.", next_step="`cchc run` does the whole way.")
        target = _target(snapshot_names(home), before, to)
        point_to(home, target)
    from pipelines.flows.report import report

    report(settings)
    _log.info("rolled back", before=before, now=target)
    return RollbackResult(before, target, manifest_of(home, target)["as_of"])


def _target(kept: list[str], current: str, wanted: str | None) -> str:
    if wanted is not None:
        name = wanted.removesuffix(".duckdb").removesuffix(".json")
        if name not in kept:
            raise WrongUse(f"There is no snapshot {name}.", next_step=f"Kept are: {', '.join(kept)}.")
        return name
    older = [name for name in kept if name < current]
    if not older:
        raise WrongUse("There is no snapshot before the current one.", next_step=f"Kept are: {', '.join(kept)}.")
    return older[-1]
