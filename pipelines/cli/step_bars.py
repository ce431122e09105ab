"""The steps of a run on a terminal: a bar for the one at work, a line for each that ended."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.console import Console, RenderableType
from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)
from rich.text import Text

from pipelines.cli.shell import count

if TYPE_CHECKING:
    from pipelines.flows.run import Progress as Event

_KNOWN_AFTER = 1.0  # seconds: a speed measured for less says nothing
_COST_OF_A_FILE = 2**20  # bytes that are prepared in the time that an empty file takes
_WIDE = 100  # signs from which there is room for a bar


class Bars(Progress):
    """Steps at work: files, rows a second, what is left, and the file that was done last."""

    def __init__(self, console: Console, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._now = clock
        self._last = ""
        self._file_told = threading.Lock()
        self._ids: dict[str, TaskID] = {}
        bar = (BarColumn(20),) if console.width >= _WIDE else ()
        columns = (SpinnerColumn(), TextColumn("{task.description:<9}"), *bar, _Files(), _Rows(), TimeElapsedColumn())
        super().__init__(*columns, _Left(clock), console=console, transient=True)

    def get_renderables(self) -> Iterable[RenderableType]:
        """The bars, and under them the name of a file."""
        yield from super().get_renderables()
        if self._last and not self.finished:
            yield Text(f"  {self._last}", style="dim", no_wrap=True, overflow="ellipsis")

    def begin(self, event: Event) -> None:
        """A step starts."""
        whole = event.size_bytes + (event.total or 0) * _COST_OF_A_FILE
        self._ids[event.step] = self.add_task(
            event.step, total=event.total, rows=0, began=self._now(), pace=Pace(whole=whole)
        )

    def file(self, event: Event) -> None:
        """One more file of a step is done. Comes from several threads."""
        with self._file_told:
            self._last = event.done or ""
            task = self._tasks[self._ids[event.step]]
            task.fields["pace"].tell(self._now(), event.size_bytes + _COST_OF_A_FILE)
            self.update(task.id, advance=1, rows=task.fields["rows"] + event.rows)

    def end(self, event: Event) -> None:
        """A step ended."""
        self._last = ""
        self.remove_task(self._ids.pop(event.step))


class _Files(ProgressColumn):
    def render(self, task: Task) -> Text:
        """``3/124 files``; nothing where a step does not count files."""
        return Text("" if task.total is None else f"{count(int(task.completed))}/{count(int(task.total))} files")


class _Rows(ProgressColumn):
    def render(self, task: Task) -> Text:
        """Rows a second, over the step up to the file done last."""
        seconds = task.fields["pace"].at - task.fields["began"]
        known = task.fields["rows"] and seconds >= _KNOWN_AFTER
        return Text(f"{count(round(task.fields['rows'] / seconds))} rows/s" if known else "")


class _Left(ProgressColumn):
    def __init__(self, clock: Callable[[], float]) -> None:
        super().__init__()
        self._now = clock

    def render(self, task: Task) -> Text:
        """What is left of the step, in minutes and seconds; nothing while that is not known."""
        left = task.fields["pace"].left(self._now())
        return Text("" if left is None else f"{int(left) // 60}:{int(left) % 60:02} left")


@dataclass
class Pace:
    """How fast a step goes: work done since its first file, so that a start-up does not count as work."""

    whole: float
    done: float = 0
    at: float = 0
    first_done: float = 0
    first_at: float = 0

    def tell(self, now: float, work: float) -> None:
        """A file is done that was so much work."""
        self.done += work
        self.at = now
        if not self.first_at:
            self.first_done, self.first_at = self.done, now

    def left(self, now: float) -> float | None:
        """Seconds that are left; None while nobody can say, and again once the time that was told is over."""
        took = self.at - self.first_at
        if took < _KNOWN_AFTER or self.done >= self.whole:
            return None
        left = took * (self.whole - self.done) / (self.done - self.first_done) - (now - self.at)
        return left if left >= 1 else None
