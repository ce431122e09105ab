"""What a run would do. Changes nothing."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipelines.flows.collect import CollectResult, collect
from pipelines.flows.run import shows_current
from pipelines.settings import Settings
from pipelines.storage.home import Home
from pipelines.storage.ledger import Batch, Ledger
from pipelines.storage.snapshots import current_name


@dataclass(frozen=True)
class PlanResult:
    """What is new and what would be rebuilt.

    ``inbox`` is a look that took nothing. The mappings count files by stream. ``full_build``: the
    build database is not there and would be made anew from the whole lake.
    """

    inbox: CollectResult
    to_prepare: Mapping[str, int]
    to_validate: Mapping[str, int]
    to_load: Mapping[str, int]
    to_build: Mapping[str, int]
    full_build: bool
    to_publish: bool
    to_report: bool

    @property
    def nothing_new(self) -> bool:
        """Whether a run would do nothing."""
        work = (self.inbox.landed, self.to_prepare, self.to_validate, self.to_load, self.to_build)
        return not any(work) and not self.to_publish and not self.to_report


def plan(settings: Settings, *, inbox: str | None = None) -> PlanResult:
    """Look at the inbox and at what is half done.

    Raises:
        SourceUnavailable: the inbox cannot be reached.
        WrongUse: the inbox is no folder.
    """
    home = Home(settings.home)
    if not home.ledger.exists():
        return _of_fresh_home(settings, home, inbox)
    ledger = Ledger(home.ledger)
    found = collect(settings, inbox=inbox, dry_run=True)
    landed, prepared, validated = (ledger.select(states=[s]) for s in ("landed", "prepared", "validated"))
    unbuilt = ledger.select(unbuilt=True)
    arriving = Counter(".".join(path.split("/")[:2]) for path in found.landed)
    coming = bool(found.landed or landed or prepared or validated or unbuilt)
    full = coming and not home.warehouse.exists()
    loaded = ledger.select(states=["loaded"])
    snapshot = current_name(home)
    return PlanResult(
        inbox=found,
        to_prepare=dict(arriving + _by_stream(landed)),
        to_validate=dict(arriving + _by_stream([*landed, *prepared])),
        to_load=dict(arriving + _by_stream([*landed, *prepared, *validated])),
        to_build=dict(arriving + _by_stream([*landed, *prepared, *validated, *(loaded if full else unbuilt)])),
        full_build=full,
        to_publish=coming or bool(loaded and (ledger.unpublished or snapshot is None)),
        to_report=coming or (snapshot is not None and not shows_current(home)),
    )


def _of_fresh_home(settings: Settings, home: Home, inbox: str | None) -> PlanResult:
    """A home without a ledger: looked at with an empty one elsewhere, so that nothing appears in it."""
    place = inbox or settings.inbox or (str(home.inbox) if home.inbox.exists() else None)
    found = CollectResult((), 0, (), ())
    if place is not None:
        with tempfile.TemporaryDirectory(prefix="cchc-plan-") as scratch:
            elsewhere = settings.model_copy(update={"home": Path(scratch)})
            found = collect(elsewhere, inbox=place, dry_run=True)
    streams = dict(Counter(".".join(path.split("/")[:2]) for path in found.landed))
    coming = bool(streams)
    return PlanResult(found, streams, streams, streams, streams, coming, coming, coming)


def _by_stream(batches: Sequence[Batch]) -> Counter[str]:
    return Counter(f"{b.source}.{b.stream}" for b in batches)
