"""Progress on a terminal; silence when piped."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from pipelines.cli.shell import count, err, say_waiting, shell

if TYPE_CHECKING:
    from pipelines.flows.run import Listener, Progress

_NAMES = {
    "rows_in_file": "rows",
    "rows_loaded": "loaded",
    "rows_quarantined": "held back",
    "failed_rows": "at fault",
    "evaluated": "expectations",
}
_TOLD = ("files", "known", "refused", "rows_in_file", "rows", "rows_loaded", "models", "evaluated", "failed_rows")


def shows() -> bool:
    """Whether there is anybody to show progress to: colours may be forced on a pipe, progress may not."""
    return err().file.isatty() and not shell.json


@contextmanager
def counting(label: str) -> Iterator[Callable[[Any], None]]:
    """A spinner that counts what it is told; a function that does nothing when piped."""
    if not shows():
        yield _heeding(lambda _: None)
        return
    done = 0
    with err().status(f"{label} …") as spinner:

        def tell(_: Any) -> None:
            nonlocal done
            done += 1
            spinner.update(f"{label} … {count(done)}")

        yield _heeding(tell)


@contextmanager
def of_run() -> Iterator[Listener]:
    """The steps of a run as they go, one line for each that ended."""
    if not shows():
        yield _heeding(lambda event: say_waiting() if event.step == "waiting" else None)
        return
    from pipelines.cli.step_bars import Bars

    with Bars(err()) as bars:

        def tell(event: Progress) -> None:
            if event.step == "waiting":
                say_waiting()
            elif event.seconds is not None:
                bars.end(event)
                err().print(line_of(event.step, event.seconds, dict(event.counts)), markup=False)
            elif event.done is not None:
                bars.file(event)
            else:
                bars.begin(event)

        yield _heeding(tell)


def _heeding(tell: Callable[[Any], None]) -> Callable[[Any], None]:
    """Stop at the next word when Ctrl-C came and whatever was at work took it for a fault of its own."""

    def told(event: Any) -> None:
        if shell.interrupted:
            raise KeyboardInterrupt
        tell(event)

    return told


def line_of(step: str, seconds: float, counts: dict[str, int]) -> str:
    """One step in one line: name, seconds, counts, rows a second."""
    shown = [n for n in _TOLD if counts.get(n) and not (n == "rows" and counts.get("rows_in_file"))]
    parts = [f"{count(counts[n])} {_NAMES.get(n, n.replace('_', ' '))}" for n in shown]
    rows = counts.get("rows_in_file") or counts.get("rows") or 0
    if rows and seconds > 0:
        parts.append(f"{count(round(rows / seconds))} rows/s")
    return f"{step:<9} {seconds:6.1f} s  {', '.join(parts)}"
