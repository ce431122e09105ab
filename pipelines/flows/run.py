"""The main job: from the inbox to published marts and pages."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog

from pipelines.domain.errors import CchcError, InternalFault, SourceUnavailable, WrongUse
from pipelines.flows.collect import CollectResult, collect
from pipelines.flows.dbt_process import DbtProcess
from pipelines.settings import Settings
from pipelines.storage.home import Home
from pipelines.storage.ledger import Batch, Ledger
from pipelines.storage.lock import single_run
from pipelines.storage.snapshots import current_name

_log = structlog.get_logger()


@dataclass(frozen=True)
class Progress:
    """Told while a run works.

    ``step`` with ``seconds`` None: it starts, with ``total`` files of ``size_bytes`` to do when that
    is known. With ``done`` set: one more file (``source/stream/name``) of ``size_bytes`` and ``rows``
    is done. With ``seconds`` set: it ended, with its ``counts``. The step ``waiting`` means that
    another run holds the home.
    """

    step: str
    total: int | None = None
    done: str | None = None
    size_bytes: int = 0
    rows: int = 0
    seconds: float | None = None
    counts: Mapping[str, int] = field(default_factory=dict)


Listener = Callable[[Progress], None]


@dataclass(frozen=True)
class Step:
    """One step that ran: its name, seconds, and what it did in numbers."""

    name: str
    seconds: float
    counts: Mapping[str, int]


@dataclass(frozen=True)
class RunResult:
    """What a run did.

    ``nothing_new``: no step after ``collect`` was needed. ``refused``: files that could not be
    taken in, with the reason. ``faults``: files that broke a step of ours, with the reason; they
    stay where they are and are tried again by the next run.
    """

    steps: tuple[Step, ...]
    nothing_new: bool
    collected: CollectResult
    refused: tuple[tuple[str, str], ...]
    faults: tuple[tuple[str, str], ...]
    rows_in_file: int
    rows_loaded: int
    rows_quarantined: int
    snapshot: str | None
    page: str | None


class _Clock:
    """Runs steps one after the other, times them and tells the listener."""

    def __init__(self, listener: Listener | None) -> None:
        self.tell: Listener = listener or (lambda _: None)
        self.steps: list[Step] = []
        self.faults: dict[str, str] = {}

    def run(self, name: str, work: Callable[[], Any], *, todo: Sequence[Batch] | None = None) -> Any:
        total, size = (None, 0) if todo is None else (len(todo), sum(b.size_bytes for b in todo))
        self.tell(Progress(name, total=total, size_bytes=size))
        started = time.perf_counter()
        result = work()
        seconds = time.perf_counter() - started
        counts = _counts(result)
        self.steps.append(Step(name, seconds, counts))
        _log.info("step", step=name, seconds=round(seconds, 2), **counts)
        self.tell(Progress(name, seconds=seconds, counts=counts))
        return result


def run(settings: Settings, *, inbox: str | None = None, on_progress: Listener | None = None) -> RunResult:
    """Do everything that is not done yet; what a killed run left half done is taken up again.

    One run at a time: another one waits for it. A file that breaks a step does not keep the others
    from being published. When the inbox cannot be reached, what had been landed is still finished.

    Raises:
        WrongUse: there is no pseudonym key, or another one than before.
        DataRefused: the release gate is red; nothing was published.
        SourceUnavailable: the inbox cannot be reached, or another run does not end.
    """
    home = Home(settings.home)
    check_key(settings)
    home.create()
    clock = _Clock(on_progress)
    with single_run(home, on_wait=lambda: clock.tell(Progress("waiting"))):
        return _run(settings, home, clock, inbox)


def _run(settings: Settings, home: Home, clock: _Clock, inbox: str | None) -> RunResult:
    ledger = Ledger(home.ledger)
    unreachable: SourceUnavailable | None = None
    collected = CollectResult((), 0, (), ())
    try:
        collected = clock.run("collect", lambda: collect(settings, inbox=inbox))
    except SourceUnavailable as error:
        unreachable = error
    send_back_lost_packages(home, ledger)
    todo = [b.batch_id for b in ledger.select(states=["landed", "prepared", "validated"])]
    with DbtProcess(settings, home.warehouse) as dbt:
        if todo:
            _take_in(settings, ledger, clock, dbt)
        brought_out = _bring_out(settings, home, ledger, clock, dbt)
    if unreachable is not None:
        raise unreachable
    touched = ledger.select(batch_ids=todo) if todo else []
    return _result(clock, home, collected, touched, nothing_new=not todo and not brought_out)


def check_key(settings: Settings) -> None:
    """The key must be there and be the one that the lake's pseudonyms were made with.

    Raises:
        WrongUse: it is not.
    """
    fingerprint = settings.key_fingerprint  # refuse before anything is written
    try:
        Ledger(Home(settings.home).ledger).hold_fact("pseudonym_key", fingerprint)
    except InternalFault as error:
        raise WrongUse(
            "The pseudonym key is not the one this home was filled with, so old and new pseudonyms would not match.",
            next_step="Give the former key, or start a new CCHC_HOME.",
        ) from error


def send_back_lost_packages(home: Home, ledger: Ledger) -> list[str]:
    """Batches whose package is gone (``build/`` is disposable) are to be prepared again; their ids."""
    lost = [
        b.batch_id
        for b in ledger.select(states=["prepared", "validated"])
        if not (home.package_of(b.source, b.stream, b.batch_id) / "package.json").exists()
    ]
    for batch_id in lost:
        ledger.update(batch_id, state="landed")
    return lost


def _take_in(settings: Settings, ledger: Ledger, clock: _Clock, dbt: DbtProcess) -> None:
    """Landed files into the lake. Validation sends a package of an older contract back once."""
    from pipelines.flows.load import load
    from pipelines.flows.prepare import prepare
    from pipelines.flows.validate import validate

    for state, step in (("landed", prepare), ("prepared", validate), ("landed", prepare), ("prepared", validate)):
        if step is validate:
            dbt.start()  # Great Expectations and dbt take their seconds side by side
        _on_all(settings, ledger, clock, state, step)
    _on_all(settings, ledger, clock, "validated", load)


def _on_all(settings: Settings, ledger: Ledger, clock: _Clock, state: str, step: Callable[..., Any]) -> None:
    """One step over every batch in a state. If it breaks, each is tried alone, so that one blocks no other."""
    todo = [b for b in ledger.select(states=[state]) if b.batch_id not in clock.faults]
    if not todo:
        return
    batches = {b.batch_id: b for b in todo}

    def told(one: Any) -> None:
        batch = batches[getattr(one, "batch_id", one)]
        rows = getattr(one, "rows_in_file", batch.rows_in_file) or 0
        clock.tell(Progress(step.__name__, done=batch.label, size_bytes=batch.size_bytes, rows=rows))

    def work() -> Any:
        try:
            return step(settings, batch_ids=[b.batch_id for b in todo], on_progress=told)
        except (WrongUse, SourceUnavailable):
            raise
        except Exception as error:  # noqa: BLE001 - whatever it was, the other files are not to blame
            _log.warning("step broke, each file alone now", step=step.__name__, error=type(error).__name__)
            return [_alone(settings, ledger, clock, b, state, step, told) for b in todo]

    clock.run(step.__name__, work, todo=todo)


def _alone(
    settings: Settings,
    ledger: Ledger,
    clock: _Clock,
    batch: Batch,
    state: str,
    step: Callable[..., Any],
    told: Callable[[Any], None],
) -> Any:
    if ledger.batch(batch.batch_id).state != state:
        return None
    try:
        return step(settings, batch_ids=[batch.batch_id], on_progress=told)
    except (WrongUse, SourceUnavailable):
        raise
    except CchcError as error:
        reason = str(error)
    except Exception as error:  # noqa: BLE001 - whatever it was, the other files are not to blame
        reason = f"{type(error).__name__}; `cchc {step.__name__} --debug` shows more"  # its text may hold values
    clock.faults[batch.batch_id] = f"{step.__name__}: {reason}"
    _log.error("file broke a step", step=step.__name__, batch_id=batch.batch_id, reason=reason)
    return None


def _bring_out(settings: Settings, home: Home, ledger: Ledger, clock: _Clock, dbt: DbtProcess) -> bool:
    """Build, gate and publish what is loaded and not published, and show what is published; whether any was needed."""
    before = len(clock.steps)
    snapshot = current_name(home)
    if ledger.select(states=["loaded"]):
        if ledger.select(unbuilt=True):
            from pipelines.flows.build import build

            clock.run("build", lambda: build(settings, dbt=dbt))
        if ledger.unpublished or snapshot is None:
            from pipelines.flows.gate import gate
            from pipelines.flows.publish import publish

            clock.run("gate", lambda: gate(settings))
            clock.run("publish", lambda: publish(settings))
    if current_name(home) is not None and not shows_current(home):
        from pipelines.flows.report import report

        clock.run("report", lambda: report(settings))
    return len(clock.steps) > before


def shows_current(home: Home) -> bool:
    """Whether the pages are those of the current snapshot."""
    return home.site.is_symlink() and home.site.readlink().name.startswith(current_name(home) or "?")


_COUNTED = ("rows_in_file", "rows", "rows_loaded", "rows_quarantined", "failed_rows", "rejected", "evaluated", "models")


def _counts(result: Any) -> dict[str, int]:
    """The numbers of a step's result: of one, or added up over many files."""
    if isinstance(result, CollectResult):
        return {"files": len(result.landed), "known": result.known, "refused": len(result.refused)}
    many: Sequence[Any] = result if isinstance(result, (tuple, list)) else (result,)
    counts = {"files": len(many)} if many is result else {}
    for name in _COUNTED:
        found = [v for r in many if isinstance(v := getattr(r, name, None), int)]
        if found:
            counts[name] = sum(found)
    taken = getattr(result, "batches", None)
    return counts | ({"files": len(taken)} if taken is not None else {})


def _result(
    clock: _Clock, home: Home, collected: CollectResult, batches: list[Batch], *, nothing_new: bool
) -> RunResult:
    page = home.site / "index.html"
    names = {b.batch_id: b.label for b in batches}
    refused = tuple((names[b.batch_id], b.refusal or "") for b in batches if b.state == "refused")
    return RunResult(
        steps=tuple(clock.steps),
        nothing_new=nothing_new,
        collected=collected,
        refused=(*collected.refused, *refused),
        faults=tuple((names.get(i, i), reason) for i, reason in clock.faults.items()),
        rows_in_file=sum(b.rows_in_file or 0 for b in batches),
        rows_loaded=sum(b.rows_loaded or 0 for b in batches),
        rows_quarantined=sum(b.rows_quarantined or 0 for b in batches),
        snapshot=current_name(home),
        page=str(page) if page.exists() else None,
    )
