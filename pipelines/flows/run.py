"""The main job: from the inbox to published marts and pages."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import structlog

from pipelines.domain.errors import InternalFault, WrongUse
from pipelines.flows.collect import CollectResult, collect
from pipelines.flows.load import load
from pipelines.settings import Settings
from pipelines.storage.home import Home
from pipelines.storage.ledger import Batch, Ledger
from pipelines.storage.snapshots import current_name

_log = structlog.get_logger()

# Told before each step and after it: its name and, after it, what came out.
Listener = Callable[[str, Any], None]


@dataclass(frozen=True)
class Step:
    """One step that ran: its name and seconds."""

    name: str
    seconds: float


@dataclass(frozen=True)
class RunResult:
    """What a run did. ``nothing_new`` means that no step after ``collect`` was needed."""

    steps: tuple[Step, ...]
    nothing_new: bool
    collected: CollectResult
    refused: tuple[tuple[str, str], ...]
    rows_in_file: int
    rows_loaded: int
    rows_quarantined: int
    snapshot: str | None
    page: str | None


@dataclass
class _Clock:
    listener: Listener | None
    steps: list[Step] = field(default_factory=list)

    def run(self, name: str, work: Callable[[], Any]) -> Any:
        if self.listener:
            self.listener(name, None)
        started = time.perf_counter()
        result = work()
        self.steps.append(Step(name, time.perf_counter() - started))
        _log.info("step", step=name, seconds=round(self.steps[-1].seconds, 2))
        if self.listener:
            self.listener(name, result)
        return result


def run(settings: Settings, *, inbox: str | None = None, on_progress: Listener | None = None) -> RunResult:
    """Do everything that is not done yet; what a killed run left half done is taken up again.

    Raises:
        WrongUse: there is no pseudonym key, or another one than before.
        DataRefused: the release gate is red; nothing was published.
        SourceUnavailable: the inbox cannot be reached.
    """
    home = Home(settings.home)
    check_key(settings)
    home.create()
    ledger = Ledger(home.ledger)
    clock = _Clock(on_progress)
    collected = clock.run("collect", lambda: collect(settings, inbox=inbox))
    open_batches = ledger.select(states=["landed", "prepared", "validated"])
    if not open_batches and not _unfinished(home, ledger):
        return _result(clock, home, collected, [], nothing_new=True)
    _take_in(settings, clock)
    _bring_out(settings, clock)
    touched = ledger.select(batch_ids=[b.batch_id for b in open_batches])
    return _result(clock, home, collected, touched, nothing_new=False)


def check_key(settings: Settings) -> None:
    """The key must be there and be the one that the lake's pseudonyms were made with.

    Raises:
        WrongUse: it is not.
    """
    try:
        Ledger(Home(settings.home).ledger).hold_fact("pseudonym_key", settings.key_fingerprint)
    except InternalFault as error:
        raise WrongUse(
            "The pseudonym key is not the one this home was filled with, so old and new pseudonyms would not match.",
            next_step="Give the former key, or start a new CCHC_HOME.",
        ) from error


def _unfinished(home: Home, ledger: Ledger) -> bool:
    """Whether something loaded is not built, published or shown, as after a killed run."""
    if not ledger.select(states=["loaded"]):
        return False
    snapshot = current_name(home)
    if snapshot is None or ledger.unpublished or ledger.select(unbuilt=True):
        return True
    return not (home.site.is_symlink() and home.site.readlink().name.startswith(snapshot))


def _take_in(settings: Settings, clock: _Clock) -> None:
    from pipelines.flows.prepare import prepare
    from pipelines.flows.validate import validate

    ledger = Ledger(Home(settings.home).ledger)
    if ledger.select(states=["landed"]):
        clock.run("prepare", lambda: prepare(settings))
    if ledger.select(states=["prepared"]):
        clock.run("validate", lambda: validate(settings))
    if ledger.select(states=["validated"]):
        clock.run("load", lambda: load(settings))


def _bring_out(settings: Settings, clock: _Clock) -> None:
    from pipelines.flows.build import build
    from pipelines.flows.gate import gate
    from pipelines.flows.publish import publish
    from pipelines.flows.report import report

    clock.run("build", lambda: build(settings))
    clock.run("gate", lambda: gate(settings))
    clock.run("publish", lambda: publish(settings))
    clock.run("report", lambda: report(settings))


def _result(
    clock: _Clock, home: Home, collected: CollectResult, batches: list[Batch], *, nothing_new: bool
) -> RunResult:
    page = home.site / "index.html"
    return RunResult(
        steps=tuple(clock.steps),
        nothing_new=nothing_new,
        collected=collected,
        refused=(*collected.refused, *((b.file_name, b.refusal or "") for b in batches if b.state == "refused")),
        rows_in_file=sum(b.rows_in_file or 0 for b in batches),
        rows_loaded=sum(b.rows_loaded or 0 for b in batches),
        rows_quarantined=sum(b.rows_quarantined or 0 for b in batches),
        snapshot=current_name(home),
        page=str(page) if page.exists() else None,
    )
